/**
 * The whole program as a peer meets it: `hikyaku serve` in a process of its own, with settings, accounts, and hands to send, read and manage.
 *
 * It can be stopped and started again on the same ports and data.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ImapFlow, type ImapFlowOptions } from 'imapflow';
import { createTransport } from 'nodemailer';
import type SMTPTransport from 'nodemailer/lib/smtp-transport/index.js';
import { stringify } from 'smol-toml';
import { systemClock } from '../../src/base/clock.ts';
import { Control } from '../../src/cli/control.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { Mail } from './mail.ts';
import { eventually, freePort, newFolder, run, type Ran } from './programs.ts';

export const password = 'correct horse';
export const hostname = 'mail.hikyaku.example';
export const alice = 'alice@hikyaku.example';
export const bob = 'bob@hikyaku.example';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'bin/hikyaku.ts');
const kinds = [
  'mx',
  'submission',
  'submissions',
  'lmtp',
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'managesieve',
] as const;
export type Kind = (typeof kinds)[number];

type Table = Readonly<Record<string, unknown>>;

export interface WorldOptions {
  /** Sections of the settings file besides listeners. */
  readonly settings?: Readonly<Record<string, Table | readonly Table[]>>;
  /** Listeners besides one of each kind. */
  readonly listeners?: readonly Table[];
  readonly domains?: readonly string[];
  /** Besides alice and bob; all have `password`. */
  readonly accounts?: readonly (string | Table)[];
}

export class World implements AsyncDisposable {
  readonly folder: string;
  readonly #temporary: Disposable;
  readonly #ports: ReadonlyMap<string, number>;
  readonly #control: Control;
  #server: ChildProcess | undefined;
  #log = '';
  org = '';

