/**
 * What a session writes, in pieces of some 64 KiB, waiting when the client does not keep up: a FETCH of any size needs a bounded buffer, and no client holds up
 * the others for longer than a slice.
 *
 * Text has one character for each byte; texts are one string until bytes come among them. Order is the order of the calls.
 */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock } from '../base/clock.ts';
import type { Connection } from '../net/connection.ts';
import { outputSliceBytes, sliceMaxMs } from './options.ts';
import type { Transcript } from './transcript.ts';

/** Smaller byte arrays are copied: one write for many messages. */
const copyMaxBytes = 16 * 1024;
/** Of a slice that has bytes among its text. */
const sliceBytes = outputSliceBytes + copyMaxBytes;

/** The client is gone: what was being written is of no use. */
export class ConnectionLost extends Error {
  override readonly name = 'ConnectionLost';
}

export class Output {
  readonly #connection: Connection;
  readonly #clock: Clock;
  /** What was written begins here once bytes were among it, … */
  #slice: Buffer | undefined;
  #used = 0;
  /** … and ends with this text. */
  #text = '';
  #roomy = true;
  #sliceStartMs = 0;
  #transcript: Transcript | undefined;

  constructor(connection: Connection, clock: Clock) {
    this.#connection = connection;
    this.#clock = clock;
  }

  /** Everything that is said is told to the transcript too. */
  record(transcript: Transcript | undefined): void {
    this.#transcript = transcript;
  }

  text(text: string): void {
    this.#text += text;
    this.#transcript?.said(text);
  }

  bytes(bytes: Uint8Array): void {
    this.#transcript?.saidBytes(bytes.length);
    if (bytes.length <= copyMaxBytes) return this.#copy(bytes);
    this.flush();
    this.#roomy = this.#connection.write(bytes);
  }

  #copy(bytes: Uint8Array): void {
    if (this.#used + this.#text.length + bytes.length > sliceBytes) this.flush();
    this.#slice ??= Buffer.allocUnsafeSlow(sliceBytes);
    this.#takeText(this.#slice);
    this.#slice.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  #takeText(slice: Buffer): void {
    this.#used += slice.write(this.#text, this.#used, 'latin1');
    this.#text = '';
  }

  /** Hands over what was written so far. Cheap when nothing was. */
  flush(): void {
    const slice = this.#slice;
    if (slice !== undefined) {
      if (this.#used + this.#text.length <= sliceBytes) this.#takeText(slice);
      this.#roomy = this.#connection.write(slice.subarray(0, this.#used));
      this.#slice = undefined;
      this.#used = 0;
    }
    if (this.#text === '') return;
    this.#roomy = this.#connection.write(this.#text);
    this.#text = '';
  }

  /** Called when a stretch of work begins, before the first `due`. */
  begin(): void {
    this.#sliceStartMs = this.#clock.monotonicMs();
  }

  /** It is time to call `pause`: enough was written. Looking at the clock is left to `late`. */
  get full(): boolean {
    return !this.#roomy || this.#used + this.#text.length >= outputSliceBytes;
  }

  /** It is time to call `pause`: others wait for their turn. */
  get late(): boolean {
    return this.#clock.monotonicMs() - this.#sliceStartMs > sliceMaxMs;
  }

  /** Flushes, lets others have their turn, and waits until the client has room. Throws ConnectionLost when there is no client any more. */
  async pause(): Promise<void> {
    this.flush();
    const drained = this.#connection.drained();
    await (drained ?? nextTurn());
    if (!this.#connection.open) throw new ConnectionLost();
    this.#roomy = true;
    this.begin();
  }
}
