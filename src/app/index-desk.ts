/** The thread of the index as the main thread keeps it: started, started again when it stopped by itself, stopped. Mail is searched without it too, only slower. */
import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { transferList } from '../store/open-sqlite.ts';
import type { IndexThreadStart } from './index-thread.ts';

const restartFirstMs = 1000;
const restartMaxMs = 10 * 60_000;
const stopWithinMs = 10_000;
/** Gathering a segment takes some hundred megabytes at most, outside of mail's own threads. */
const heap = { maxOldGenerationSizeMb: 1024, maxYoungGenerationSizeMb: 16 };

export interface IndexDeskParts {
  readonly clock: Clock;
  readonly log: Log;
  data(): IndexThreadStart;
}

export class IndexDesk implements AsyncDisposable {
  readonly #parts: IndexDeskParts;
  #worker: Worker | undefined;
  #restart: Timer | undefined;
  #delayMs = restartFirstMs;
  #stopping = false;

  constructor(parts: IndexDeskParts) {
    this.#parts = parts;
    this.#start();
  }

  #start(): void {
    const data = this.#parts.data();
    const worker = new Worker(new URL('./index-thread.ts', import.meta.url), {
      workerData: data,
      transferList: data.store === undefined ? [] : transferList(data.store),
      resourceLimits: heap,
      name: 'index',
    });
    this.#worker = worker;
    let last: unknown = new Error('the thread ended');
    worker.on('error', (error) => (last = error));
    worker.on('exit', () => {
      this.#worker = undefined;
      if (this.#stopping) return;
      const { clock, log } = this.#parts;
      log.error(
        { error: last, restartMs: this.#delayMs },
        'the thread of the index stopped; it is started again',
      );
      this.#restart = clock.after(this.#delayMs, () => this.#start());
      this.#delayMs = Math.min(restartMaxMs, 2 * this.#delayMs);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopping = true;
    this.#restart?.[Symbol.dispose]();
    const worker = this.#worker;
    if (worker === undefined) return;
    const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
    worker.postMessage('stop');
    using timer = this.#parts.clock.after(stopWithinMs, () => void worker.terminate());
    void timer;
    await exited;
  }
}
