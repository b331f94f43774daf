/**
 * The text of DATA (RFC 5321, 4.5.2): dots taken away on the way in, put in on the way out, on bytes and over any split of chunks.
 *
 * In: only CRLF.CRLF ends the text, and only after CRLF is a dot special. A CR or LF on its own is never a line end here: it
 * is reported (`bareLineEnd`), and the caller refuses the message. Reading such a byte as a line end is what SMTP smuggling lives on
 * (CVE-2023-51764). The flags tell what was seen so far; reading goes on to the end whatever they say.
 *
 * Cost: two native searches a line. A chunk with at most one dot to take away is passed on in views; one with more is copied together, so
 * that a text full of dots does not become a million small pieces.
 */
import { isAscii } from 'node:buffer';

const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

/** What text may hold that a 7-bit or 8-bit MIME body may not (RFC 5321, 2.3.8; RFC 6152). */
export interface TextFlags {
  /** A CR or an LF that is not part of a CRLF. */
  readonly bareLineEnd: boolean;
  readonly nul: boolean;
  /** An octet above 127. */
  readonly eightBit: boolean;
  /** Octets of the longest line so far, with its CRLF. */
  readonly longestLine: number;
}

const atLineStart = 0;
const inText = 1;
/** The chunk ended after a CR that was passed on. */
const afterCr = 2;
/** A line began with a dot, which is held back. */
const afterDot = 3;
/** A line is `.` CR so far, both held back. */
const afterDotCr = 4;

const loneCr = Buffer.from([CR]);

/** Text that comes in: pass `stuffed: false` for BDAT, where dots mean nothing and the end is counted elsewhere (RFC 3030). */
export class TextReader implements TextFlags {
  bareLineEnd = false;
  nul = false;
  eightBit = false;
  longestLine = 0;
  readonly #stuffed: boolean;
  #state = atLineStart;
  /** Octets of the present line that came in earlier chunks. */
  #lineCarried = 0;

  constructor(options: { stuffed: boolean }) {
    this.#stuffed = options.stuffed;
  }

  /** The text so far is empty or ends with CRLF. */
  get atLineStart(): boolean {
    return this.#state === atLineStart;
  }

  /**
   * Reads from `bytes[from]` on, giving text to `emit` as views of `bytes` or copies. Returns the index after the final CRLF.CRLF (the CRLF
   * before the dot is text, RFC 5321, 4.1.1.4), or -1 when the text goes on in the next chunk.
   */
  push(bytes: Buffer, from: number, emit: (text: Buffer) => void): number {
    const end = this.#read(bytes, from, emit);
    const seen = from === 0 && end === -1 ? bytes : bytes.subarray(from, end === -1 ? bytes.length : end);
    if (!this.eightBit && !isAscii(seen)) this.eightBit = true;
    if (!this.nul && seen.includes(0)) this.nul = true;
    return end;
  }

