/**
 * Content-Transfer-Encoding undone (RFC 2045, 6), tolerantly: whatever the bytes, something readable comes out and nothing throws.
 * uuencode, which no RFC defines, is what old mailers send as `x-uuencode`.
 *
 * The decoders also work on a body that comes in pieces, with a line of state at most.
 */
import { decodeBase64 } from './base64.ts';
import { hexPair } from './encoded-word.ts';

const LF = 0x0a;
const CR = 0x0d;
const EQUALS = 0x3d;

/** The content of a part without its Content-Transfer-Encoding (in lower case). Unknown ones pass through. */
export function decodeTransfer(bytes: Buffer, encoding: string): Buffer {
  switch (encoding) {
    case 'base64':
      return decodeBase64(bytes);
    case 'quoted-printable':
      return decodeQuotedPrintable(bytes);
    case 'x-uuencode':
    case 'x-uue':
    case 'uuencode':
    case 'uue':
      return decodeUuencode(bytes);
    default:
      return bytes;
  }
}

/** True when `decodeTransfer` has to do something. */
export function isEncoded(encoding: string): boolean {
  return /^(?:base64|quoted-printable|(?:x-)?uue(?:ncode)?)$/.test(encoding);
}

/**
 * Quoted-printable (RFC 2045, 6.7). Blanks at line ends were added in transport and go; `=` before them or before a line end
 * is a soft break; an `=` that starts nothing valid stays as text. Runs without `=` are copied whole.
 */
export function decodeQuotedPrintable(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  let size = 0;
  for (let at = 0; at < bytes.length; ) {
    const lf = bytes.indexOf(LF, at);
    const next = lf === -1 ? bytes.length : lf + 1;
    let end = lf === -1 ? bytes.length : lf;
    if (lf !== -1 && end > at && bytes[end - 1] === CR) end--;
    const lineEnd = end;
    while (end > at && (bytes[end - 1] === 0x20 || bytes[end - 1] === 0x09)) end--;
    const soft = end > at && bytes[end - 1] === EQUALS && lf !== -1;
    size = decodeLine(
      bytes.subarray(at, soft ? end - 1 : lf === -1 && end === lineEnd ? lineEnd : end),
      out,
      size,
    );
    if (!soft) size += bytes.copy(out, size, lineEnd, next);
    at = next;
  }
  return out.subarray(0, size);
}

function decodeLine(line: Buffer, out: Buffer, from: number): number {
  let size = from;
  let at = 0;
  for (let sign = line.indexOf(EQUALS); sign !== -1; sign = line.indexOf(EQUALS, sign + 1)) {
    const value = hexPair(line[sign + 1], line[sign + 2]);
    if (value === -1) {
      // An `=` that ends the text is a soft break whose line end got lost.
      if (sign === line.length - 1) {
        size += line.copy(out, size, at, sign);
        at = line.length;
      }
      continue;
    }
    size += line.copy(out, size, at, sign);
    out[size++] = value;
    at = sign + 3;
    sign += 2;
  }
  return size + line.copy(out, size, at);
}

/** All files of a uuencoded body, one after the other, without the text around them. */
export function decodeUuencode(bytes: Buffer): Buffer {
  const decoder = new UuDecoder();
  const first = decoder.push(bytes);
  const last = decoder.end();
  return last.length === 0 ? first : Buffer.concat([first, last]);
}

/** Longer than a line of uuencode ever is. */
const uuLineMax = 1000;
const beginsUu = (line: Buffer): boolean =>
  /^begin(?:-base64)? [0-7]{3,4} /.test(line.toString('latin1', 0, 16));
const endsUu = (line: Buffer): boolean => line.length <= 4 && line.toString('latin1').trim() === 'end';

