/** A whole way for mail to accounts with scripts: store, directory, queue and delivery, and a server elsewhere that takes what is sent on. */
import { systemClock } from '../../base/clock.ts';
import type { AccountId } from '../../base/ids.ts';
import { silentLog } from '../../base/log.ts';
import { noMetrics } from '../../base/metrics.ts';
import { systemActor } from '../../directory/actor.ts';
import { migrations as directoryMigrations } from '../../directory/migrations.ts';
import { operations as directoryOperations } from '../../directory/operations.ts';
import { openTestDirectory, type TestDirectory } from '../../directory/testing.ts';
import { migrations as eventMigrations } from '../../events/migrations.ts';
import { Mailboxes } from '../../mailbox/mailboxes.ts';
import { migrations as mailboxMigrations } from '../../mailbox/migrations.ts';
import { operations as mailboxOperations } from '../../mailbox/operations.ts';
import type { QueuedMessage, QueuedRecipient } from '../../queue/message.ts';
import { migrations as queueMigrations } from '../../queue/migrations.ts';
import type { Queue } from '../../queue/queue.ts';
import { operations as queueOperations } from '../../queue/operations.ts';
import { testQueue, testSubmission } from '../../queue/testing.ts';
import { ScriptLibrary } from '../../sieve/library.ts';
import { migrations as sieveMigrations } from '../../sieve/migrations.ts';
import { operations as sieveOperations } from '../../sieve/operations.ts';
import { ScriptRunner } from '../../sieve/runner.ts';
import { ownerKey, type ScriptOwner, type Stage } from '../../sieve/script.ts';
import { Scripts } from '../../sieve/scripts.ts';
import { Workshop } from '../../sieve/workshop.ts';
import { type AnyOperation, operation } from '../../store/operation.ts';
import { openTestStore, type TestStore } from '../../store/testing.ts';
import { rows, type Transaction } from '../../store/transaction.ts';
import { Deliverer } from '../deliverer.ts';
import { migrations as deliveryMigrations } from '../migrations.ts';
import { operations as deliveryOperations } from '../operations.ts';
import { ScriptDesk } from '../script-desk.ts';
import { testOptions, testResolver, testServer, type TestServer } from '../testing.ts';

/** A script as an older program took it. */
const putUnchecked = operation(
  'test.putUnchecked',
  function* (args: { owner: string; source: string }): Transaction<void> {
    yield* rows('update sieve_script set source = ? where owner = ?', Buffer.from(args.source), args.owner);
  },
);

const everyOperation: readonly AnyOperation[] = [
  ...directoryOperations,
  ...mailboxOperations,
  ...queueOperations,
  ...sieveOperations,
  ...deliveryOperations,
  putUnchecked,
];

export interface Sent {
  readonly from?: string;
  readonly to?: string;
  readonly text?: string;
  readonly message?: Partial<QueuedMessage>;
  readonly recipient?: Partial<QueuedRecipient>;
}

export const plainText =
  'From: Bob <bob@there.test>\nTo: alice@here.test\nSubject: Hello\nMessage-ID: <1@there.test>\n\nHi Alice.\n';

export class ScriptWorld implements AsyncDisposable {
  readonly store: TestStore;
  readonly t: TestDirectory;
  readonly scripts: Scripts;
  readonly mailboxes: Mailboxes;
  readonly deliverer: Deliverer;
  readonly desk: ScriptDesk;
  readonly accounts: Readonly<Record<string, AccountId>>;
  readonly elsewhere: TestServer;
  readonly #library: ScriptLibrary;
  readonly #workshop: Workshop;
  readonly #queue: Queue;

