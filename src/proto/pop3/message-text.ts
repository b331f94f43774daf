/**
 * A message as POP3 sends it (RFC 1939, 3 and 7): every line ends with CRLF, a line that begins with a dot gets another, and a line with a lone dot
 * ends it. For TOP, only the header and so many lines of the body.
 *
 * Stored messages may hold what a mailer appended by IMAP: bare CR or LF become CRLF, so that no client sees an end where there is none; NUL becomes 0x80, and the blank
 * line behind the header is added when it lacks, since old clients break on either. Clean text passes in views of the chunks.
 */
const CR = 0x0d;
const LF = 0x0a;
const DOT = 0x2e;

const crlf = Buffer.from('\r\n');
const dot = Buffer.from('.');
const theEnd = Buffer.from('.\r\n');
/** What a NUL becomes, as others do. */
const nulSubstitute = 0x80;

export class MessageText {
  readonly #send: (bytes: Buffer) => void;
  /** Lines of the body that may still be sent; Infinity for all. */
  #linesLeft: number;
  /** The blank line behind the header has passed. */
  #inBody = false;
  #atLineStart = true;
  /** The chunk before ended with a CR, held back until it is known whether an LF follows. */
  #heldCr = false;
  #full = false;

  /** `lines` of the body; undefined for the whole message. `send` gets bytes that it may keep. */
  constructor(send: (bytes: Buffer) => void, lines?: number) {
    this.#send = send;
    this.#linesLeft = lines ?? Infinity;
  }

  /** Nothing more is wanted. */
  get full(): boolean {
    return this.#full;
  }

  push(given: Buffer): void {
    const chunk = given.includes(0) ? withoutNul(given) : given;
    if (this.#full || chunk.length === 0) return;
    let at = 0;
    if (this.#heldCr) {
      this.#heldCr = false;
      this.#sendLineEnd(this.#atLineStart);
      if (chunk[0] === LF) at = 1;
    }
    this.#lines(chunk, at);
  }

  /** Closes the text: what lacks at its end, and the final dot. */
  end(): void {
    if (this.#heldCr || !this.#atLineStart) this.#sendLineEnd(this.#heldCr && this.#atLineStart);
    if (!this.#inBody) this.#sendLineEnd(true);
    this.#send(theEnd);
  }

  /** Clean lines go out in one view, from `kept` on, until something must be put in or left out. */
  #lines(chunk: Buffer, start: number): void {
    const size = chunk.length;
    let kept = start;
    let at = start;
    while (at < size) {
      if (this.#inBody && this.#atLineStart && this.#linesLeft === 0) {
        this.#full = true;
        break;
      }
      if (this.#atLineStart && chunk[at] === DOT) {
        this.#sendPart(chunk, kept, at);
        this.#send(dot);
        kept = at;
      }
      const end = lineEnd(chunk, at);
      const empty = this.#atLineStart && end === at;
      if (end > at) this.#atLineStart = false;
      if (end === size) {
        at = size;
      } else if (chunk[end] === CR && end + 1 === size) {
        this.#sendPart(chunk, kept, end);
        this.#heldCr = true;
        return;
      } else if (chunk[end] === CR && chunk[end + 1] === LF) {
        at = end + 2;
        this.#lineDone(empty);
      } else {
        this.#sendPart(chunk, kept, end);
        this.#sendLineEnd(empty);
        kept = end + 1;
        at = kept;
      }
    }
    this.#sendPart(chunk, kept, at);
  }

  #sendPart(chunk: Buffer, from: number, to: number): void {
    if (to > from) this.#send(chunk.subarray(from, to));
  }

  #sendLineEnd(empty: boolean): void {
    this.#send(crlf);
    this.#lineDone(empty);
  }

  #lineDone(empty: boolean): void {
    if (this.#inBody) this.#linesLeft -= 1;
    else if (empty) this.#inBody = true;
    this.#atLineStart = true;
  }
}

/** Where the next CR or LF is, or the end. Lines are short: a loop is quicker than two searches. */
function lineEnd(bytes: Buffer, from: number): number {
  const size = bytes.length;
  let at = from;
  while (at < size && bytes[at] !== CR && bytes[at] !== LF) at++;
  return at;
}

function withoutNul(chunk: Buffer): Buffer {
  const copy = Buffer.from(chunk);
  for (let at = copy.indexOf(0); at !== -1; at = copy.indexOf(0, at + 1)) copy[at] = nulSubstitute;
  return copy;
}