  private constructor(temporary: Disposable & { path: string }, ports: ReadonlyMap<string, number>) {
    this.#temporary = temporary;
    this.folder = temporary.path;
    this.#ports = ports;
    this.#control = new Control(join(this.folder, 'data/control.sock'));
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const temporary = newFolder('interop');
    const ports = new Map<string, number>();
    for (const kind of kinds) ports.set(kind, await freePort());
    const world = new World(temporary, ports);
    try {
      await world.#makeCertificate();
      world.#writeSettings(options);
      await world.startServer();
      await world.#fill(options);
      return world;
    } catch (error) {
      await world[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #makeCertificate(): Promise<void> {
    const { chain, key } = await makeSelfSigned([hostname, 'localhost', '127.0.0.1'], systemClock);
    writeFileSync(this.certificate, chain);
    writeFileSync(this.#key, key, { mode: 0o600 });
  }

  #writeSettings({ settings = {}, listeners = [] }: WorldOptions): void {
    const own = kinds.map((kind) => ({ kind, host: '127.0.0.1', port: this.port(kind) }));
    const all = {
      hostname,
      data: join(this.folder, 'data'),
      threads: 1,
      listeners: [...own, ...listeners],
      tls: { certificates: [{ certificate: this.certificate, key: this.#key }] },
      ...settings,
    };
    writeFileSync(this.settingsPath, stringify(all));
  }

  async #fill({ domains = [], accounts = [] }: WorldOptions): Promise<void> {
    const org = (await this.api('POST', '/orgs', { name: 'Interop' })) as { id: string };
    this.org = org.id;
    for (const name of ['hikyaku.example', ...domains]) {
      await this.api('POST', `/orgs/${org.id}/domains`, { name, legacyLocalParts: true });
    }
    for (const account of [alice, bob, ...accounts]) {
      const fields = typeof account === 'string' ? { name: account } : account;
      await this.api('POST', `/orgs/${org.id}/accounts`, { password, ...fields });
    }
  }

  get settingsPath(): string {
    return join(this.folder, 'hikyaku.toml');
  }

  /** File of the certificate, which has signed itself, for peers that check it. */
  get certificate(): string {
    return join(this.folder, 'certificate.pem');
  }

  get #key(): string {
    return join(this.folder, 'key.pem');
  }

  /** What the server has logged. */
  get log(): string {
    return this.#log;
  }

  port(kind: Kind): number {
    return this.#ports.get(kind)!;
  }

  async startServer(): Promise<void> {
    const server = spawn(process.execPath, [program, '--config', this.settingsPath, 'serve'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#server = server;
    const from = this.#log.length;
    server.stderr.setEncoding('utf8').on('data', (text: string) => (this.#log += text));
    await eventually('the server is ready', () => {
      assert.equal(server.exitCode, null, `the server ended:\n${this.#log}`);
      return this.#log.includes('Hikyaku is ready', from);
    });
  }

  async stopServer(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined || server.exitCode !== null) return;
    const ended = new Promise((resolve) => server.once('exit', resolve));
    server.kill('SIGTERM');
    assert.equal(await ended, 0, `the server did not stop in order:\n${this.#log}`);
  }

  /** The admin API, over the control socket. */
  api(method: string, path: string, body?: unknown): Promise<unknown> {
    return this.#control.call(method, `/api/v1/admin${path}`, { body });
  }

  /** A new API key of an account. */
  async apiKey(account: string, scopes: readonly string[]): Promise<string> {
    const found = (await this.api('GET', `/orgs/${this.org}/accounts?q=${account}`)) as {
      items: { id: string; name: string }[];
    };
    const { id } = found.items.find(({ name }) => name === account)!;
    const made = await this.api('POST', `/orgs/${this.org}/api-keys`, { name: 'test', scopes, account: id });
    return (made as { key: string }).key;
  }

  /** The command line, on this server. */
  async cli(...args: readonly string[]): Promise<string> {
    const ran: Ran = await run(process.execPath, [program, '--config', this.settingsPath, ...args], {
      cwd: root,
    });
    return Buffer.from(ran.stdout, 'latin1').toString('utf8');
  }

  /** A mailer that has logged in with STARTTLS. */
  mailer(user = alice, more: SMTPTransport.Options = {}): ReturnType<typeof createTransport> {
    return createTransport({
      host: '127.0.0.1',
      port: this.port('submission'),
      requireTLS: true,
      tls: { ca: readFileSync(this.certificate) },
      auth: { user, pass: password },
      ...more,
    });
  }

  async reader(user: string, more: Partial<ImapFlowOptions> = {}): Promise<ImapFlow> {
    const reader = new ImapFlow({
      host: '127.0.0.1',
      port: this.port('imaps'),
      secure: true,
      tls: { ca: readFileSync(this.certificate) },
      auth: { user, pass: password },
      logger: false,
      ...more,
    });
    await reader.connect();
    return reader;
  }

  /** All mails of a mailbox. */
  async mails(user: string, mailbox = 'INBOX'): Promise<Mail[]> {
    const reader = await this.reader(user);
    try {
      return await mailsIn(reader, mailbox);
    } finally {
      await reader.logout();
    }
  }

  /** Waits for a mail with this text in its header or body. */
  async mail(user: string, has: string, mailbox = 'INBOX'): Promise<Mail> {
    const reader = await this.reader(user);
    try {
      return await eventually(
        `a mail with "${has}" in ${mailbox} of ${user}`,
        async () => (await mailsIn(reader, mailbox)).find((mail) => mail.raw.includes(has)),
        () => this.#state(),
      );
    } finally {
      await reader.logout();
    }
  }

  /** Waits until nothing is on its way. */
  async queueEmpty(): Promise<void> {
    await eventually(
      'the queue is empty',
      async () => (await this.#waiting()).length === 0,
      () => this.#state(),
    );
  }

  /** Waits until a recipient has been tried and waits, and gives what was said to it. */
  async deferred(recipient: string): Promise<string> {
    return eventually(
      `${recipient} is deferred`,
      async () => {
        const waiting = await this.#waiting();
        return waiting.find((entry) => entry.recipient === recipient && entry.tries > 0)?.last?.reply;
      },
      () => this.#state(),
    );
  }

  /** For whoever reads a failure. */
  async #state(): Promise<string> {
    return `${await this.cli('log', '-n', '40')}\n${await this.cli('queue', 'list')}\n${this.#log}`;
  }

  async #waiting(): Promise<readonly WaitingEntry[]> {
    const page = (await this.api('GET', '/queue/entries?limit=500')) as { items: WaitingEntry[] };
    return page.items;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.stopServer();
    } finally {
      this.#temporary[Symbol.dispose]();
    }
  }
}

interface WaitingEntry {
  readonly recipient: string;
  readonly tries: number;
  readonly last?: { readonly reply: string };
}

async function mailsIn(reader: ImapFlow, mailbox: string): Promise<Mail[]> {
  const box = await reader.mailboxOpen(mailbox);
  if (box.exists === 0) return [];
  const found = await reader.fetchAll('1:*', { uid: true, source: true, flags: true });
  return found.map(({ source }) => new Mail(source!));
}
