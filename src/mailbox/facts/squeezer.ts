/**
 * Makes a large message small for the MIME indexer: what lies deep within a part is left out, so that indexing takes constant memory.
 *
 * A part can only begin or end at a line that starts with `--`, and only its header, and the first text, are read; so the bytes behind such a line are kept, up to
 * `keptBytes`, and the line in front of the next one (its line end belongs to the boundary). What was left out is noted, and the offsets of
 * the index are stretched again (stretch.ts). Many lines with dashes keep more, at worst all.
 */

/** Bytes that are left out: they stood in front of the kept byte `at`. */
export interface Gap {
  readonly at: number;
  readonly bytes: number;
  /** Line ends among them. */
  readonly lines: number;
}

export interface Squeezed {
  readonly kept: Buffer;
  readonly gaps: readonly Gap[];
  readonly sizeBytes: number;
}

const LF = 0x0a;
const needle = Buffer.from('\n--');
/** Of a line that stands in front of a boundary, this much is kept at most. */
const lastLineMax = 1024;

export class Squeezer {
  readonly #keptBytes: number;
  readonly #kept: Buffer[] = [];
  readonly #gaps: Gap[] = [];
  #keptSize = 0;
  #sizeBytes = 0;
  /** Bytes that may still be kept; 0 while leaving out. */
  #room: number;
  /** What is not decided yet: never more than a chunk and a line. */
  #held: Buffer = Buffer.alloc(0);
  #gap = { bytes: 0, lines: 0 };

  constructor(keptBytes: number) {
    this.#keptBytes = keptBytes;
    this.#room = keptBytes;
  }

  push(chunk: Buffer): void {
    this.#sizeBytes += chunk.length;
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    this.#held = this.#decide(bytes);
  }

  finish(): Squeezed {
    this.#keep(this.#held);
    return { kept: Buffer.concat(this.#kept), gaps: this.#gaps, sizeBytes: this.#sizeBytes };
  }

  /** Keeps or leaves out; gives what must wait for more. */
  #decide(bytes: Buffer): Buffer {
    let at = 0;
    for (;;) {
      const dashes = bytes.indexOf(needle, at);
      const found = dashes !== -1;
      if (this.#room > 0) {
        // The last two bytes may be the beginning of a needle.
        const end = found ? dashes + needle.length : Math.max(at, bytes.length - needle.length + 1);
        const until = Math.min(end, at + this.#room);
        // Where room ends, no needle may be cut: it would not be found any more.
        const cut = until < end ? beforeNeedle(bytes, at, until) : until;
        this.#keep(bytes.subarray(at, cut));
        this.#room -= until - at;
        at = cut;
        if (until < end) continue;
      } else if (found) {
        const from = Math.max(at, lineStart(bytes, dashes), dashes - lastLineMax);
        this.#leaveOut(bytes.subarray(at, from));
        this.#keep(bytes.subarray(from, dashes + needle.length));
        at = dashes + needle.length;
      } else {
        const from = Math.max(at, lastLines(bytes));
        this.#leaveOut(bytes.subarray(at, from));
        return Buffer.from(bytes.subarray(from));
      }
      if (!found) return Buffer.from(bytes.subarray(at));
      this.#room = this.#keptBytes;
    }
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    if (this.#gap.bytes > 0) this.#gaps.push({ at: this.#keptSize, ...this.#gap });
    this.#gap = { bytes: 0, lines: 0 };
    this.#kept.push(Buffer.from(bytes));
    this.#keptSize += bytes.length;
  }

  #leaveOut(bytes: Buffer): void {
    this.#gap.bytes += bytes.length;
    for (let lf = bytes.indexOf(LF); lf !== -1; lf = bytes.indexOf(LF, lf + 1)) this.#gap.lines += 1;
  }
}

/** `end`, or less when the bytes up to it end like the beginning of a needle. */
function beforeNeedle(bytes: Buffer, start: number, end: number): number {
  if (end > start && bytes[end - 1] === LF) return end - 1;
  return end > start + 1 && bytes[end - 2] === LF ? end - 2 : end;
}

/** Where the line begins whose line end is at `lf`; 0 when it began before. */
const lineStart = (bytes: Buffer, lf: number): number => (lf === 0 ? 0 : bytes.lastIndexOf(LF, lf - 1) + 1);

/** From where the end of `bytes` may stand in front of a boundary that is still to come: its last whole line. */
function lastLines(bytes: Buffer): number {
  const lf = bytes.lastIndexOf(LF);
  return Math.max(bytes.length - lastLineMax, lf === -1 ? 0 : lineStart(bytes, lf));
}
