/**
 * One conversation with a service over a connection: bytes out with back-pressure, bytes in one at a time, each wait with its limit. What was sent may
 * be changed afterwards: it is copied.
 */
import type { Clock } from '../base/clock.ts';
import type { Connection } from './connection.ts';

export class LinkError extends Error {
  override readonly name = 'LinkError';
}

/** What a service may say beyond what anybody waits for. */
const unreadMaxBytes = 4 * 1024 * 1024;

export class ServiceLink implements Disposable {
  readonly #connection: Connection;
  readonly #clock: Clock;
  #unread: Buffer[] = [];
  #unreadBytes = 0;
  #ended: string | undefined;
  #wake: (() => void) | undefined;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
    connection.onData((chunk) => this.#heard(chunk));
    connection.onEnd(() => this.#end('closed by the service'));
    connection.onClose(({ reason, detail }) => this.#end(detail || reason));
  }

  /** The service has said nothing that nobody waited for, and is still there: another conversation may follow. */
  get isFresh(): boolean {
    return this.#ended === undefined && this.#unreadBytes === 0 && this.#connection.open;
  }

  /** A promise when the service does not keep up. What it missed because it has closed is told by the next `receive`. */
  send(bytes: Uint8Array | string): Promise<void> | undefined {
    this.#connection.write(typeof bytes === 'string' ? bytes : Buffer.from(bytes));
    return this.#connection.drained();
  }

  /** What the service has said since; undefined once it has ended its side. Rejects with a LinkError when nothing comes in time. */
  async receive(timeoutMs: number): Promise<Buffer | undefined> {
    if (this.#unread.length === 0 && this.#ended === undefined) await this.#wait(timeoutMs);
    const chunk = this.#unread.shift();
    this.#unreadBytes -= chunk?.length ?? 0;
    return chunk;
  }

  /** Why there is nothing more to receive. */
  get ending(): string {
    return this.#ended ?? '';
  }

  /** Nothing more is sent; the service still may. */
  end(): void {
    this.#connection.endWriting();
  }

  /** Sends what was written, and closes in order. */
  close(): void {
    this.#connection.end();
  }

  [Symbol.dispose](): void {
    this.#connection.destroy('done');
  }

  async #wait(timeoutMs: number): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    using timer = this.#clock.after(timeoutMs, () => reject(new LinkError(`no answer in ${timeoutMs} ms`)));
    void timer;
    this.#wake = resolve;
    await promise;
  }

  #heard(chunk: Buffer): void {
    this.#unread.push(chunk);
    this.#unreadBytes += chunk.length;
    if (this.#unreadBytes > unreadMaxBytes) return this.#connection.destroy('says too much');
    this.#wake?.();
  }

  #end(why: string): void {
    this.#ended ??= why;
    this.#wake?.();
  }
}
