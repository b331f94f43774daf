/**
 * The text of a mail as it comes: where it ends, how long it is, and, where somebody wants them, its header or all of it.
 *
 * The usual way is one native search for the end and no copy. Bare line ends end nothing (only CRLF.CRLF does).
 */
import { TextReader } from '../proto/smtp/dot-stuffing.ts';

const endOfText = Buffer.from('\r\n.\r\n');
const DOT = 0x2e;
/** A header beyond this is not looked through. */
const headerMaxBytes = 64 * 1024;

export type Wanted = 'nothing' | 'header' | 'all';

export class SunkText {
  sizeBytes = 0;
  readonly #wanted: Wanted;
  readonly #stuffed: boolean;
  /** The latest octets, which may be the beginning of the end. A text begins at the start of a line. */
  #tail = '\r\n';
  #kept: Buffer[] = [];
  #keptBytes = 0;
  #headerDone = false;

  constructor(wanted: Wanted, options: { readonly stuffed: boolean }) {
    this.#wanted = wanted;
    this.#stuffed = options.stuffed;
  }

  /** Reads from `chunk[from]` on. Returns the index behind the final dot's line end, or -1 when the text goes on. */
  push(chunk: Buffer, from: number): number {
    const end = this.#endIn(chunk, from);
    const to = end === -1 ? chunk.length : end;
    this.#keep(chunk, from, to);
    this.sizeBytes += to - from - (end === -1 ? 0 : 3);
    if (end === -1) this.#tail = (this.#tail + chunk.toString('latin1', Math.max(from, to - 4))).slice(-4);
    return end;
  }

  /** Octets of a chunk, as they are (RFC 3030). */
  pushCounted(bytes: Buffer): void {
    this.#keep(bytes, 0, bytes.length);
    this.sizeBytes += bytes.length;
  }

  /** As sent, in latin1; empty where nobody wanted it. */
  header(): string {
    if (this.#kept.length === 0) return '';
    const bytes = this.#kept.length === 1 ? this.#kept[0]! : Buffer.concat(this.#kept);
    const end = bytes.indexOf('\r\n\r\n');
    return bytes.toString('latin1', 0, end === -1 ? Math.min(bytes.length, headerMaxBytes) : end + 2);
  }

  /** The whole text with dots unstuffed, or what is kept of it. */
  bytes(): Buffer {
    const sent = Buffer.concat(this.#kept);
    if (!this.#stuffed) return sent;
    const pieces: Buffer[] = [];
    new TextReader({ stuffed: true }).push(sent, 0, (piece) => pieces.push(piece));
    return Buffer.concat(pieces);
  }

  #endIn(chunk: Buffer, from: number): number {
    if (this.#tail !== '' && (this.#tail.length > 2 || chunk[from] === DOT)) {
      const joined = this.#tail + chunk.toString('latin1', from, from + endOfText.length - 1);
      const at = joined.indexOf('\r\n.\r\n');
      if (at !== -1 && at < this.#tail.length) return from + at + endOfText.length - this.#tail.length;
    }
    const at = chunk.indexOf(endOfText, from);
    return at === -1 ? -1 : at + endOfText.length;
  }

  #keep(chunk: Buffer, from: number, to: number): void {
    if (this.#wanted === 'nothing' || (this.#wanted === 'header' && this.#headerDone)) return;
    const part = chunk.subarray(from, to);
    this.#kept.push(part);
    this.#keptBytes += part.length;
    if (this.#wanted === 'header')
      this.#headerDone = part.includes('\r\n\r\n') || this.#keptBytes >= headerMaxBytes;
  }
}
