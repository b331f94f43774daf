/**
 * What a client has sent and nobody has read yet: cut into command lines, or handed out as pieces for text and chunks.
 *
 * Memory: the unread part of what came, and one unfinished line of at most `lineMax` octets; of a longer line nothing is kept but that
 * it was too long.
 */

const LF = 0x0a;
const CR = 0x0d;

/** `bare`: the line ended with LF alone, or had a CR inside. */
export type Line = { readonly is: 'line'; readonly bytes: Buffer } | { readonly is: 'tooLong' | 'bare' };

export interface Piece {
  readonly bytes: Buffer;
  /** First octet not yet read. */
  readonly at: number;
}

const nothing = Buffer.alloc(0);

export class Input {
  #chunk: Buffer = nothing;
  #at = 0;
  #later: Buffer[] = [];
  #laterBytes = 0;
  #line: Buffer = nothing;
  #overlong = false;

  add(chunk: Buffer): void {
    if (this.#at === this.#chunk.length && this.#later.length === 0) {
      this.#chunk = chunk;
      this.#at = 0;
    } else {
      this.#later.push(chunk);
      this.#laterBytes += chunk.length;
    }
  }

  /** There is something unread. */
  get more(): boolean {
    return this.#at < this.#chunk.length || this.#later.length > 0;
  }

  /** A line has begun and not ended. */
  get unfinished(): boolean {
    return this.#line.length > 0 || this.#overlong;
  }

  get unreadBytes(): number {
    return this.#chunk.length - this.#at + this.#laterBytes;
  }

  /** The next line without its CRLF, of at most `lineMax` octets with it; undefined when it has not ended yet. A view: use it before the next call. */
  line(lineMax: number): Line | undefined {
    while (this.#advance()) {
      const lf = this.#chunk.indexOf(LF, this.#at);
      const part = this.#chunk.subarray(this.#at, lf === -1 ? this.#chunk.length : lf + 1);
      this.#at += part.length;
      if (this.#overlong || this.#line.length + part.length > lineMax) {
        this.#line = nothing;
        this.#overlong = lf === -1;
        if (lf !== -1) return { is: 'tooLong' };
      } else if (lf === -1) {
        this.#line = Buffer.concat([this.#line, part]);
      } else {
        const whole = this.#line.length === 0 ? part : Buffer.concat([this.#line, part]);
        this.#line = nothing;
        const end = whole.length - 2;
        if (end < 0 || whole.indexOf(CR) !== end) return { is: 'bare' };
        return { is: 'line', bytes: whole.subarray(0, end) };
      }
    }
    return undefined;
  }

  /** The unread part of the oldest chunk; say how much was read with `read`. */
  piece(): Piece | undefined {
    return this.#advance() ? { bytes: this.#chunk, at: this.#at } : undefined;
  }

  /** Everything before index `to` of the piece was read. */
  read(to: number): void {
    this.#at = to;
  }

  /** Reads what is there of the oldest chunk, at most so many octets; undefined when nothing is. */
  take(max: number): Buffer | undefined {
    if (!this.#advance()) return undefined;
    const bytes = this.#chunk.subarray(this.#at, this.#at + max);
    this.#at += bytes.length;
    return bytes;
  }

  /** Forgets all, as TLS begins. */
  clear(): void {
    this.#chunk = this.#line = nothing;
    this.#at = 0;
    this.#later = [];
    this.#laterBytes = 0;
    this.#overlong = false;
  }

  #advance(): boolean {
    if (this.#at < this.#chunk.length) return true;
    const next = this.#later.shift();
    this.#chunk = next ?? nothing;
    this.#at = 0;
    this.#laterBytes -= next?.length ?? 0;
    return next !== undefined;
  }
}
