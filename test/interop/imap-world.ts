/** A whole IMAP server for tests: a store, a directory with alice and bob, mailboxes, and connections to it with and without a network. */
import { duplexPair, type Duplex } from 'node:stream';
import { systemClock, type Clock } from '../../src/base/clock.ts';
import type { AccountId } from '../../src/base/ids.ts';
import { silentLog, type Log } from '../../src/base/log.ts';
import { noMetrics } from '../../src/base/metrics.ts';
import { systemActor } from '../../src/directory/actor.ts';
import { Administration } from '../../src/directory/administration.ts';
import { Directory } from '../../src/directory/directory.ts';
import { migrations as directoryMigrations } from '../../src/directory/migrations.ts';
import { operations as directoryOperations } from '../../src/directory/operations.ts';
import { migrations as eventMigrations } from '../../src/events/migrations.ts';
import { defaultOptions, type ImapOptions } from '../../src/imapd/options.ts';
import { ImapServer } from '../../src/imapd/server.ts';
import type { TranscriptKeeper } from '../../src/imapd/transcript.ts';
import { Mailboxes } from '../../src/mailbox/mailboxes.ts';
import { migrations as mailboxMigrations } from '../../src/mailbox/migrations.ts';
import { operations as mailboxOperations } from '../../src/mailbox/operations.ts';
import { Connection } from '../../src/net/connection.ts';
import { listen, type Listener } from '../../src/net/listener.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { TlsContexts } from '../../src/net/tls-contexts.ts';
import type { AnyOperation } from '../../src/store/operation.ts';
import type { Migration, Store } from '../../src/store/store.ts';
import { openTestStore } from '../../src/store/testing.ts';
import { converse } from '../converse.ts';

export const password = 'correct horse';

export interface WorldOptions {
  readonly options?: Partial<ImapOptions>;
  readonly clock?: Clock;
  readonly log?: Log;
  readonly tls?: boolean;
  readonly transcripts?: TranscriptKeeper;
  /** Another engine than the store for tests. */
  readonly openStore?: (parts: {
    readonly migrations: readonly Migration[];
    readonly operations: readonly AnyOperation[];
  }) => Promise<Store>;
}

export class ImapWorld implements AsyncDisposable {
  readonly store: Store;
  readonly directory: Directory;
  readonly mailboxes: Mailboxes;
  readonly server: ImapServer;
  readonly accounts: ReadonlyMap<string, AccountId>;
  readonly tls: TlsContexts | undefined;
  readonly clock: Clock;
  readonly #listeners: Listener[] = [];
  readonly #clients: Duplex[] = [];

  constructor(parts: {
    store: Store;
    directory: Directory;
    accounts: ReadonlyMap<string, AccountId>;
    tls: TlsContexts | undefined;
    how: WorldOptions;
  }) {
    const { store, directory, accounts, tls, how } = parts;
    const clock = how.clock ?? systemClock;
    const log = how.log ?? silentLog;
    this.clock = clock;
    this.store = store;
    this.directory = directory;
    this.accounts = accounts;
    this.tls = tls;
    this.mailboxes = new Mailboxes({ store, clock, log, metrics: noMetrics });
    this.server = new ImapServer({
      directory,
      mailboxes: this.mailboxes,
      clock,
      log,
      metrics: noMetrics,
      tls,
      ...(how.transcripts === undefined ? {} : { transcripts: how.transcripts }),
      options: { ...defaultOptions, hostname: 'imap.here.test', plaintextLogin: true, ...how.options },
    });
  }

  /** A client's end of a connection without a network. */
  connect(): Duplex {
    const [client, far] = duplexPair();
    this.#clients.push(client);
    const peer = { ip: '192.0.2.9', port: 40_000 };
    this.server.serve(
      new Connection(far, { clock: this.clock, peer, local: { ip: '192.0.2.1', port: 143 } }),
    );
    return client;
  }

  /** Connections of one account, logged in, by name: for `converse`. */
  async sessions(account: string, ...names: readonly string[]): Promise<Record<string, Duplex>> {
    const clients = Object.fromEntries(names.map((name) => [name, this.connect()]));
    for (const client of Object.values(clients)) {
      await converse(client, `\nS: * OK ...\nC: . LOGIN ${account}@here.test "${password}"\nS: . OK ...`);
    }
    return clients;
  }

  /** The port of a new listener on the loopback address. */
  async listen(how: { implicitTls?: boolean } = {}): Promise<number> {
    const tls = how.implicitTls === true && this.tls !== undefined ? { tls: this.tls } : {};
    const options = { host: '127.0.0.1', port: 0, clock: this.clock, ...tls };
    const listener = await listen(options, (connection) => this.server.serve(connection));
    this.#listeners.push(listener);
    return listener.address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const listener of this.#listeners) await listener.close();
    for (const client of this.#clients) client.resume().end();
    await this.server.stop();
    this.mailboxes[Symbol.dispose]();
    this.directory[Symbol.dispose]();
    await this.store[Symbol.asyncDispose]();
  }
}

/** With the accounts alice@here.test and bob@here.test, both with `password`. */
export async function openImapWorld(how: WorldOptions = {}): Promise<ImapWorld> {
  const store = await (how.openStore ?? openTestStore)({
    migrations: [...eventMigrations, ...directoryMigrations, ...mailboxMigrations],
    operations: [...directoryOperations, ...mailboxOperations],
  });
  const clock = how.clock ?? systemClock;
  const directory = new Directory({ store, clock, log: silentLog, metrics: noMetrics });
  const office = new Administration({ store, clock, directory });
  const org = await office.orgs.create(systemActor, { name: 'Here' });
  await office.domains.create(systemActor, org.id, { name: 'here.test' });
  const accounts = new Map<string, AccountId>();
  for (const name of ['alice', 'bob']) {
    const account = await office.accounts.create(systemActor, org.id, {
      name: `${name}@here.test`,
      password,
    });
    accounts.set(name, account.id);
  }
  const names = ['localhost', 'imap.here.test', '127.0.0.1'];
  const tls =
    how.tls === true
      ? new TlsContexts({ certificates: [await makeSelfSigned(names, systemClock)] })
      : undefined;
  return new ImapWorld({ store, directory, accounts, tls, how });
}
