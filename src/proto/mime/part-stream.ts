/**
 * The parts of a message whose body comes in pieces: each leaf with its header's facts and its content decoded, to whoever wants to see it.
 * What structure.ts does for a message that is there as a whole, with memory bounded by one header and one line that may be a boundary.
 *
 * Boundaries as there (RFC 2046, 5.1): a delimiter is a whole line, the line end in front belongs to it, an outer one ends what is open
 * inside. Depth and number of parts are bounded: too deep, a part is a leaf whose bytes are all still seen; too many, and the rest is not shown. Never throws.
 */
import { fieldText, findField, parseHeaders, type HeaderBlock } from './headers.ts';
import { parameter, parseParameterized, type Parameters } from './parameter.ts';
import { transferDecoder, type TransferDecoder } from './decode-transfer.ts';

/** A part, as soon as its header has come. */
export interface StreamedPart {
  /** `1`, `2.1`: by its place; `''` for a message that is no multipart. */
  readonly path: string;
  readonly type: string;
  readonly subtype: string;
  readonly params: Parameters;
  readonly encoding: string;
  /** `attachment`, `inline`, or `''`. */
  readonly disposition: string;
  /** Decoded: of Content-Disposition, or else the name of Content-Type; `''` when there is none. */
  readonly fileName: string;
}

/** Sees the content of one part, decoded. What is kept of the bytes must be copied. */
export interface PartSink {
  write(bytes: Buffer): void;
  end(): void;
}

export type OnPart = (part: StreamedPart) => PartSink | undefined;

export const streamedDepthMax = 50;
export const streamedPartsMax = 2000;
/** A header that goes on for longer is body. */
const headerMaxBytes = 128 * 1024;
const delimiterMaxBytes = 1000;

interface Level {
  readonly boundary: string;
  readonly path: string;
  children: number;
}

/** A line that is a boundary of an open multipart. */
interface Delimiter {
  /** Index of the multipart it belongs to. */
  readonly level: number;
  readonly closes: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const nothing = Buffer.alloc(0);

export class PartStream {
  readonly #onPart: OnPart;
  /** Open multiparts, the innermost last. */
  readonly #levels: Level[] = [];
  /** The part whose header is being read; undefined in a body, a preamble or an epilogue. */
  #header: GatheredHeader | undefined;
  #leaf: Leaf | undefined;
  #parts = 0;
  #isCut = false;
  /** Not decided yet: may be a delimiter, or the line end in front of one. */
  #held: Buffer = nothing;
  /** Whether what comes next, held bytes first, begins a line. */
  #lineStart = true;

  /** `header`: of the message, whole lines without the blank line. */
  constructor(header: Buffer, block: HeaderBlock, onPart: OnPart) {
    this.#onPart = onPart;
    this.#begin(header, block, '');
  }

  /** There are more parts than are shown to anybody. */
  get isCut(): boolean {
    return this.#isCut;
  }

  /** A piece of the body, from behind the blank line on. */
  push(chunk: Buffer): void {
    this.#feed(this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]), false);
  }

  end(): void {
    this.#feed(this.#held, true);
    if (this.#header) this.#endHeader();
    this.#closeLeaf();
  }

  #feed(bytes: Buffer, isEnd: boolean): void {
    this.#held = nothing;
    let at: number | undefined = 0;
    while (at !== undefined && at < bytes.length) {
      at = this.#header ? this.#inHeader(bytes, at, isEnd) : this.#inBody(bytes, at, isEnd);
    }
  }

  /** One line of a header, or a piece of a long one. Returns where to go on, or undefined when the rest is held. */
  #inHeader(bytes: Buffer, at: number, isEnd: boolean): number | undefined {
    const next = lineAfter(bytes, at);
    const begins = this.#lineStart;
    if (next === undefined && !isEnd && bytes.length - at < delimiterMaxBytes)
      return this.#hold(bytes, at, begins);
    const end = next ?? bytes.length;
    const delimiter = begins ? this.#delimiter(bytes, at, end) : undefined;
    if (delimiter) this.#endPart(delimiter);
    else if (this.#header!.add(bytes.subarray(at, end), begins)) this.#endHeader();
    this.#lineStart = next !== undefined;
    return end;
  }

