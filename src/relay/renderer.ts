/**
 * Renders templates in a thread of its own, started when it is needed: one that runs wild is ended with its thread, and the next one gets a new one.
 *
 * Promises: in the order in which they came; no render takes longer than `renderMaxMs`; nothing of the template reaches the program.
 */
import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../base/clock.ts';
import { Refusal } from '../base/refusal.ts';
import type { Rendered, RenderWork } from './template/messages.ts';

export type { Rendered, RenderWork, TemplateTexts } from './template/messages.ts';

/** Of all texts of a mail. The first one has the thread to start. */
const renderMaxMs = 2000;
const startMaxMs = 10_000;
const idleMs = 60_000;
/** Renders that wait: a batch is rendered piece by piece. */
const waitingMax = 2000;
const memory = { maxOldGenerationSizeMb: 96, maxYoungGenerationSizeMb: 16 };

export class Renderer implements AsyncDisposable {
  readonly #clock: Clock;
  #worker: Worker | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #waiting = 0;
  #idle: Timer | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Refusal `rateLimited`: too many wait already. */
  async render(work: RenderWork): Promise<Rendered> {
    if (this.#waiting >= waitingMax)
      throw new Refusal('rateLimited', 'too many templates are being rendered');
    this.#waiting += 1;
    try {
      const turn = this.#turn.then(() => this.#now(work));
      this.#turn = turn.catch(() => undefined);
      return await turn;
    } finally {
      this.#waiting -= 1;
    }
  }

  async #now(work: RenderWork): Promise<Rendered> {
    this.#idle?.[Symbol.dispose]();
    const fresh = this.#worker === undefined;
    const worker = (this.#worker ??= this.#start());
    const { promise, resolve } = Promise.withResolvers<Rendered>();
    let why = 'ran out of memory';
    using _ = this.#clock.after(fresh ? startMaxMs : renderMaxMs, () => {
      why = 'takes too long';
      void worker.terminate();
    });
    const lost = (): void => resolve({ is: 'faulty', field: '', detail: `the template ${why}` });
    worker.once('message', resolve);
    worker.once('exit', lost);
    worker.postMessage(work);
    const rendered = await promise;
    worker.off('message', resolve).off('exit', lost);
    this.#idle = this.#clock.after(idleMs, () => void this.#stop());
    return rendered;
  }

  #start(): Worker {
    const worker = new Worker(new URL('./template/thread.ts', import.meta.url), {
      resourceLimits: memory,
      env: {},
      name: 'templates',
    });
    worker.on('error', () => undefined);
    worker.on('exit', () => {
      if (this.#worker === worker) this.#worker = undefined;
    });
    worker.setMaxListeners(20);
    worker.unref();
    return worker;
  }

  async #stop(): Promise<void> {
    this.#idle?.[Symbol.dispose]();
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#turn;
    await this.#stop();
  }
}
