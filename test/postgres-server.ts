/**
 * A PostgreSQL server for a test: Debian's binaries, its data in a temporary folder, reached through a socket in that folder. The server refuses to run as
 * root, so root runs it as the user `postgres` (or `nobody`).
 */
import { spawn, spawnSync, type ChildProcess, type SpawnSyncReturns } from 'node:child_process';
import { chmodSync, existsSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface PostgresServer extends AsyncDisposable {
  /** Connection URL of a new, empty database. */
  database(): string;
  /** Folder of the server's programs (`pg_dump`, `psql`). */
  readonly bin: string;
  /** Ends the server at once, without a checkpoint and with all its connections cut, and starts it again. */
  crash(): Promise<void>;
}

export interface PostgresSettings {
  /** Lines for the command line, as `fsync=off`. */
  readonly settings?: readonly string[];
}

const startTries = 200;
const startWaitMs = 50;

/** The newest installed server's programs, or undefined: tests then skip with `missingPostgres`. */
export function postgresBin(): string | undefined {
  const found = globSync('/usr/lib/postgresql/*/bin/postgres').map((path) =>
    path.slice(0, -'/postgres'.length),
  );
  return found.sort((a, b) => version(a) - version(b)).at(-1);
}

const version = (path: string): number => Number(/\/(\d+)\//.exec(path)?.[1] ?? 0);

export const missingPostgres: string | false =
  postgresBin() === undefined ? 'PostgreSQL is not installed (Debian: apt-get install postgresql)' : false;

export async function startPostgres(options: PostgresSettings = {}): Promise<PostgresServer> {
  const bin = postgresBin();
  if (bin === undefined) throw new Error(String(missingPostgres));
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-pg-'));
  chmodSync(folder, 0o777);
  const server = new Server(bin, folder, options.settings ?? []);
  try {
    await server.start();
    return server;
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

class Server implements PostgresServer {
  readonly bin: string;
  readonly #folder: string;
  readonly #settings: readonly string[];
  #process: ChildProcess | undefined;
  #databases = 0;

  constructor(bin: string, folder: string, settings: readonly string[]) {
    this.bin = bin;
    this.#folder = folder;
    this.#settings = settings;
    const data = join(folder, 'data');
    must(
      this.#run('initdb', [
        '-D',
        data,
        '-U',
        'hikyaku',
        '--auth=trust',
        '--encoding=UTF8',
        '--locale=C.UTF-8',
        '-N',
      ]),
    );
  }

  async start(): Promise<void> {
    const settings = ['listen_addresses=', `unix_socket_directories=${this.#folder}`, 'max_connections=100'];
    const flags = [...settings, ...this.#settings].flatMap((setting) => ['-c', setting]);
    const [command, ...args] = asUser([
      join(this.bin, 'postgres'),
      '-D',
      join(this.#folder, 'data'),
      ...flags,
    ]);
    this.#process = spawn(command!, args, { stdio: 'ignore', cwd: this.#folder });
    for (let i = 0; i < startTries; i++) {
      if (this.#psql('postgres', 'select 1').status === 0) return;
      if (this.#process.exitCode !== null) break;
      await delay(startWaitMs);
    }
    throw new Error('PostgreSQL did not start');
  }

  database(): string {
    const name = `test${++this.#databases}`;
    must(this.#psql('postgres', `create database ${name}`));
    return `postgres://hikyaku@/${name}?host=${encodeURIComponent(this.#folder)}`;
  }

  async crash(): Promise<void> {
    await this.#end('SIGQUIT');
    await this.start();
  }

  #psql(database: string, sql: string): SpawnSyncReturns<string> {
    return this.#run('psql', ['-h', this.#folder, '-U', 'hikyaku', '-qAt', '-d', database, '-c', sql]);
  }

  #run(program: string, args: readonly string[]): SpawnSyncReturns<string> {
    const [command, ...rest] = asUser([join(this.bin, program), ...args]);
    return spawnSync(command!, rest, { encoding: 'utf8', cwd: this.#folder });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const running = this.#process;
    this.#process = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill(signal);
    await ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#end('SIGQUIT');
    if (existsSync(this.#folder)) rmSync(this.#folder, { recursive: true, force: true });
  }
}

function asUser(command: readonly string[]): readonly string[] {
  if (process.getuid?.() !== 0) return command;
  const user = spawnSync('id', ['-u', 'postgres']).status === 0 ? 'postgres' : 'nobody';
  return ['setpriv', `--reuid=${user}`, '--clear-groups', ...command];
}

function must(run: SpawnSyncReturns<string>): void {
  if (run.status !== 0) throw new Error(`${run.error?.message ?? ''}${run.stderr}`);
}
