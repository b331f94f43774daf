/**
 * A whole server as a process of its own, for tests of load, limits and crashes: settings and accounts are made first, then it is started, stopped, killed and
 * started again as often as the test likes. All below one temporary folder, which goes with it.
 */
import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'smol-toml';
import { openStoreHost } from '../src/app/open-store.ts';
import { systemClock } from '../src/base/clock.ts';
import { silentLog } from '../src/base/log.ts';
import { readSettings } from '../src/config/read.ts';
import type { ListenerSettings, Settings } from '../src/config/schema.ts';
import { systemActor } from '../src/directory/actor.ts';
import { Administration } from '../src/directory/administration.ts';

type Kind = ListenerSettings['kind'];

type Sections = Readonly<Record<string, unknown>>;

export interface ServerPlan {
  /** Kind of each listener, with what is not its default. Each has a free port of 127.0.0.1. */
  readonly listeners: Partial<Record<Kind, object>>;
  /** Sections of the settings file besides the listeners; a function where they name a port. */
  readonly settings?: Sections | ((portOf: (kind: Kind) => number) => Sections);
  /** Made before the first start; their domains too. All have `password`. */
  readonly accounts?: readonly string[];
  /** The data folder is a file system of its own, of this size: only where `cannotMount` is false. */
  readonly diskMiB?: number;
}

export const password = 'a-test-password';
const root = join(import.meta.dirname, '..');

/** Why a test with a disk of its own is skipped. */
export const cannotMount: string | false =
  process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0
    ? false
    : 'a small disk can be mounted by root alone';

const startWithinMs = 60_000;
/** Lines of the log that are kept. */
const logMax = 5000;

export class RunningServer implements AsyncDisposable {
  readonly folder: string;
  readonly settings: Settings;
  readonly settingsFile: string;
  /** What it wrote to its log, the latest lines. */
  readonly log: string[] = [];
  logLines = 0;
  #child: ChildProcess | undefined;
  #onDisk = false;

  private constructor(folder: string, raw: Record<string, unknown>) {
    this.folder = folder;
    const read = readSettings(raw);
    assert(read.is === 'settings', JSON.stringify(read));
    this.settings = read.settings;
    this.settingsFile = join(folder, 'hikyaku.toml');
    writeFileSync(this.settingsFile, stringify(raw));
  }

  /** Settings and accounts, but not started. */
  static async prepare({ listeners, settings, accounts = [], diskMiB }: ServerPlan): Promise<RunningServer> {
    const folder = mkdtempSync(join(tmpdir(), 'hikyaku-server-'));
    if (diskMiB !== undefined) mountDisk(join(folder, 'data'), diskMiB);
    const given = Object.entries(listeners);
    const ports = await freePorts(given.length);
    const portOf = (kind: Kind): number => ports[given.findIndex(([name]) => name === kind)]!;
    const server = new RunningServer(folder, {
      hostname: 'mx.here.test',
      data: join(folder, 'data'),
      log: { level: 'warn' },
      ...(typeof settings === 'function' ? settings(portOf) : settings),
      listeners: given.map(([kind, more], i) => ({ kind, host: '127.0.0.1', port: ports[i], ...more })),
    });
    server.#onDisk = diskMiB !== undefined;
    await server.#makeAccounts(accounts);
    return server;
  }

  static async start(plan: ServerPlan): Promise<RunningServer> {
    const server = await RunningServer.prepare(plan);
    try {
      await server.begin();
      return server;
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  port(kind: Kind): number {
    return this.settings.listeners.find((one) => one.kind === kind)!.port;
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  /** Resolves with how long it took until all listeners take connections. */
  async begin(): Promise<number> {
    const startMs = performance.now();
    const child = spawn(process.execPath, ['bin/hikyaku.ts', '--config', this.settingsFile, 'serve'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.#child = child;
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#keepLog(text));
    for (const { port, host } of this.settings.listeners) {
      while (!(await accepts(port, host))) {
        assert.equal(child.exitCode, null, `the server ended:\n${this.log.join('\n')}`);
        assert(performance.now() - startMs < startWithinMs, `nothing listens on port ${port}`);
        await wait(10);
      }
    }
    return performance.now() - startMs;
  }

  /** In order. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** At once. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resident memory now, in MiB. */
  memoryMb(): number {
    return this.#memory('VmRSS');
  }

  /** The most since `forgetPeak`. */
  peakMb(): number {
    return this.#memory('VmHWM');
  }

  forgetPeak(): void {
    writeFileSync(`/proc/${this.pid}/clear_refs`, '5');
  }

  /** A number of /metrics, summed over its labels; needs an `http` listener. */
  async metric(name: string): Promise<number> {
    const response = await fetch(`http://127.0.0.1:${this.port('http')}/metrics`);
    const lines = (await response.text()).split('\n');
    const found = lines.filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`));
    return found.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  }

  /** What the command line prints; it must succeed. */
  command(...args: readonly string[]): string {
    const { status, said } = this.tryCommand(...args);
    assert.equal(status, 0, `${args.join(' ')}:\n${said}`);
    return said;
  }

  /** What it prints, its errors too, however it ends. */
  tryCommand(...args: readonly string[]): { readonly status: number | null; readonly said: string } {
    const run = spawnSync(process.execPath, ['bin/hikyaku.ts', '--config', this.settingsFile, ...args], {
      cwd: root,
      encoding: 'utf8',
    });
    return { status: run.status, said: run.stdout + run.stderr };
  }

  /** Calls the admin API through the control socket. */
  api(method: string, path: string): string {
    return this.command('api', method, path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGKILL');
    if (this.#onDisk) spawnSync('umount', [join(this.folder, 'data')]);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #makeAccounts(names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    await using host = await openStoreHost(this.settings, silentLog);
    const office = new Administration({ store: host.store, clock: systemClock });
    const org = await office.orgs.create(systemActor, { name: 'Test' });
    for (const name of new Set(names.map((one) => one.slice(one.indexOf('@') + 1))))
      await office.domains.create(systemActor, org.id, { name });
    for (const name of names) await office.accounts.create(systemActor, org.id, { name, password });
  }

  #memory(field: string): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'latin1');
    return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
  }

  #keepLog(text: string): void {
    const lines = text.split('\n').filter((line) => line !== '');
    this.logLines += lines.length;
    this.log.push(...lines);
    if (this.log.length > logMax) this.log.splice(0, this.log.length - logMax);
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child === undefined || !this.running) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

function mountDisk(folder: string, sizeMiB: number): void {
  mkdirSync(folder);
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${sizeMiB}m`, 'tmpfs', folder]);
  assert.equal(mounted.status, 0, String(mounted.stderr));
}

/** Ports that nothing listens on, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  const ports: number[] = [];
  for (const server of servers) {
    if (!server.listening) await once(server, 'listening');
    const address = server.address();
    assert(address !== null && typeof address === 'object');
    ports.push(address.port);
  }
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

const accepts = (port: number, host: string): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
