/**
 * Postfix as a peer: an instance of its own in a temporary folder, on two loopback addresses with one port. On the second it knows no extension at
 * all, as a server of the nineties.
 *
 * It takes mail for its domains into one Maildir, forwards what `aliases` says, and sends mail for other domains where `transports` says.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../../src/base/clock.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { Mail } from './mail.ts';
import { eventually, freePort, newFolder, run, userId, type Ran } from './programs.ts';

/** Not the addresses of our own server, which takes an MX record that leads to itself for a loop. */
export const address = '127.0.0.3';
/** Where the server without extensions listens. */
export const oldAddress = '127.0.0.4';
const oldKnowsNot = 'chunking,dsn,8bitmime,smtputf8,pipelining,starttls,size,enhancedstatuscodes,vrfy,etrn';

export interface PostfixOptions {
  /** Mail for them goes into the Maildir, save for `nobody@`. */
  readonly domains: readonly string[];
  /** Address to address. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Domain to transport, as `smtp:[127.0.0.1]:2525`. */
  readonly transports?: Readonly<Record<string, string>>;
  /** Further settings of main.cf. */
  readonly settings?: Readonly<Record<string, string>>;
}

export class Postfix implements AsyncDisposable {
  readonly #folder: Disposable & { readonly path: string };
  readonly port: number;
  #starter: ChildProcess | undefined;

  private constructor(folder: Disposable & { readonly path: string }, port: number) {
    this.#folder = folder;
    this.port = port;
  }

