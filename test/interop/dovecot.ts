/**
 * Dovecot as a peer: an instance of its own in a temporary folder, IMAP, POP3 and LMTP on loopback, one Maildir for each user. The user `full` has no room.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { ImapFlow } from 'imapflow';
import { systemClock } from '../../src/base/clock.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { Mail } from './mail.ts';
import { eventually, freePort, newFolder, run, userId } from './programs.ts';
import { password } from './world.ts';

/** How names of mailboxes are made. */
export interface Personal {
  readonly separator: string;
  readonly prefix: string;
}

export class Dovecot implements AsyncDisposable {
  readonly #folder: Disposable & { readonly path: string };
  readonly lmtpPort: number;
  readonly imapPort: number;
  readonly pop3Port: number;
  readonly #personal: Personal;
  #server: ChildProcess | undefined;

  private constructor(
    folder: Disposable & { readonly path: string },
    ports: readonly number[],
    personal: Personal,
  ) {
    this.#folder = folder;
    [this.lmtpPort, this.imapPort, this.pop3Port] = ports as [number, number, number];
    this.#personal = personal;
  }

  /** Users as local parts of `dovecot.example`. */
  static async start(
    users: readonly string[],
    personal: Personal = { separator: '/', prefix: '' },
  ): Promise<Dovecot> {
    const ports = [await freePort(), await freePort(), await freePort()];
    const dovecot = new Dovecot(newFolder('dovecot'), ports, personal);
    try {
      await dovecot.#configure(users);
      await dovecot.#startServer();
      return dovecot;
    } catch (error) {
      await dovecot[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #configure(users: readonly string[]): Promise<void> {
    const { uid, gid } = userId('nobody');
    for (const name of ['run', 'state', 'mail']) mkdirSync(this.#path(name));
    chownSync(this.#path('mail'), uid, gid);
    const { chain, key } = await makeSelfSigned(['localhost'], systemClock);
    writeFileSync(this.#path('tls.crt'), chain);
    writeFileSync(this.#path('tls.key'), key, { mode: 0o600 });
    const lines = users.map((user) => {
      const quota = user === 'full' ? ' userdb_quota_rule=*:bytes=100' : '';
      return `${user}@dovecot.example:{PLAIN}${password}:${uid}:${gid}::${this.#path('mail', user)}::${quota}\n`;
    });
    writeFileSync(this.#path('users'), lines.join(''), { mode: 0o644 });
    writeFileSync(this.#path('dovecot.conf'), this.#settings());
  }

  #settings(): string {
    return `
base_dir = ${this.#path('run')}
state_dir = ${this.#path('state')}
instance_name = interop-${this.imapPort}
log_path = ${this.#path('log')}
protocols = imap lmtp pop3
listen = 127.0.0.1
hostname = mx.dovecot.example
postmaster_address = postmaster@dovecot.example
ssl = yes
ssl_cert = <${this.#path('tls.crt')}
ssl_key = <${this.#path('tls.key')}
disable_plaintext_auth = no
auth_mechanisms = plain login
first_valid_uid = 1
mail_location = maildir:~/Maildir
mail_plugins = quota
lmtp_rcpt_check_quota = no
plugin {
  quota = count:User
  quota_vsizes = yes
  quota_grace = 0
}
passdb {
  driver = passwd-file
  args = ${this.#path('users')}
}
userdb {
  driver = passwd-file
  args = ${this.#path('users')}
}
namespace inbox {
  inbox = yes
  separator = ${this.#personal.separator}
  prefix = ${this.#personal.prefix}
${['Archive', 'Drafts', 'Junk', 'Sent', 'Trash'].map((name) => `  mailbox ${name} {\n    auto = create\n    special_use = \\${name}\n  }\n`).join('')}}
service imap-login {
  inet_listener imap {
    port = ${this.imapPort}
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${this.pop3Port}
  }
  inet_listener pop3s {
    port = 0
  }
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${this.lmtpPort}
  }
}
protocol imap {
  mail_max_userip_connections = 100
}
`;
  }

  async #startServer(): Promise<void> {
    const server = spawn('/usr/sbin/dovecot', ['-F', '-c', this.#path('dovecot.conf')], { stdio: 'ignore' });
    this.#server = server;
    await eventually('Dovecot listens', async () => {
      assert.equal(server.exitCode, null, `Dovecot ended:\n${this.log}`);
      return (await listens(this.imapPort)) && (await listens(this.lmtpPort));
    });
  }

  #path(...names: readonly string[]): string {
    return join(this.#folder.path, ...names);
  }

  get log(): string {
    return existsSync(this.#path('log')) ? readFileSync(this.#path('log'), 'utf8') : '';
  }

  /** The Maildir of a user. */
  maildir(user: string): string {
    return this.#path('mail', user, 'Maildir');
  }

  /** Gives a folder with all in it to the user that Dovecot runs as. */
  own(folder: string): void {
    const { uid, gid } = userId('nobody');
    for (const name of ['', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })])
      chownSync(join(folder, name), uid, gid);
  }

  /** The files of a user's INBOX. */
  mails(user: string): Mail[] {
    return ['new', 'cur'].flatMap((name) => {
      const folder = this.#path('mail', user, 'Maildir', name);
      if (!existsSync(folder)) return [];
      const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'latin1'));
      return texts.map((text) => new Mail(Buffer.from(text.replace(/\r?\n/g, '\r\n'), 'latin1')));
    });
  }

  async mail(user: string, has: string): Promise<Mail> {
    return eventually(
      `a mail with "${has}" at Dovecot for ${user}`,
      () => this.mails(user).find((mail) => mail.raw.includes(has)),
      () => this.log,
    );
  }

  async reader(user: string): Promise<ImapFlow> {
    const reader = new ImapFlow({
      host: '127.0.0.1',
      port: this.imapPort,
      secure: false,
      tls: { rejectUnauthorized: false },
      auth: { user: `${user}@dovecot.example`, pass: password },
      logger: false,
    });
    await reader.connect();
    return reader;
  }

  /** `options` are settings for this run only. */
  async doveadm(args: readonly string[], options: Readonly<Record<string, string>> = {}): Promise<string> {
    const settings = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
    return (await run('doveadm', ['-c', this.#path('dovecot.conf'), ...settings, ...args])).said;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const server = this.#server;
    if (server !== undefined && server.exitCode === null && server.signalCode === null) {
      const ended = new Promise((resolve) => server.once('exit', resolve));
      server.kill('SIGTERM');
      await ended;
    }
    this.#folder[Symbol.dispose]();
  }
}

function listens(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(false)).once('connect', () => resolve(true));
    socket.once('connect', () => socket.destroy());
  });
}
