/** The sink (`hikyaku sink`) in a process of its own, asked by its control port what has come. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listening } from './load.ts';
import type { SinkReport } from '../src/sink/report.ts';

const root = join(import.meta.dirname, '..');

export interface PracticePlan {
  /** TOML; default: everything for every domain. */
  readonly scenario?: string;
  readonly address: string;
  readonly port: number;
  readonly dnsPort: number;
  readonly controlPort: number;
}

export class Practice implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #plan: PracticePlan;

  private constructor(child: ChildProcess, folder: string, plan: PracticePlan) {
    this.#child = child;
    this.#folder = folder;
    this.#plan = plan;
  }

  static async start(plan: PracticePlan): Promise<Practice> {
    const folder = mkdtempSync(join(tmpdir(), 'hikyaku-practice-'));
    const file = join(folder, 'scenario.toml');
    writeFileSync(file, plan.scenario ?? '[[providers]]\nname = "plain"\ndomains = ["*"]\n');
    const { address, port, dnsPort, controlPort } = plan;
    const args = ['--address', address, '--port', `${port}`, '--dns', `${address}:${dnsPort}`, '--quiet'];
    const child = spawn(
      process.execPath,
      [join(root, 'bin/hikyaku.ts'), 'sink', 'run', file, ...args, '--control', `127.0.0.1:${controlPort}`],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    process.once('exit', () => child.kill());
    await listening(controlPort);
    return new Practice(child, folder, plan);
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async report(): Promise<SinkReport> {
    return JSON.parse(await this.#ask('report')) as SinkReport;
  }

  /** Changes of one provider. */
  async set(change: object): Promise<void> {
    const answer = await this.#ask(`set ${JSON.stringify(change)}`);
    if (answer.includes('"error"')) throw new Error(answer);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #ask(command: string): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const socket = connect(this.#plan.controlPort, '127.0.0.1', () => socket.write(`${command}\n`));
    let text = '';
    socket.setEncoding('utf8').on('error', reject);
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (!text.endsWith('\r\n')) return;
      resolve(text);
      socket.destroy();
    });
    return promise;
  }
}