  /** Content up to the next delimiter. Returns where to go on, or undefined when the rest is held. */
  #inBody(bytes: Buffer, from: number, isEnd: boolean): number | undefined {
    if (this.#levels.length === 0) return this.#content(bytes, from, bytes.length);
    for (let line = this.#dashedLine(bytes, from, this.#lineStart); line !== undefined; ) {
      const next = lineAfter(bytes, line);
      const before = beforeLineEnd(bytes, from, line);
      if (next === undefined && !isEnd && bytes.length - line < delimiterMaxBytes) {
        this.#content(bytes, from, before);
        return this.#hold(bytes, before, before === line);
      }
      const end = next ?? bytes.length;
      const delimiter = this.#delimiter(bytes, line, end);
      if (delimiter) {
        this.#content(bytes, from, before);
        this.#endPart(delimiter);
        this.#lineStart = true;
        return end;
      }
      line = this.#dashedLine(bytes, line + 1, false);
    }
    const tail = isEnd ? bytes.length : undecidedTail(bytes, from, this.#lineStart);
    this.#content(bytes, from, tail);
    return this.#hold(bytes, tail, this.#lineStart && tail === from);
  }

  /** Where the next line with two dashes in front begins. */
  #dashedLine(bytes: Buffer, from: number, isLineStart: boolean): number | undefined {
    if (isLineStart && bytes[from] === DASH && bytes[from + 1] === DASH) return from;
    const found = bytes.indexOf('\n--', from, 'latin1');
    return found === -1 ? undefined : found + 1;
  }

  #hold(bytes: Buffer, from: number, isLineStart: boolean): undefined {
    this.#held = Buffer.from(bytes.subarray(from));
    this.#lineStart = isLineStart;
  }

  /** Returns where it ends. */
  #content(bytes: Buffer, from: number, to: number): number {
    if (to > from) this.#leaf?.write(bytes.subarray(from, to));
    return to;
  }

  #delimiter(bytes: Buffer, start: number, end: number): Delimiter | undefined {
    if (bytes[start] !== DASH || bytes[start + 1] !== DASH || end - start > delimiterMaxBytes)
      return undefined;
    let stop = end;
    while (stop > start && isBlank(bytes[stop - 1]!)) stop--;
    const text = bytes.toString('latin1', start + 2, stop);
    const level = this.#levels.findLastIndex(({ boundary }) => boundary === text);
    if (level !== -1) return { level, closes: false };
    if (!text.endsWith('--')) return undefined;
    const open = text.slice(0, -2).trimEnd();
    const closed = this.#levels.findLastIndex(({ boundary }) => boundary === open);
    return closed === -1 ? undefined : { level: closed, closes: true };
  }

  /** A delimiter ends all that is open inside its multipart, and begins the next part of it unless it closes it. */
  #endPart({ level: index, closes }: Delimiter): void {
    if (this.#header) this.#endHeader();
    this.#closeLeaf();
    this.#header = undefined;
    this.#levels.length = closes ? index : index + 1;
    if (closes) return;
    const level = this.#levels[index]!;
    level.children += 1;
    if (this.#parts < streamedPartsMax) this.#header = new GatheredHeader(below(level.path, level.children));
    else this.#isCut = true;
  }

  #endHeader(): void {
    const { path, bytes } = this.#header!;
    this.#header = undefined;
    const block = parseHeaders(bytes);
    this.#begin(bytes, block, path);
    // A line that is no field has ended the header early.
    if (this.#header === undefined) this.#content(bytes, block.bodyStart, bytes.length);
  }

  #begin(header: Buffer, block: HeaderBlock, path: string): void {
    this.#parts += 1;
    const part = describe(header, block, path);
    const mayNest = this.#levels.length < streamedDepthMax && this.#parts < streamedPartsMax;
    const boundary = part.type === 'multipart' ? boundaryOf(part.params) : undefined;
    if (mayNest && boundary !== undefined) {
      this.#levels.push({ boundary, path, children: 0 });
    } else if (mayNest && embedsMessage(part)) {
      this.#header = new GatheredHeader(below(path, 1));
    } else {
      const sink = this.#onPart(part);
      this.#leaf = sink && new Leaf(sink, part.encoding);
    }
  }

  #closeLeaf(): void {
    this.#leaf?.end();
    this.#leaf = undefined;
  }
}

