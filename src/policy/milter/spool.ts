/**
 * A new body while a milter sends it: in memory while it is small, then in a file that nobody has named yet. Its line ends are made CRLF, whatever they
 * are: a bare one would be an end of message to some server on the way. A NUL is no text at all.
 */
import { MilterError } from '../../proto/milter/packet.ts';
import { LineEndFixer } from '../../proto/smtp/line-ends.ts';
import type { Bodies, BodyWriter } from '../../store/body.ts';

export class Spool implements Disposable {
  readonly #bodies: Pick<Bodies, 'writer'>;
  readonly #max: number;
  readonly #fixer = new LineEndFixer();
  #writer: BodyWriter | undefined;

  constructor(bodies: Pick<Bodies, 'writer'>, maxBytes: number) {
    this.#bodies = bodies;
    this.#max = maxBytes;
  }

  get isUsed(): boolean {
    return this.#writer !== undefined;
  }

  write(bytes: Buffer): Promise<void> | undefined {
    this.#writer ??= this.#bodies.writer();
    if (this.#writer.sizeBytes + bytes.length > this.#max) throw new MilterError('a new body too large');
    if (bytes.includes(0)) throw new MilterError('a NUL in a new body');
    return this.#writer.write(this.#fixer.push(bytes, false));
  }

  /** All of it has come. */
  async end(): Promise<void> {
    await this.#writer?.write(this.#fixer.end());
  }

  async *read(): AsyncGenerator<Uint8Array, void, void> {
    if (this.#writer) yield* this.#writer.written();
  }

  [Symbol.dispose](): void {
    // What a failed removal leaves behind is swept later.
    this.#writer?.abort().catch(() => undefined);
  }
}
