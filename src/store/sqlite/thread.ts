/**
 * A storage thread as the main thread keeps it: started (at once or at the first use), told to serve ports, started again after a crash,
 * stopped in order.
 */
import { Worker, type MessagePort, type ResourceLimits } from 'node:worker_threads';
import type { Clock } from '../../base/clock.ts';
import { fromImage } from '../core/error-image.ts';
import type { Notice, Serve, ThreadData } from './messages.ts';

/** A thread that dies is started again after this long, so that one that dies at once does not take a core. */
const restartMs = 500;

export interface ThreadOptions {
  readonly module: URL;
  readonly name: string;
  readonly data: ThreadData;
  readonly limits: ResourceLimits;
  readonly clock: Clock;
  readonly onNotice: (notice: Notice) => void;
  /** It died by itself; it will be started again. */
  readonly onCrash: (error: unknown) => void;
}

export class StorageThread {
  readonly #options: ThreadOptions;
  #worker: Worker | undefined;
  #waiting: Serve[] = [];
  #stopping = false;
  #starting: Promise<void> | undefined;

  constructor(options: ThreadOptions) {
    this.#options = options;
  }

  /** Resolves when the thread serves; rejects with why it cannot. */
  start(): Promise<void> {
    this.#starting ??= this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    const { module, name, data, limits } = this.#options;
    const worker = new Worker(module, { workerData: data, resourceLimits: limits, name });
    const ready = Promise.withResolvers<void>();
    let failure: unknown = new Error(`${name} ended`);
    worker.on('message', (notice: Notice) => {
      if (notice.is === 'ready') ready.resolve();
      else if (notice.is === 'refused') failure = fromImage(notice.error);
      else this.#options.onNotice(notice);
    });
    worker.on('error', (error) => (failure = error));
    worker.on('exit', () => {
      ready.reject(failure);
      this.#ended(worker, failure);
    });
    try {
      await ready.promise;
    } catch (error) {
      this.#starting = undefined;
      throw error;
    }
    this.#worker = worker;
    for (const serve of this.#waiting.splice(0)) worker.postMessage(serve, [serve.port]);
  }

  serve(serve: Serve): void {
    if (this.#worker) return this.#worker.postMessage(serve, [serve.port]);
    this.#waiting.push(serve);
    this.start().catch((error: unknown) => this.#giveUp(error));
  }

  /** The ports that wait are closed, which tells their threads that nothing was done. */
  #giveUp(error: unknown): void {
    const ports: MessagePort[] = this.#waiting.splice(0).map(({ port }) => port);
    for (const port of ports) port.close();
    this.#options.onCrash(error);
  }

  #ended(worker: Worker, failure: unknown): void {
    if (this.#worker !== worker) return;
    this.#worker = undefined;
    this.#starting = undefined;
    if (this.#stopping) return;
    this.#options.onCrash(failure);
    // Until then `start` waits, so that ports which come meanwhile are served by the next thread.
    const delay = Promise.withResolvers<void>();
    this.#options.clock.after(restartMs, delay.resolve);
    this.#starting = delay.promise.then(() => (this.#stopping ? undefined : this.#start()));
    this.#starting.catch((error: unknown) => this.#giveUp(error));
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    await this.#starting?.catch(() => undefined);
    const worker = this.#worker;
    if (!worker) return;
    const ended = new Promise((resolve) => worker.once('exit', resolve));
    worker.postMessage('stop');
    await ended;
  }
}
