/**
 * Reads reports in a thread of their own: a small mail may hold much to unpack and read, and whoever serves others must not stand still for it. One mail at a time; what
 * does not end in time, or takes too much memory, is given up.
 */
import { Worker } from 'node:worker_threads';
import type { Clock } from '../base/clock.ts';
import { Refusal } from '../base/refusal.ts';
import type { FoundReport } from '../proto/reports/find-reports.ts';

export type ReportSource = 'mail' | 'file';

export interface ReaderWork {
  readonly is: ReportSource;
  readonly bytes: Uint8Array;
}

const readMaxMs = 60_000;
/** Reports that wait for their turn. Their octets are asked for when it comes. */
const waitingMax = 50;
const memory = { maxOldGenerationSizeMb: 512, maxYoungGenerationSizeMb: 64 };

export class ReportReader {
  readonly #clock: Clock;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** None, when it has none or was given up. Refusal `rateLimited`. */
  async read(is: ReportSource, bytes: () => Promise<Uint8Array>): Promise<readonly FoundReport[]> {
    if (this.#waiting >= waitingMax) throw new Refusal('rateLimited', 'many reports come at once');
    this.#waiting += 1;
    const turn = this.#turn.then(async () => this.#now({ is, bytes: await bytes() }));
    this.#turn = turn.catch(() => undefined);
    try {
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #now(work: ReaderWork): Promise<readonly FoundReport[]> {
    const worker = new Worker(new URL('./reader/thread.ts', import.meta.url), {
      workerData: work,
      resourceLimits: memory,
      name: 'reports',
    });
    using _ = this.#clock.after(readMaxMs, () => void worker.terminate());
    return new Promise((resolve) => {
      worker.on('message', resolve);
      worker.on('error', () => resolve([]));
      worker.on('exit', () => resolve([]));
    });
  }
}
