/**
 * The last look at text before it leaves: a CR or LF on its own becomes a CRLF, because a bare one that leaves is how others are smuggled at
 * (CVE-2023-51764), and a line of more than 998 octets goes on in the next one behind a blank (RFC 5322, 2.1.1), as Postfix does it.
 *
 * Stored text is clean by intake's promise, so the usual way is two native searches a line and no copy.
 */
const CR = 0x0d;
const LF = 0x0a;
/** Octets of a line without its CRLF (RFC 5321, 4.5.3.1.6). */
const lineMax = 998;

const crlf = Buffer.from('\r\n');
const fold = Buffer.from('\r\n ');

export class LineGuard {
  /** Octets of the present line that have been passed on. */
  #column = 0;
  /** The text so far ends with a CR that was held back. */
  #heldCr = false;
  /** Something had to be changed. */
  changed = false;

  /** Emits views of the chunk, and line ends between them. */
  push(chunk: Buffer, emit: (bytes: Buffer) => void): void {
    let at = 0;
    let kept = 0;
    if (this.#heldCr && chunk.length > 0) {
      this.#heldCr = false;
      if (chunk[0] === LF) at = kept = 1;
      else this.changed = true;
      emit(crlf);
      this.#column = 0;
    }
    let cr = -1;
    let lf = -1;
    while (at < chunk.length) {
      if (cr < at) cr = find(chunk, CR, at);
      if (lf < at) lf = find(chunk, LF, at);
      const end = cr < lf ? cr : lf;
      if (end - at > lineMax - this.#column) {
        const cut = at + charBoundary(chunk, at, lineMax - this.#column);
        if (cut > kept) emit(chunk.subarray(kept, cut));
        emit(fold);
        this.changed = true;
        this.#column = 1;
        at = kept = cut;
        continue;
      }
      if (end === chunk.length) {
        this.#column += end - at;
        break;
      }
      this.#column = 0;
      if (cr < lf && cr === chunk.length - 1) {
        if (cr > kept) emit(chunk.subarray(kept, cr));
        this.#heldCr = true;
        return;
      }
      if (lf === cr + 1) at = lf + 1;
      else {
        this.changed = true;
        if (end > kept) emit(chunk.subarray(kept, end));
        emit(crlf);
        at = kept = end + 1;
      }
    }
    if (kept < chunk.length) emit(kept === 0 ? chunk : chunk.subarray(kept));
  }

  end(emit: (bytes: Buffer) => void): void {
    if (!this.#heldCr && this.#column === 0) return;
    this.changed = true;
    emit(crlf);
    this.#heldCr = false;
    this.#column = 0;
  }
}

/** Like indexOf, but "not there" is the end. */
function find(bytes: Buffer, octet: number, at: number): number {
  const found = bytes.indexOf(octet, at);
  return found === -1 ? bytes.length : found;
}

/** As much of `room` octets as does not cut a character of UTF-8 that lies within the chunk. */
function charBoundary(bytes: Buffer, at: number, room: number): number {
  let length = room;
  while (length > 1 && length > room - 4 && (bytes[at + length]! & 0xc0) === 0x80) length -= 1;
  return length;
}
