/**
 * One thread's line to the writer (or the scan thread): operations gather while a message is with the other side and leave as one message when it
 * is answered (a message costs either side tens of microseconds, and the writer could not begin them sooner); answers come back in order. When the other side dies, what was under way is refused and the next operation opens a new line through the main thread.
 */
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { Refusal } from '../../base/refusal.ts';
import { compact } from '../core/compact.ts';
import { fromImage } from '../core/error-image.ts';
import type { HintListeners } from '../core/hints.ts';
import type { Connect, Reply, Request } from './messages.ts';

/** Operations of one thread that may be under way. More are refused: the disk is far behind, and memory is not for waiting in. */
const pendingMax = 20_000;

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

export interface ChannelOptions {
  readonly to: 'writer' | 'scan';
  readonly main: MessagePort;
  readonly interest: SharedArrayBuffer;
  readonly listeners: HintListeners;
}

export class Channel {
  readonly #options: ChannelOptions;
  #port: MessagePort | undefined;
  /** Sent or about to be, the oldest at `#answered`. */
  #pending: Pending[] = [];
  #answered = 0;
  #names: string[] = [];
  #args: unknown[] = [];
  #scheduled = false;
  /** Answers still to come to the request that is with the other side; operations gather meanwhile. */
  #awaited = 0;
  #closed = false;
  #idle: (() => void) | undefined;

  constructor(options: ChannelOptions) {
    this.#options = options;
  }

  /** Opens the line now, as hints come on it also when nothing is written. */
  open(): MessagePort {
    if (this.#port) return this.#port;
    const { port1, port2 } = new MessageChannel();
    const { to, main, interest } = this.#options;
    main.postMessage({ to, port: port2, interest } satisfies Connect, [port2]);
    port1.on('message', (reply: Reply) => this.#take(reply));
    port1.on('close', () => this.#lost(port1));
    this.#port = port1;
    return port1;
  }

  send<R>(name: string, args: unknown): Promise<R> {
    if (this.#closed) return Promise.reject(new Refusal('shuttingDown', 'the store is closed'));
    if (this.#pending.length - this.#answered >= pendingMax) {
      return Promise.reject(new Refusal('storageBusy', `${pendingMax} operations are under way`));
    }
    this.#names.push(name);
    this.#args.push(compact(args));
    this.#schedule();
    return new Promise<R>((resolve, reject) => this.#pending.push({ resolve, reject }));
  }

  #schedule(): void {
    if (this.#scheduled || this.#awaited > 0) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const request: Request = { names: this.#names, args: this.#args };
    if (request.names.length === 0) return;
    this.#names = [];
    this.#args = [];
    this.#awaited = request.names.length;
    const port = this.open();
    try {
      port.postMessage(request);
    } catch {
      this.#sendCloneable(port, request);
    }
  }

  /** Some argument cannot be cloned: that operation fails in its place in the order, the others are sent. */
  #sendCloneable(port: MessagePort, { names, args }: Request): void {
    const first = this.#pending.length - names.length;
    const kept: number[] = [];
    for (let i = 0; i < names.length; i++) {
      try {
        structuredClone(args[i]);
        kept.push(i);
      } catch (error) {
        this.#pending[first + i]!.reject(error);
      }
    }
    const pending = kept.map((i) => this.#pending[first + i]!);
    this.#pending.length = first;
    this.#pending.push(...pending);
    this.#awaited = kept.length;
    if (kept.length > 0)
      port.postMessage({ names: kept.map((i) => names[i]!), args: kept.map((i) => args[i]) });
    this.#checkIdle();
  }

  #take({ count, values, errors, hints }: Reply): void {
    let nextError = 0;
    for (let i = 0; i < count; i++) {
      const pending = this.#pending[this.#answered++]!;
      const failed = errors?.[nextError];
      if (failed?.[0] === i) {
        nextError += 1;
        pending.reject(fromImage(failed[1]));
      } else {
        pending.resolve(values?.[i] as never);
      }
    }
    this.#trim();
    this.#awaited -= count;
    if (this.#names.length > 0) this.#schedule();
    if (hints) for (const [topic, keys] of hints) this.#options.listeners.tell(topic, keys);
    this.#checkIdle();
  }

  /** Drops the answered front: at once when nothing waits, else when it is the larger part. */
  #trim(): void {
    if (this.#answered === this.#pending.length) {
      this.#pending = [];
      this.#answered = 0;
    } else if (this.#answered > 1024 && this.#answered > this.#pending.length / 2) {
      this.#pending = this.#pending.slice(this.#answered);
      this.#answered = 0;
    }
  }

  #lost(port: MessagePort): void {
    if (this.#port !== port) return;
    this.#port = undefined;
    const unsent = this.#names.length;
    const lost = this.#pending.slice(this.#answered, this.#pending.length - unsent);
    this.#pending = unsent === 0 ? [] : this.#pending.slice(-unsent);
    this.#answered = 0;
    this.#awaited = 0;
    if (unsent > 0) this.#schedule();
    for (const { reject } of lost)
      reject(new Refusal('storageBusy', 'the storage thread stopped before it answered'));
    this.#checkIdle();
    if (!this.#closed && this.#options.to === 'writer') this.open();
  }

  #checkIdle(): void {
    if (this.#pending.length === this.#answered) this.#idle?.();
  }

  /** Takes nothing more and resolves when everything under way is answered. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#pending.length > this.#answered) await new Promise<void>((resolve) => (this.#idle = resolve));
    const port = this.#port;
    this.#port = undefined;
    port?.close();
  }
}
