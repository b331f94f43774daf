/** Load tools of Debian's postfix package: smtp-source sends, smtp-sink takes and counts. Both speak plain SMTP on loopback. */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

const sbin = ['/usr/sbin', '/usr/lib/postfix/sbin', '/usr/local/sbin'];
const find = (name: string): string =>
  sbin.map((folder) => `${folder}/${name}`).find((path) => existsSync(path)) ?? name;

export const haveLoadTools = (): boolean => existsSync(find('smtp-source')) && existsSync(find('smtp-sink'));

/** Counts mails as they come. */
export class Sink implements AsyncDisposable {
  readonly port: number;
  readonly #process: ChildProcess;
  #count = 0;
  #lastAtMs = 0;

  private constructor(port: number) {
    this.port = port;
    const args = [
      '-c',
      '-m',
      '2000',
      ...(process.getuid!() === 0 ? ['-u', 'nobody'] : []),
      `127.0.0.1:${port}`,
      '2048',
    ];
    this.#process = spawn(find('smtp-sink'), args, { stdio: ['ignore', 'pipe', 'ignore'] });
    this.#process.stdout!.setEncoding('latin1').on('data', (text: string) => {
      const last = text.lastIndexOf('mesg=');
      if (last === -1) return;
      const count = Number(/mesg=(\d+)/.exec(text.slice(last))?.[1] ?? 0);
      if (count > this.#count) this.#lastAtMs = performance.now();
      this.#count = Math.max(this.#count, count);
    });
  }

  static async start(port: number): Promise<Sink> {
    const sink = new Sink(port);
    await listening(port);
    return sink;
  }

  get pid(): number {
    return this.#process.pid!;
  }
  get count(): number {
    return this.#count;
  }
  /** When the latest mail came, by `performance.now()`. */
  get lastAtMs(): number {
    return this.#lastAtMs;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.kill();
    await gone;
  }
}

export interface Sending {
  readonly port: number;
  readonly count: number;
  readonly sizeBytes: number;
  readonly sessions: number;
  /** Many mails over each connection, or one. */
  readonly kept: boolean;
  readonly to?: string;
  /** Speaks LMTP, and to this one recipient alone. */
  readonly lmtp?: boolean;
}

/** Resolves when all is sent. Rejects with what smtp-source complained of. */
export async function send({
  port,
  count,
  sizeBytes,
  sessions,
  kept,
  to = 'foo@example.test',
  lmtp = false,
}: Sending): Promise<void> {
  const args = [
    '-s',
    `${sessions}`,
    '-m',
    `${count}`,
    '-l',
    `${sizeBytes}`,
    '-f',
    'sender@example.org',
    '-t',
    to,
    '-M',
    'client.example.org',
    '-C',
    '20',
    // A number in front of each recipient, or LMTP.
    lmtp ? '-L' : '-N',
    ...(kept ? ['-d'] : []),
    `127.0.0.1:${port}`,
  ];
  const child = spawn(find('smtp-source'), args, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-500);
  });
  const code = await new Promise((resolve) => child.once('exit', resolve));
  if (code !== 0) throw new Error(`smtp-source: ${said.trim() || `exit ${String(code)}`}`);
}

/** Throws when something listens there already. */
export async function mustBeFree(port: number): Promise<void> {
  if (await accepts(port))
    throw new Error(`port ${port} is taken: is another benchmark running, or left over?`);
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });

/** Resolves when something accepts connections there. */
export async function listening(port: number, withinMs = 30_000): Promise<void> {
  for (const end = performance.now() + withinMs; performance.now() < end; await wait(50)) {
    if (await accepts(port)) return;
  }
  throw new Error(`nothing listens on port ${port}`);
}

export const commandExists = (name: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${name}`]).status === 0 || existsSync(find(name));