  /** The text ended where it is counted (BDAT): a CR at its very end stands alone. */
  end(): void {
    if (this.#state === afterCr) this.bareLineEnd = true;
  }

  #read(bytes: Buffer, from: number, emit: (text: Buffer) => void): number {
    const size = bytes.length;
    let at = from;
    /** Where the text begins that was not yet passed on. */
    let kept = from;
    /** Text between dots, once there have been two. */
    let joined: Buffer | undefined;
    let joinedBytes = 0;
    let lineStart = from - this.#lineCarried;
    let state = this.#state;
    // Searched only when passed, so that a chunk without CR, or without LF, is not searched again for each line.
    let cr = -1;
    let lf = -1;
    while (at < size) {
      if (state === inText) {
        if (cr < at) cr = find(bytes, CR, at);
        if (lf < at) lf = find(bytes, LF, at);
        if (cr < lf) {
          at = cr + 1;
          // "Not there" is the end of the chunk, too: the order of these tests matters.
          if (at === size) state = afterCr;
          else if (at === lf) {
            at += 1;
            if (at - lineStart > this.longestLine) this.longestLine = at - lineStart;
            lineStart = at;
            state = atLineStart;
          } else this.bareLineEnd = true;
        } else if (lf < size) {
          this.bareLineEnd = true;
          at = lf + 1;
        } else at = size;
      } else if (state === atLineStart) {
        if (bytes[at] === DOT && this.#stuffed) {
          if (kept === from) {
            if (at > kept) emit(bytes.subarray(kept, at));
          } else {
            joined ??= Buffer.allocUnsafe(size - kept);
            joinedBytes += bytes.copy(joined, joinedBytes, kept, at);
          }
          at += 1;
          kept = at;
          state = afterDot;
        } else state = inText;
      } else if (state === afterDot) {
        if (bytes[at] === CR) {
          at += 1;
          state = afterDotCr;
        } else state = inText;
      } else if (state === afterDotCr) {
        if (bytes[at] === LF) {
          this.#state = atLineStart;
          if (joined) emit(joined.subarray(0, joinedBytes));
          return at + 1;
        }
        this.bareLineEnd = true;
        // The CR lies in this chunk at `kept`, or came at the end of an earlier one.
        if (kept === at) emit(loneCr);
        state = inText;
      } else if (bytes[at] === LF) {
        at += 1;
        if (at - lineStart > this.longestLine) this.longestLine = at - lineStart;
        lineStart = at;
        state = atLineStart;
      } else {
        this.bareLineEnd = true;
        state = inText;
      }
    }
    this.#state = state;
    this.#lineCarried = size - lineStart;
    if (size - lineStart > this.longestLine) this.longestLine = size - lineStart;
    const last = state === afterDotCr ? size : kept;
    if (joined) {
      joinedBytes += bytes.copy(joined, joinedBytes, last);
      emit(joined.subarray(0, joinedBytes));
    } else if (size > last) emit(last === 0 ? bytes : bytes.subarray(last));
    return -1;
  }
}

/** Like indexOf, but "not there" is the end. */
function find(bytes: Buffer, octet: number, at: number): number {
  const found = bytes.indexOf(octet, at);
  return found === -1 ? bytes.length : found;
}

const needle = Buffer.from('\r\n.');
const dot = Buffer.from('.');
const endAfterLine = Buffer.from('.\r\n');
const endInLine = Buffer.from('\r\n.\r\n');

/**
 * Text that goes out. The text must be clean CRLF text (intake lets nothing else in); `end` closes it, adding a CRLF when the last line
 * has none.
 */
export class DotStuffer {
  /** How much of CRLF the text so far ends with: 0, 1 or 2. A text begins at a line start. */
  #crlf = 2;

  /** Gives what to send for this chunk, in order: views of the chunk with dots between them. */
  push(chunk: Buffer, send: (bytes: Buffer) => void): void {
    if (chunk.length === 0) return;
    let kept = 0;
    const first = this.#dotAtJoin(chunk);
    if (first !== -1) {
      if (first > 0) send(chunk.subarray(0, first));
      send(dot);
      kept = first;
    }
    for (let at = chunk.indexOf(needle); at !== -1; at = chunk.indexOf(needle, at + 2)) {
      send(chunk.subarray(kept, at + 2));
      send(dot);
      kept = at + 2;
    }
    send(kept === 0 ? chunk : chunk.subarray(kept));
    this.#crlf = crlfAtEnd(chunk, this.#crlf);
  }

  /** The end of the text: `.` CRLF on a line of its own. */
  end(): Buffer {
    const bytes = this.#crlf === 2 ? endAfterLine : endInLine;
    this.#crlf = 2;
    return bytes;
  }

  /** Where a dot stands at a line start whose CRLF came, wholly or in part, with earlier chunks. */
  #dotAtJoin(chunk: Buffer): number {
    if (this.#crlf === 2) return chunk[0] === DOT ? 0 : -1;
    return this.#crlf === 1 && chunk[0] === LF && chunk[1] === DOT ? 1 : -1;
  }
}

function crlfAtEnd(chunk: Buffer, before: number): number {
  const last = chunk[chunk.length - 1];
  if (last === CR) return 1;
  if (last !== LF) return 0;
  if (chunk.length === 1) return before === 1 ? 2 : 0;
  return chunk[chunk.length - 2] === CR ? 2 : 0;
}
