/** Programs of the system as peers: whether they are here, how they are run, folders and ports for them. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

/** How long a program may run, and how long something may take to come true. */
const patienceMs = 30_000;
const lookEveryMs = 50;
/** Below the ports that the kernel gives to outgoing connections, so that a server that was stopped finds its port free again. */
const portMin = 10_000;
const portMax = 32_000;
const given = new Set<number>();

/** The options of a test that needs these programs: it is skipped, with a word why, where one is missing. */
export function needing(...programs: readonly string[]): { skip?: string; timeout: number } {
  const missing = programs.filter((program) => pathOf(program) === undefined);
  const timeout = 120_000;
  return missing.length === 0
    ? { timeout }
    : { timeout, skip: `not installed: ${missing.join(', ')} (npm test as root installs it on Debian)` };
}

/** The same for peers that only root can start. */
export function needingRoot(...programs: readonly string[]): { skip?: string; timeout: number } {
  const options = needing(...programs);
  if (options.skip !== undefined || process.getuid?.() === 0) return options;
  return { ...options, skip: `${programs[0]} can be started by root only` };
}

function pathOf(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/lib/dovecot'];
  return folders.map((folder) => join(folder, program)).find((path) => existsSync(path));
}

export interface RunOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** What the program may end with; 0 unless told. */
  readonly mayEndWith?: readonly number[];
}

export interface Ran {
  readonly code: number;
  /** As octets, one character each: what mail is made of. */
  readonly stdout: string;
  readonly stderr: string;
  /** Both, as they came. */
  readonly said: string;
}

/** Runs a program to its end. Rejects, with all it said, when it ends otherwise than it may. */
export async function run(program: string, args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const { input, env = {}, cwd, mayEndWith = [0] } = options;
  const child = spawn(pathOf(program) ?? program, args, {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, LC_ALL: 'C.UTF-8', ...env },
    timeout: patienceMs,
    killSignal: 'SIGKILL',
    ...(cwd === undefined ? {} : { cwd }),
  });
  let [stdout, stderr, said] = ['', '', ''];
  child.stdout.setEncoding('latin1').on('data', (text: string) => {
    stdout += text;
    said += text;
  });
  child.stderr.setEncoding('latin1').on('data', (text: string) => {
    stderr += text;
    said += text;
  });
  // A program that ends without reading all is judged by how it ends.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  const code = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (status, signal) => resolve(status ?? (signal === null ? -1 : -2)));
  });
  const line = [program, ...args].join(' ');
  assert(
    mayEndWith.includes(code),
    `${line}\nended with ${code}:\n${Buffer.from(said, 'latin1').toString()}`,
  );
  return { code, stdout, stderr, said };
}

/** Waits until `look` finds something (neither undefined nor false). `told` is for whoever reads the failure. */
export async function eventually<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  told: () => string | Promise<string> = () => '',
): Promise<T> {
  const until = performance.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > until) assert.fail(`did not come true: ${what}\n${await told()}`);
    await wait(lookEveryMs);
  }
}

/** A port that nobody listens on, on any address of this machine. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = portMin + Math.floor(Math.random() * (portMax - portMin));
    if (given.has(port)) continue;
    const server = createServer();
    const free = await new Promise<boolean>((resolve) => {
      server.once('error', () => resolve(false)).listen(port, '0.0.0.0', () => resolve(true));
    });
    if (!free) continue;
    await new Promise((resolve) => server.close(resolve));
    given.add(port);
    return port;
  }
}

/** A new folder that other users may look into; gone when it is disposed. */
export function newFolder(name: string): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), `hikyaku-${name}-`));
  chmodSync(path, 0o755);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true, maxRetries: 10 }) };
}

/** Numbers of a user of the system, for peers that change to it. */
export function userId(user: string): { uid: number; gid: number } {
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(spawnSync('id', [flag, user]).stdout.toString()));
  return { uid: uid!, gid: gid! };
}
