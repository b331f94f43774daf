/**
 * The MIME indexer: where every part of a message lies and what its header says of it, in one pass (RFC 2045, 2046, 2183, 6532).
 *
 * The result is a small JSON-able tree that is stored with the message: IMAP BODYSTRUCTURE, ENVELOPE and BODY[section], JMAP's body lists and
 * POP3's TOP are answered from it and from byte ranges, without parsing again.
 *
 * Promises: never throws; time linear in the size (each byte is looked at a fixed number of times, however parts nest); depth and
 * number of parts are bounded, and beyond the bounds a part is an opaque leaf whose bytes are all still there.
 *
 * Boundaries (RFC 2046, 5.1): a delimiter is a whole line (`--boundary`, perhaps `--`, perhaps blanks), so that `a` does not match in
 * `--ab`; the line end in front belongs to it; an outer one ends the inner parts that were never closed; of two equal ones the inner counts.
 */
import { type Envelope, readEnvelope } from './envelope.ts';
import { findField, fieldText, type HeaderBlock, parseHeaders } from './headers.ts';
import { countLines } from './line-count.ts';
import { parameter, type ParameterizedValue, type Parameters, parseParameterized } from './parameter.ts';

/** Multiparts and embedded messages within each other. Mail has less than ten. */
export const depthMax = 100;
/** Parts of one message. Digests have hundreds. */
export const partsMax = 10_000;
/** RFC 2046 allows 70 characters; mailers exceed it. */
const boundaryBytesMax = 8000;

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;

/** One MIME part. Offsets are bytes from the start of the message. JSON-able; absent fields are left out. */
export interface Part {
  /** `text` and `plain`, lower case. What to show for an `opaque` part tells `presentedType`. */
  readonly type: string;
  readonly subtype: string;
  readonly params: Parameters;
  /** Content-Transfer-Encoding in lower case, `7bit` when absent. */
  readonly encoding: string;
  readonly headerStart: number;
  /** Behind the blank line. */
  readonly bodyStart: number;
  /** The line end in front of a boundary is not part of the body. Size in octets: `bodyEnd - bodyStart`. */
  readonly bodyEnd: number;
  /** Line ends in the body; only for `text/*`, for parts with `message`, and for an opaque multipart. */
  readonly lines?: number;
  /** Raw, unfolded. */
  readonly id?: string;
  readonly description?: string;
  readonly md5?: string;
  readonly location?: string;
  readonly language?: readonly string[];
  readonly disposition?: ParameterizedValue;
  /** The parts of a multipart, at least one. */
  readonly parts?: readonly Part[];
  /** The message inside message/rfc822 or message/global. */
  readonly message?: Message;
  /** A multipart without a usable boundary, or an encoded or too deep message or multipart: a leaf all the same. */
  readonly opaque?: true;
}

export interface Message {
  readonly envelope: Envelope;
  readonly root: Part;
}

export interface MessageIndex extends Message {
  readonly sizeBytes: number;
}

/** The structure of a message. */
export function indexMessage(bytes: Uint8Array): MessageIndex {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { sizeBytes: bytes.byteLength, ...new Indexer(buffer).message(0, 0).message };
}

/**
 * Type to show to a client that must be able to rely on its form: an opaque multipart is text/plain (the text is in it), an opaque message
 * application/octet-stream.
 */
export function presentedType(part: Part): Pick<Part, 'type' | 'subtype' | 'params'> {
  if (!part.opaque) return part;
  if (part.type === 'multipart') return { type: 'text', subtype: 'plain', params: [] };
  return { type: 'application', subtype: 'octet-stream', params: part.params };
}

/** A line that is a boundary of an open multipart. */
interface Delimiter {
  /** Where the part before it ends. */
  readonly contentEnd: number;
  /** Behind the line. */
  readonly next: number;
  /** Of the multipart it belongs to; the outermost is 0. */
  readonly level: number;
  readonly close: boolean;
}

