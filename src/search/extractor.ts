/**
 * Text of attachments, in a thread of its own: files come from strangers, so each has a time and a heap, and one that breaks out of either takes nothing with it but that thread.
 *
 * The thread is there while there is work, and for a while after it.
 */
import { Worker } from 'node:worker_threads';
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ExtractReply, ExtractRequest } from './extract/worker.ts';

const withinMs = 20_000;
const heap = { maxOldGenerationSizeMb: 384, maxYoungGenerationSizeMb: 32, stackSizeMb: 4 };
const idleMs = 60_000;
/** Characters of one attachment that are kept: more is a database, not a letter. */
const charactersMax = 2 * 1024 * 1024;

export interface ExtractorParts {
  readonly clock: Clock;
  readonly log: Log;
  /** For tests. */
  readonly withinMs?: number;
}

export class Extractor implements AsyncDisposable {
  readonly #parts: ExtractorParts;
  #worker: Worker | undefined;
  #idle: Timer | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(parts: ExtractorParts) {
    this.#parts = parts;
  }

  /** `''` for what cannot be read. One after the other; never rejects. */
  text(kind: ExtractRequest['kind'], bytes: Uint8Array): Promise<string> {
    const asked = this.#last.then(() => this.#ask({ kind, bytes, charactersMax }));
    this.#last = asked;
    return asked;
  }

  async #ask(request: ExtractRequest): Promise<string> {
    if (this.#closed) return '';
    this.#idle?.[Symbol.dispose]();
    const { clock, log } = this.#parts;
    const worker = (this.#worker ??= this.#start());
    const answer = Promise.withResolvers<ExtractReply>();
    const failed = (reason: string): void => {
      log.info(
        { reason, kind: request.kind, bytes: request.bytes.length },
        'an attachment could not be read for searching',
      );
      answer.resolve(undefined);
      this.#end();
    };
    using timer = clock.after(this.#parts.withinMs ?? withinMs, () => failed('it took too long'));
    void timer;
    const onError = (error: unknown): void => failed(String(error));
    const onExit = (): void => failed('its thread ended');
    worker.once('message', answer.resolve).once('error', onError).once('exit', onExit);
    // The bytes may be a view into what others use: a copy crosses.
    worker.postMessage({ ...request, bytes: Uint8Array.from(request.bytes) });
    const text = await answer.promise;
    worker.off('message', answer.resolve).off('error', onError).off('exit', onExit);
    this.#idle = clock.after(idleMs, () => this.#end());
    return text ?? '';
  }

  #start(): Worker {
    // What the library says about fonts and files goes nowhere.
    const worker = new Worker(new URL('./extract/worker.ts', import.meta.url), {
      resourceLimits: heap,
      stdout: true,
      stderr: true,
    });
    worker.stdout.resume();
    worker.stderr.resume();
    worker.unref();
    // Whoever waits listens too; an error while nobody does must not end the process.
    worker.on('error', () => undefined);
    return worker;
  }

  #end(): void {
    const worker = this.#worker;
    this.#worker = undefined;
    void worker?.terminate();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    this.#idle?.[Symbol.dispose]();
    const worker = this.#worker;
    this.#worker = undefined;
    await worker?.terminate();
  }
}