class Leaf {
  readonly #sink: PartSink;
  readonly #decoder: TransferDecoder;

  constructor(sink: PartSink, encoding: string) {
    this.#sink = sink;
    this.#decoder = transferDecoder(encoding);
  }

  write(bytes: Buffer): void {
    const decoded = this.#decoder.push(bytes);
    if (decoded.length > 0) this.#sink.write(decoded);
  }

  end(): void {
    const rest = this.#decoder.end();
    if (rest.length > 0) this.#sink.write(rest);
    this.#sink.end();
  }
}

/** The lines of a header that have come so far. */
class GatheredHeader {
  readonly path: string;
  readonly #lines: Buffer[] = [];
  #bytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.#lines);
  }

  /** Takes a line, or a piece of one that `begins` it or goes on. True when the header is over. */
  add(line: Buffer, begins: boolean): boolean {
    this.#lines.push(Buffer.from(line));
    this.#bytes += line.length;
    return (begins && line.every(isLineEnd)) || this.#bytes > headerMaxBytes;
  }
}

const below = (path: string, index: number): string => (path === '' ? `${index}` : `${path}.${index}`);

function lineAfter(bytes: Buffer, at: number): number | undefined {
  const lf = bytes.indexOf(LF, at);
  return lf === -1 ? undefined : lf + 1;
}

/** The line end in front of a delimiter belongs to it. */
function beforeLineEnd(bytes: Buffer, from: number, lineStart: number): number {
  if (lineStart <= from) return lineStart;
  return lineStart - 2 >= from && bytes[lineStart - 2] === CR ? lineStart - 2 : lineStart - 1;
}

/** Where the longest end of the bytes begins that may be the beginning of a line end with a delimiter behind it. */
function undecidedTail(bytes: Buffer, from: number, isLineStart: boolean): number {
  let at = bytes.length;
  if (at - 1 >= from && bytes[at - 1] === DASH && (bytes[at - 2] === LF || (isLineStart && at - 1 === from)))
    at--;
  if (at - 1 >= from && bytes[at - 1] === LF) at--;
  return at - 1 >= from && bytes[at - 1] === CR ? at - 1 : at;
}

const isLineEnd = (byte: number): boolean => byte === CR || byte === LF;
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x09 || isLineEnd(byte);

const isIdentity = (encoding: string): boolean => !/^base64$|^quoted-printable$|uue/.test(encoding);

const embedsMessage = ({ type, subtype, encoding }: StreamedPart): boolean =>
  type === 'message' && (subtype === 'rfc822' || subtype === 'global') && isIdentity(encoding);

function boundaryOf(params: Parameters): string | undefined {
  const value = parameter(params, 'boundary');
  if (value === undefined) return undefined;
  const boundary = Buffer.from(value, 'utf8')
    .toString('latin1')
    .replace(/[ \t]{1,100}$/, '');
  return boundary === '' || boundary.length > delimiterMaxBytes - 6 ? undefined : boundary;
}

function describe(bytes: Buffer, block: HeaderBlock, path: string): StreamedPart {
  const text = (name: string): string => {
    const field = findField(block, name);
    return field === undefined ? '' : fieldText(bytes, field).trim();
  };
  const media = parseParameterized(text('content-type'));
  const [type = '', subtype = ''] = media.value.split('/');
  const disposition = parseParameterized(text('content-disposition'));
  const fileName = parameter(disposition.params, 'filename') ?? parameter(media.params, 'name') ?? '';
  const known = type !== '' && subtype !== '';
  return {
    path,
    type: known ? type : 'text',
    subtype: known ? subtype : 'plain',
    params: media.params,
    encoding: parseParameterized(text('content-transfer-encoding')).value || '7bit',
    disposition: disposition.value,
    fileName,
  };
}