/** The first character tells how many bytes the line holds; missing characters at its end are blanks that got lost. */
function uuLine(line: Buffer, out: Buffer, from: number): number {
  if (line.length === 0) return from;
  const count = (line[0]! - 0x20) & 63;
  const end = Math.min(from + count, from + Math.ceil(((line.length - 1) * 3) / 4), out.length);
  let size = from;
  const six = (i: number): number => ((line[i] ?? 0x20) - 0x20) & 63;
  for (let i = 1; size < end; i += 4) {
    const word = (six(i) << 18) | (six(i + 1) << 12) | (six(i + 2) << 6) | six(i + 3);
    out[size++] = word >> 16;
    if (size < end) out[size++] = (word >> 8) & 255;
    if (size < end) out[size++] = word & 255;
  }
  return size;
}

/** Decodes a body that comes in pieces. What `push` returns is the caller's. */
export interface TransferDecoder {
  push(chunk: Buffer): Buffer;
  end(): Buffer;
}

/** Other encodings pass through. */
export function transferDecoder(encoding: string): TransferDecoder {
  if (encoding === 'base64') return new Base64Decoder();
  if (encoding === 'quoted-printable') return new QuotedPrintableDecoder();
  if (isEncoded(encoding)) return new UuDecoder();
  return { push: (chunk) => chunk, end: () => Buffer.alloc(0) };
}

/** Holds back the characters that do not make up three bytes yet. */
class Base64Decoder implements TransferDecoder {
  #rest = '';

  push(chunk: Buffer): Buffer {
    const text = this.#rest + chunk.toString('latin1').replace(/[^A-Za-z0-9+/=_-]/g, '');
    // Groups are counted from the last padding on.
    const pad = text.lastIndexOf('=') + 1;
    const whole = pad + ((text.length - pad) & ~3);
    this.#rest = text.slice(whole);
    return decodeBase64(text.slice(0, whole));
  }

  end(): Buffer {
    const rest = this.#rest;
    this.#rest = '';
    return decodeBase64(rest);
  }
}

/** A line without an end is given out in pieces of this size, so that an endless one is not gathered. */
const qpHoldMax = 64 * 1024;

/** Holds back the unfinished line. */
class QuotedPrintableDecoder implements TransferDecoder {
  #rest: Buffer = Buffer.alloc(0);

  push(chunk: Buffer): Buffer {
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const lf = all.lastIndexOf(LF) + 1;
    const cut = all.length - lf > qpHoldMax ? safeCut(all) : lf;
    this.#rest = Buffer.from(all.subarray(cut));
    return decodeQuotedPrintable(all.subarray(0, cut));
  }

  end(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return decodeQuotedPrintable(rest);
  }
}

/** A place that cuts no escape and no run of blanks; where there is none near the end, the end itself. */
function safeCut(bytes: Buffer): number {
  const stop = Math.max(2, bytes.length - 1000);
  for (let at = bytes.length; at > stop; at--) {
    const last = bytes[at - 1]!;
    if (last > 0x20 && last !== EQUALS && bytes[at - 2] !== EQUALS) return at;
  }
  return bytes.length;
}

/** Holds back the unfinished line; of one that is too long for uuencode nothing is decoded. */
class UuDecoder implements TransferDecoder {
  #rest: Buffer = Buffer.alloc(0);
  #inside = false;

  push(chunk: Buffer): Buffer {
    const all = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const end = all.lastIndexOf(LF) + 1;
    const rest = all.subarray(end);
    this.#rest = Buffer.from(rest.length > uuLineMax ? rest.subarray(0, uuLineMax) : rest);
    return this.#decode(all.subarray(0, end));
  }

  end(): Buffer {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    return this.#decode(rest);
  }

  #decode(lines: Buffer): Buffer {
    const out = Buffer.allocUnsafe(lines.length);
    let size = 0;
    for (let at = 0; at < lines.length; ) {
      const lf = lines.indexOf(LF, at);
      const line = lines.subarray(
        at,
        lf === -1 ? lines.length : lf > at && lines[lf - 1] === CR ? lf - 1 : lf,
      );
      if (!this.#inside) this.#inside = beginsUu(line);
      else if (endsUu(line)) this.#inside = false;
      else size = uuLine(line, out, size);
      at = lf === -1 ? lines.length : lf + 1;
    }
    return out.subarray(0, size);
  }
}