/** A part, and the delimiter that ended it: its own multipart's, an outer one's, or none at the end of the message. */
interface Ended {
  readonly part: Writable<Part>;
  readonly end: Delimiter | undefined;
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

class Indexer {
  readonly #bytes: Buffer;
  /** Levels of each open boundary, innermost last. */
  readonly #boundaries = new Map<string, number[]>();
  #level = 0;
  #parts = 0;
  /** Embedded messages around the current place: their lines are counted through. */
  #embedded = 0;
  #lines = { at: 0, count: 0 };

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The message that begins at `start`, and the delimiter that ends it (undefined: the end of all). */
  message(start: number, depth: number): { message: Message; end: Delimiter | undefined } {
    const headers = this.#headers(start);
    const { part, end } = this.#part(headers, depth, false);
    return { message: { envelope: readEnvelope(this.#bytes, headers), root: part }, end };
  }

  #headers(start: number): HeaderBlock {
    const isBoundary = this.#level === 0 ? undefined : (at: number) => this.#delimiterAt(at) !== undefined;
    return parseHeaders(this.#bytes, start, this.#bytes.length, isBoundary);
  }

  #part(headers: HeaderBlock, depth: number, inDigest: boolean): Ended {
    this.#parts++;
    const part = describe(this.#bytes, headers, inDigest);
    const atLimit = depth >= depthMax || this.#parts >= partsMax;
    if (part.type === 'multipart') return this.#multipart(part, depth, atLimit);
    if (isMessage(part)) return this.#embeddedMessage(part, depth, atLimit);
    return part.type === 'text' ? this.#text(part) : this.#leaf(part);
  }

  #text(part: Writable<Part>): Ended {
    const before = this.#embedded > 0 ? this.#linesAt(part.bodyStart) : 0;
    const ended = this.#leaf(part);
    part.lines =
      this.#embedded > 0
        ? this.#linesAt(part.bodyEnd) - before
        : countLines(this.#bytes, part.bodyStart, part.bodyEnd);
    return ended;
  }

  #leaf(part: Writable<Part>): Ended {
    return this.#ended(part, this.#nextDelimiter(part.bodyStart));
  }

  #opaque(part: Writable<Part>): Ended {
    const ended = this.#leaf(part);
    this.#markOpaque(part);
    return ended;
  }

  /** A multipart that is shown as text has lines. */
  #markOpaque(part: Writable<Part>): void {
    part.opaque = true;
    if (part.type === 'multipart') part.lines = countLines(this.#bytes, part.bodyStart, part.bodyEnd);
  }

  #ended(part: Writable<Part>, end: Delimiter | undefined): Ended {
    part.bodyEnd = end ? Math.max(part.bodyStart, end.contentEnd) : this.#bytes.length;
    return { part, end };
  }

  #embeddedMessage(part: Writable<Part>, depth: number, atLimit: boolean): Ended {
    if (atLimit || !isIdentity(part.encoding)) return this.#opaque(part);
    if (this.#embedded === 0) this.#lines = { at: part.bodyStart, count: 0 };
    const before = this.#linesAt(part.bodyStart);
    this.#embedded++;
    const { message, end } = this.message(part.bodyStart, depth + 1);
    part.message = message;
    this.#ended(part, end);
    part.lines = this.#linesAt(part.bodyEnd) - before;
    this.#embedded--;
    return { part, end };
  }

