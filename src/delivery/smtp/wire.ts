/**
 * The client's end of an SMTP or LMTP connection: lines out, replies in, one deadline.
 *
 * Whoever talks (the handshake, then the client) sets `onReply`. Time is watched by whoever owns the wire calling `watch` every second or so,
 * so that a mail costs no timer. After `onLost` was called nothing else is.
 */
import type { Clock } from '../../base/clock.ts';
import type { TlsInfo } from '../../events/event.ts';
import type { Connection } from '../../net/connection.ts';
import type { DeliveryTimeouts } from '../options.ts';
import { ReplyError, ReplyReader, type Reply } from '../../proto/smtp/reply.ts';

export type Lost = { readonly is: 'closed' | 'timeout' | 'nonsense'; readonly detail: string };

export class Wire {
  readonly connection: Connection;
  readonly timeouts: DeliveryTimeouts;
  readonly #clock: Clock;
  readonly #reader = new ReplyReader();
  onReply: (reply: Reply) => void = () => {};
  onLost: (lost: Lost) => void = () => {};
  #deadlineMs = Infinity;
  #lost = false;
  tls: TlsInfo | null = null;
  /** What is wrong with the certificate by the authorities; `''` when it is good, or there is none. */
  certificate = '';

  constructor(connection: Connection, clock: Clock, timeouts: DeliveryTimeouts) {
    this.connection = connection;
    this.timeouts = timeouts;
    this.#clock = clock;
    connection.onData((chunk) => this.#heard(chunk));
    connection.onEnd(() => this.lose({ is: 'closed', detail: 'the server closed the connection' }));
    connection.onClose((why) => this.lose({ is: 'closed', detail: why.detail || why.reason }));
  }

  get lost(): boolean {
    return this.#lost;
  }

  /** Nothing of an unfinished reply is held: anything that is may not cross into TLS. */
  get betweenReplies(): boolean {
    return this.#reader.empty;
  }

  /** Wall time. */
  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Characters up to U+00FF are octets; text beyond goes as UTF-8. */
  write(line: string): void {
    // Only SMTPUTF8 commands have more than ASCII, so this search is what nearly all cost.
    this.connection.write(/[^\u0000-\u007f]/.test(line) ? Buffer.from(line) : line);
  }

  writeBytes(bytes: Buffer): boolean {
    return this.connection.write(bytes);
  }

  /** The next reply is due within `ms`. */
  expectWithin(ms: number): void {
    this.#deadlineMs = this.#clock.monotonicMs() + ms;
  }

  expectNothing(): void {
    this.#deadlineMs = Infinity;
  }

  watch(monotonicMs: number): void {
    if (monotonicMs > this.#deadlineMs) this.lose({ is: 'timeout', detail: 'no answer in time' });
  }

  lose(lost: Lost): void {
    if (this.#lost) return;
    this.#lost = true;
    this.connection.destroy(lost.detail);
    this.onLost(lost);
  }

  /** Says no more; what was written still leaves. */
  end(): void {
    this.#lost = true;
    this.connection.end();
  }

  #heard(chunk: Buffer): void {
    if (this.#lost) return;
    try {
      this.#reader.push(chunk, (reply) => {
        if (!this.#lost) this.onReply(reply);
      });
    } catch (error) {
      if (!(error instanceof ReplyError)) throw error;
      this.lose({ is: 'nonsense', detail: error.message });
    }
  }
}