  private constructor(given: {
    store: TestStore;
    t: TestDirectory;
    accounts: Record<string, AccountId>;
    elsewhere: TestServer;
  }) {
    const { store, t } = given;
    this.store = store;
    this.t = t;
    this.accounts = given.accounts;
    this.elsewhere = given.elsewhere;
    const shared = { store, clock: systemClock, log: silentLog, metrics: noMetrics };
    this.#workshop = new Workshop(shared);
    this.scripts = new Scripts({ ...shared, workshop: this.#workshop });
    this.mailboxes = new Mailboxes(shared);
    this.#library = new ScriptLibrary(shared);
    const { directory } = t;
    const runner = new ScriptRunner(this.#workshop);
    this.desk = new ScriptDesk({
      ...shared,
      directory,
      mailboxes: this.mailboxes,
      library: this.#library,
      runner,
      hostname: 'mail.here.test',
    });
    this.deliverer = new Deliverer({
      ...shared,
      directory,
      scripts: {
        library: this.#library,
        runner,
        mailboxes: this.mailboxes,
        directory,
      },
      resolver: testResolver([
        { name: 'there.test', type: 'MX', data: '10 mx.there.test' },
        { name: 'mx.there.test', type: 'A', data: '127.0.0.1' },
      ]),
      options: testOptions({ smtpPort: given.elsewhere.port }),
    });
    this.#queue = testQueue({
      ...shared,
      deliver: (attempt) => this.deliverer.deliver(attempt),
      route: (destination) => this.deliverer.route(destination),
      notice: (request) => this.deliverer.notice(request),
    });
  }

  /** Accounts `alice`, `bob` and `carol` at here.test, the alias `info` of alice, the group `team` of alice and bob. */
  static async open(extensions?: readonly string[]): Promise<ScriptWorld> {
    const store = await openTestStore({
      migrations: [
        ...eventMigrations,
        ...directoryMigrations,
        ...mailboxMigrations,
        ...queueMigrations,
        ...sieveMigrations,
        ...deliveryMigrations,
      ],
      operations: everyOperation,
    });
    const t = await openTestDirectory(store);
    const { accounts: office, routes } = t.office;
    const accounts: Record<string, AccountId> = {};
    for (const name of ['alice', 'bob', 'carol']) {
      const made = await office.create(systemActor, t.org.id, {
        name: `${name}@here.test`,
        displayName: name,
      });
      accounts[name] = made.id;
    }
    const info = { org: t.org.id, kind: 'alias', address: 'info@here.test' } as const;
    await routes.create(systemActor, info, { targets: ['alice@here.test'] });
    const team = { org: t.org.id, kind: 'group', address: 'team@here.test' } as const;
    await routes.create(systemActor, team, { targets: ['alice@here.test', 'bob@here.test'] });
    const world = new ScriptWorld({
      store,
      t,
      accounts,
      elsewhere: await testServer(extensions && { extensions }),
    });
    await world.#queue.start();
    return world;
  }

  /** The active script of an account. */
  async script(name: string, source: string): Promise<void> {
    await this.staged({ is: 'account', id: this.accounts[name]! }, 'main', { source, stage: 'active' });
  }

  /** The active script of an account is one that cannot be compiled any more. */
  async outdated(name: string, source: string): Promise<void> {
    await this.script(name, 'keep;');
    const owner = ownerKey({ is: 'account', id: this.accounts[name]! });
    await this.store.write(putUnchecked, { owner, source });
    this.#library.forget();
  }

  async staged(
    owner: ScriptOwner,
    name: string,
    { source, stage }: { source: string; stage: Exclude<Stage, ''> },
  ): Promise<void> {
    await this.scripts.put(owner, name, Buffer.from(source));
    await this.scripts.stage(owner, name, stage);
    this.#library.forget();
  }

  /** Puts a mail into the queue, and waits until nothing is in it any more. */
  async deliver(sent: Sent = {}): Promise<void> {
    const { from = 'bob@there.test', to = 'alice@here.test', text = plainText } = sent;
    const body = Buffer.from(text.replaceAll(/\r?\n/g, '\r\n'));
    const { message, recipients } = testSubmission(
      systemClock,
      [to],
      { sender: from, sizeBytes: body.length, ...sent.message },
      { destination: to.endsWith('@here.test') ? 'local' : 'there.test', ...sent.recipient },
    );
    await this.#queue.accept({ message, recipients, body: { is: 'inline', bytes: body } }, []);
    await this.#empty();
  }

  async #empty(): Promise<void> {
    const left = async (): Promise<number> =>
      (await this.store.read(() => rows<{ n: number }>('select count(*) as n from queue_message')))[0]!.n;
    for (let i = 0; i < 1000 && (await left()) > 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    if ((await left()) > 0) throw new Error('mail is still in the queue');
  }

  /** The mailboxes of an account that have mail, with the subjects and flags in them. */
  async mail(name: string): Promise<Record<string, string[]>> {
    const account = this.accounts[name]!;
    const found: Record<string, string[]> = {};
    for (const { id, name: mailbox, total } of await this.mailboxes.list(account)) {
      if (total === 0) continue;
      using session = await this.mailboxes.open(account, id);
      const emails = Array.from({ length: session.count }, (_, i) => session.view.emailAt(i));
      const details = await this.mailboxes.details(account, emails);
      found[mailbox] = emails.map((email) => details.get(email)!.index.envelope.subject ?? '');
    }
    return found;
  }

  /** The bytes of the first message of a mailbox. */
  async text(name: string, mailbox: string): Promise<string> {
    const account = this.accounts[name]!;
    const found = (await this.mailboxes.find(account, mailbox))!;
    using session = await this.mailboxes.open(account, found.id);
    const body = await this.mailboxes.body(account, session.view.emailAt(0));
    return Buffer.from(await this.mailboxes.read(body!)).toString('utf8');
  }

  /** What was told of filters: `action detail`. */
  async told(): Promise<string[]> {
    const found = await this.store.read(() =>
      rows<{ data: string }>("select data from outbox where kind = 'filtered' order by seq"),
    );
    return found.map(({ data }) => {
      const { action, detail } = JSON.parse(data) as { action: string; detail: string };
      return `${action} ${detail}`.trim();
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.stop();
    await this.deliverer.stop();
    this.#library[Symbol.dispose]();
    await this.#workshop[Symbol.asyncDispose]();
    this.mailboxes[Symbol.dispose]();
    await this.elsewhere[Symbol.asyncDispose]();
    await this.t[Symbol.asyncDispose]();
  }
}