  #multipart(part: Writable<Part>, depth: number, atLimit: boolean): Ended {
    const boundary = boundaryOf(part.params);
    if (atLimit || boundary === undefined) return this.#opaque(part);
    const level = this.#open(boundary);
    const parts: Writable<Part>[] = [];
    let found = this.#nextDelimiter(part.bodyStart);
    while (found !== undefined && found.level === level && !found.close) {
      found = this.#skipRepeated(found);
      if (found.close) break;
      if (this.#parts >= partsMax) {
        found = this.#nextDelimiter(found.next);
        const last = parts.at(-1);
        if (last && !last.parts && !last.message) this.#ended(last, found);
        continue;
      }
      const child = this.#part(this.#headers(found.next), depth + 1, part.subtype === 'digest');
      parts.push(child.part);
      found = child.end;
    }
    this.#close(boundary);
    // Behind the closing delimiter is the epilogue, which lasts until an outer delimiter.
    if (found?.level === level) found = this.#nextDelimiter(found.next);
    const ended = this.#ended(part, found);
    if (parts.length > 0) part.parts = parts;
    else this.#markOpaque(part);
    return ended;
  }

  #open(boundary: string): number {
    const level = this.#level++;
    const levels = this.#boundaries.get(boundary);
    if (levels) levels.push(level);
    else this.#boundaries.set(boundary, [level]);
    return level;
  }

  #close(boundary: string): void {
    this.#level--;
    const levels = this.#boundaries.get(boundary)!;
    levels.pop();
    if (levels.length === 0) this.#boundaries.delete(boundary);
  }

  /** The next delimiter at or behind a line start. */
  #nextDelimiter(from: number): Delimiter | undefined {
    if (this.#level === 0) return undefined;
    const bytes = this.#bytes;
    if (bytes[from] === DASH && bytes[from + 1] === DASH) {
      const delimiter = this.#delimiterAt(from);
      if (delimiter) return delimiter;
    }
    for (
      let lf = bytes.indexOf('\n--', from, 'latin1');
      lf !== -1;
      lf = bytes.indexOf('\n--', lf + 1, 'latin1')
    ) {
      const delimiter = this.#delimiterAt(lf + 1);
      if (delimiter) return delimiter;
    }
    return undefined;
  }

  /** The line at `start` begins with two dashes: is it a boundary of an open multipart? */
  #delimiterAt(start: number): Delimiter | undefined {
    const bytes = this.#bytes;
    const lf = bytes.indexOf(LF, start);
    const next = lf === -1 ? bytes.length : lf + 1;
    let end = lf === -1 ? bytes.length : lf;
    while (end > start && isBlank(bytes[end - 1]!)) end--;
    if (end - start > boundaryBytesMax + 4) return undefined;
    const text = bytes.toString('latin1', start + 2, end);
    let level = this.#boundaries.get(text)?.at(-1);
    const close = level === undefined && text.endsWith('--');
    if (close) level = this.#boundaries.get(text.slice(0, -2).trimEnd())?.at(-1);
    if (level === undefined) return undefined;
    return { contentEnd: beforeLineEnd(bytes, start), next, level, close };
  }

  /**
   * The line end in front of a delimiter belongs to it (RFC 2046, 5.1.1), so a second delimiter right behind the first delimits nothing:
   * there is no line end left for it.
   */
  #skipRepeated(delimiter: Delimiter): Delimiter {
    let last = delimiter;
    for (;;) {
      const again = this.#bytes[last.next] === DASH && this.#bytes[last.next + 1] === DASH;
      const next = again ? this.#delimiterAt(last.next) : undefined;
      if (next === undefined || next.level !== delimiter.level) return last;
      last = next;
    }
  }

  /** Line ends up to an offset, within an embedded message. Offsets rise (but for a step back over a delimiter's line end), so each byte is counted once. */
  #linesAt(offset: number): number {
    const lines = this.#lines;
    if (offset < lines.at) lines.count -= countLines(this.#bytes, offset, lines.at);
    else lines.count += countLines(this.#bytes, lines.at, offset);
    lines.at = offset;
    return lines.count;
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === CR;
}

/** The line end in front of a delimiter belongs to it. */
function beforeLineEnd(bytes: Buffer, lineStart: number): number {
  if (lineStart === 0) return 0;
  return bytes[lineStart - 2] === CR && lineStart > 1 ? lineStart - 2 : lineStart - 1;
}

function isMessage(part: Part): boolean {
  return part.type === 'message' && (part.subtype === 'rfc822' || part.subtype === 'global');
}

/** Only such a body can be looked into by offsets. RFC 2046, 5.2.1 allows no other for message/rfc822. */
function isIdentity(encoding: string): boolean {
  return encoding !== 'base64' && encoding !== 'quoted-printable' && !encoding.includes('uue');
}

/** As the bytes of a line would read in latin1; blanks at its end cannot be told from padding. */
function boundaryOf(params: Parameters): string | undefined {
  const value = parameter(params, 'boundary');
  if (value === undefined) return undefined;
  const boundary = Buffer.from(value, 'utf8')
    .toString('latin1')
    .replace(/[ \t]{1,100}$/, '');
  return boundary === '' || boundary.length > boundaryBytesMax ? undefined : boundary;
}

function describe(bytes: Buffer, headers: HeaderBlock, inDigest: boolean): Writable<Part> {
  const text = (name: string): string | undefined => {
    const field = findField(headers, name);
    return field && fieldText(bytes, field).trim();
  };
  const part: Writable<Part> = {
    ...mediaType(text('content-type'), inDigest),
    encoding: parseParameterized(text('content-transfer-encoding') ?? '').value || '7bit',
    headerStart: headers.start,
    bodyStart: headers.bodyStart,
    bodyEnd: headers.bodyStart,
  };
  const [id, description, md5, location, language, disposition] = optionalFields.map(text);
  if (id) part.id = id;
  if (description) part.description = description;
  if (md5) part.md5 = md5;
  if (location) part.location = locationText(location);
  if (language) part.language = language.split(',', languagesMax).map((tag) => tag.trim());
  if (disposition) part.disposition = parseParameterized(disposition);
  return part;
}

/** The URI of Content-Location (RFC 2557, 4.2 and 4.4.1): folded anywhere, perhaps quoted, perhaps with comments at its ends. */
function locationText(text: string): string {
  let [from, to] = [0, text.length];
  const isBlank = (at: number): boolean => /\s/.test(text[at] ?? '');
  for (let close = 0; text[from] === '(' && close !== -1; ) {
    close = text.indexOf(')', from);
    if (close === -1 || close >= to) break;
    from = close + 1;
    while (from < to && isBlank(from)) from++;
  }
  // A parenthesis within a URI is part of it: a comment stands behind a blank.
  for (;;) {
    const open = text[to - 1] === ')' ? text.lastIndexOf('(', to) : -1;
    if (open <= from || !isBlank(open - 1)) break;
    to = open;
    while (to > from && isBlank(to - 1)) to--;
  }
  return text
    .slice(from, to)
    .replaceAll(/\s+/g, '')
    .replace(/^"(.*)"$/, '$1');
}

const optionalFields = [
  'content-id',
  'content-description',
  'content-md5',
  'content-location',
  'content-language',
  'content-disposition',
];
const languagesMax = 20;

/** RFC 2045, 5.2: what cannot be read is text/plain, or message/rfc822 in a digest (RFC 2046, 5.1.5). A bare known type gets its usual subtype. */
function mediaType(field: string | undefined, inDigest: boolean): Pick<Part, 'type' | 'subtype' | 'params'> {
  const { value, params } = parseParameterized(field ?? '');
  const slash = value.indexOf('/');
  const type = slash === -1 ? value : value.slice(0, slash);
  const subtype = slash === -1 ? '' : value.slice(slash + 1);
  if (type !== '' && subtype !== '') return { type, subtype, params };
  const usual = usualSubtypes.get(type);
  if (usual !== undefined) return { type, subtype: usual, params };
  return inDigest
    ? { type: 'message', subtype: 'rfc822', params }
    : { type: 'text', subtype: 'plain', params };
}

const usualSubtypes = new Map([
  ['text', 'plain'],
  ['multipart', 'mixed'],
  ['message', 'rfc822'],
  ['application', 'octet-stream'],
]);
