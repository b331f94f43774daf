/** A protocol thread over all its restarts: it is started, started again when it stops by itself, asked for its metrics, and ended. */
import { Worker } from 'node:worker_threads';
import { systemClock, type Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ListenerSettings } from '../config/schema.ts';
import { transferList } from '../store/open-sqlite.ts';
import type { MetricsReport } from './metrics.ts';
import type { BoundListener, FromThread, Question, ThreadStart, ToThread } from './thread-messages.ts';

/** A thread that does not end by itself within this time is ended. */
const stopWithinMs = 25_000;
/** How long a scrape waits for a thread that is busy. */
const metricsWithinMs = 2_000;
const restartFirstMs = 100;
const restartMaxMs = 30_000;
/** A thread that ran for so long has recovered: its next restart is soon again. */
const recoveredAfterMs = 60_000;
/** Heap of a protocol thread, in MiB. The young part holds some hundred mails on their way: with half of it, collecting cost a mail a sixth more of processor time. */
const threadHeap = { maxOldGenerationSizeMb: 2048, maxYoungGenerationSizeMb: 24 };

export interface ThreadParts {
  readonly log: Log;
  data(listeners: readonly ListenerSettings[]): ThreadStart;
  answer(question: Question): Promise<unknown>;
}

export class RestartedThread {
  listeners: readonly ListenerSettings[] = [];
  readonly #parts: ThreadParts;
  #worker: Worker | undefined;
  #ready = false;
  #stopping = false;
  #delayMs = restartFirstMs;
  #startedAtMs = 0;
  #restart: Timer | undefined;
  readonly #reports = new Map<number, (report: MetricsReport | undefined) => void>();
  #nextReport = 1;

  constructor(parts: ThreadParts) {
    this.#parts = parts;
  }

  get running(): boolean {
    return this.#ready;
  }

  /** Resolves with where it listens; rejects when it ended before that. */
  begin(listeners: readonly ListenerSettings[]): Promise<readonly BoundListener[]> {
    this.listeners = listeners;
    return new Promise((resolve, reject) => this.#spawn(resolve, reject));
  }

  #spawn(listening: (bound: readonly BoundListener[]) => void, failed: (error: Error) => void): void {
    const data = this.#parts.data(this.listeners);
    const worker = new Worker(new URL('./protocol-thread.ts', import.meta.url), {
      workerData: data,
      transferList: data.store === undefined ? [] : transferList(data.store),
      resourceLimits: threadHeap,
      stdout: false,
      stderr: false,
    });
    let last: Error | undefined;
    this.#worker = worker;
    this.#startedAtMs = systemClock.monotonicMs();
    worker.on('message', (message: FromThread) => {
      if (message.is === 'listening') {
        this.#ready = true;
        listening(message.listeners);
      } else this.#hear(message);
    });
    worker.on('error', (error) => {
      last = error as Error;
    });
    worker.on('exit', (code) => {
      const wasReady = this.#ready;
      this.#ready = false;
      this.#worker = undefined;
      if (this.#stopping) return;
      const error = last ?? new Error(`the thread ended with code ${code}`);
      if (wasReady) this.#again(error);
      else failed(error);
    });
  }

  #hear(message: Exclude<FromThread, { is: 'listening' }>): void {
    if (message.is === 'metrics') {
      this.#reports.get(message.id)?.(message.report);
      this.#reports.delete(message.id);
      return;
    }
    void this.#parts
      .answer(message.question)
      .then((value) => this.post({ is: 'answer', id: message.id, value }));
  }

  #again(error: Error): void {
    const { log } = this.#parts;
    if (systemClock.monotonicMs() - this.#startedAtMs > recoveredAfterMs) this.#delayMs = restartFirstMs;
    log.error({ error, restartMs: this.#delayMs }, 'a protocol thread stopped; it is started again');
    this.#restart = systemClock.after(this.#delayMs, () => {
      this.#delayMs = Math.min(this.#delayMs * 2, restartMaxMs);
      this.#spawn(
        () => log.info({}, 'the protocol thread is back'),
        (next) => this.#again(next),
      );
    });
  }

  post(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  /** Undefined when the thread is away or too busy. */
  metrics(): Promise<MetricsReport | undefined> {
    if (!this.#ready) return Promise.resolve(undefined);
    const id = this.#nextReport++;
    return new Promise((resolve) => {
      const timer = systemClock.after(metricsWithinMs, () => this.#reports.get(id)?.(undefined));
      this.#reports.set(id, (report) => {
        timer[Symbol.dispose]();
        this.#reports.delete(id);
        resolve(report);
      });
      this.post({ is: 'askMetrics', id });
    });
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#restart?.[Symbol.dispose]();
    const worker = this.#worker;
    if (worker === undefined) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage({ is: 'stop' } satisfies ToThread);
    using timer = systemClock.after(stopWithinMs, () => void worker.terminate());
    void timer;
    await exited;
  }
}