  static async start(options: PostfixOptions, port?: number): Promise<Postfix> {
    const postfix = new Postfix(newFolder('postfix'), port ?? (await freePort()));
    try {
      await postfix.#configure(options);
      await postfix.startServer();
      return postfix;
    } catch (error) {
      await postfix[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #configure(options: PostfixOptions): Promise<void> {
    const user = userId('postfix');
    for (const name of ['etc', 'spool', 'state', 'mail']) mkdirSync(this.#path(name));
    for (const name of ['state', 'mail']) chownSync(this.#path(name), user.uid, user.gid);
    for (const name of ['postfix-files', 'dynamicmaps.cf', 'postfix-script', 'post-install']) {
      const shared = join('/etc/postfix', name);
      if (existsSync(shared)) cpSync(shared, this.#path('etc', name), { recursive: true });
    }
    const { chain, key } = await makeSelfSigned(['mx.postfix.example', 'localhost'], systemClock);
    writeFileSync(this.#path('etc/tls.pem'), `${key}\n${chain}`, { mode: 0o600 });
    writeFileSync(this.#path('etc/mailboxes'), 'if !/^nobody@/\n/./ all/\nendif\n');
    writeFileSync(
      this.#path('etc/main.cf'),
      lines({ ...this.#settings(options, user), ...options.settings }),
    );
    writeFileSync(this.#path('etc/master.cf'), masterFile(this.port));
  }

  #settings(
    { domains, aliases = {}, transports = {} }: PostfixOptions,
    user: { uid: number; gid: number },
  ): Record<string, string> {
    const map = (entries: Readonly<Record<string, string>>): string =>
      `inline:{${Object.entries(entries)
        .map(([key, value]) => `{${key}=${value}}`)
        .join(' ')}}`;
    return {
      compatibility_level: '3.6',
      queue_directory: this.#path('spool'),
      data_directory: this.#path('state'),
      maillog_file: this.#path('log'),
      maillog_file_prefixes: this.#folder.path,
      myhostname: 'mx.postfix.example',
      mydestination: '',
      mynetworks: '127.0.0.9/32',
      inet_interfaces: '127.0.0.1',
      inet_protocols: 'ipv4',
      alias_maps: '',
      alias_database: '',
      relayhost: '',
      virtual_mailbox_domains: domains.join(' '),
      virtual_mailbox_base: this.#path('mail'),
      virtual_mailbox_maps: `regexp:${this.#path('etc/mailboxes')}`,
      virtual_minimum_uid: '1',
      virtual_uid_maps: `static:${user.uid}`,
      virtual_gid_maps: `static:${user.gid}`,
      virtual_destination_recipient_limit: '1',
      ...(Object.keys(aliases).length === 0 ? {} : { virtual_alias_maps: map(aliases) }),
      ...(Object.keys(transports).length === 0 ? {} : { transport_maps: map(transports) }),
      smtputf8_enable: 'yes',
      message_size_limit: '60000000',
      virtual_mailbox_limit: '0',
      mailbox_size_limit: '0',
      smtpd_tls_security_level: 'may',
      smtpd_tls_chain_files: this.#path('etc/tls.pem'),
      smtpd_tls_loglevel: '1',
      smtpd_tls_received_header: 'yes',
      smtp_tls_loglevel: '1',
      smtpd_client_connection_rate_limit: '0',
      in_flow_delay: '0',
      minimal_backoff_time: '1000s',
      queue_run_delay: '1000s',
    };
  }

  #path(...names: readonly string[]): string {
    return join(this.#folder.path, ...names);
  }

  async startServer(): Promise<void> {
    const from = this.log.length;
    const starter = spawn('/usr/sbin/postfix', ['-c', this.#path('etc'), 'start-fg'], { stdio: 'ignore' });
    await eventually('Postfix has started', () => {
      assert.equal(starter.exitCode, null, `Postfix ended:\n${this.log}`);
      return /daemon started/.test(this.log.slice(from));
    });
    this.#starter = starter;
  }

  /** Ends master and all it has started: they are a process group. */
  async stopServer(): Promise<void> {
    const starter = this.#starter;
    this.#starter = undefined;
    if (starter === undefined) return;
    const master = Number(readFileSync(this.#path('spool/pid/master.pid'), 'latin1'));
    process.kill(-master, 'SIGTERM');
    await eventually('Postfix has stopped', () => starter.exitCode !== null && !groupLives(master));
  }

  get log(): string {
    const path = this.#path('log');
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  }

  /** Waits for a line of the log. */
  async logged(pattern: RegExp): Promise<RegExpExecArray> {
    return eventually(
      `Postfix logs ${pattern}`,
      () => pattern.exec(this.log) ?? undefined,
      () => this.log,
    );
  }

  /** What was delivered to an address. */
  mails(address: string): Mail[] {
    const folder = this.#path('mail/all/new');
    if (!existsSync(folder)) return [];
    return readdirSync(folder)
      .map((name) => new Mail(Buffer.from(crlf(readFileSync(join(folder, name), 'latin1')), 'latin1')))
      .filter((mail) => mail.field('delivered-to') === address);
  }

  async mail(address: string, has: string): Promise<Mail> {
    return eventually(
      `a mail with "${has}" at Postfix for ${address}`,
      () => this.mails(address).find((mail) => mail.raw.includes(has)),
      () => this.log,
    );
  }

  /** Postfix' own sendmail: hands in a mail with LF line ends. */
  sendmail(args: readonly string[], raw: Buffer): Promise<Ran> {
    const input = Buffer.from(raw.toString('latin1').replaceAll('\r\n', '\n'), 'latin1');
    return run('sendmail', ['-C', this.#path('etc'), '-i', ...args], { input });
  }

  /** What waits, with the reason. */
  async queue(): Promise<string> {
    return (await run('postqueue', ['-c', this.#path('etc'), '-p'])).stdout;
  }

  /** Tries all that waits now. */
  async flush(): Promise<void> {
    await run('postqueue', ['-c', this.#path('etc'), '-f']);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stopServer();
    this.#folder[Symbol.dispose]();
  }
}

function groupLives(leader: number): boolean {
  try {
    return process.kill(-leader, 0);
  } catch {
    return false;
  }
}

const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
const lines = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name} = ${value}\n`)
    .join('');

function masterFile(port: number): string {
  const rows = [
    `${address}:${port} inet n - n - - smtpd`,
    `${oldAddress}:${port} inet n - n - - smtpd -o smtpd_discard_ehlo_keywords=${oldKnowsNot}`,
    'pickup unix n - n 60 1 pickup',
    'cleanup unix n - n - 0 cleanup',
    'qmgr unix n - n 300 1 qmgr',
    'tlsmgr unix - - n 1000? 1 tlsmgr',
    'rewrite unix - - n - - trivial-rewrite',
    'bounce unix - - n - 0 bounce',
    'defer unix - - n - 0 bounce',
    'trace unix - - n - 0 bounce',
    'flush unix n - n 1000? 0 flush',
    'proxymap unix - - n - - proxymap',
    'smtp unix - - n - - smtp',
    'relay unix - - n - - smtp',
    'showq unix n - n - - showq',
    'error unix - - n - - error',
    'retry unix - - n - - error',
    'discard unix - - n - - discard',
    'virtual unix - n n - - virtual',
    'anvil unix - - n - 1 anvil',
    'scache unix - - n - 1 scache',
    'postlog unix-dgram n - n - 1 postlogd',
  ];
  return `${rows.join('\n')}\n`;
}
