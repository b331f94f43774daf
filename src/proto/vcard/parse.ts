/**
 * Reads vCards of versions 2.1, 3.0 and 4.0 as they are found, many in one file.
 *
 * What telephones write is read as it was meant: quoted-printable and base64 of version 2.1, CHARSET of each property, Shift_JIS without any word about it, lines
 * that were folded in the middle of a character, line ends of any kind. A line that is none is passed over. Never throws; time is linear.
 */
import { decodeCharset } from '../mime/charset.ts';
import { decodeQuotedPrintable } from '../mime/decode-transfer.ts';
import type { Vcard, VcardProperty } from './vcard.ts';

/** Cards read from one file. */
export const cardsMax = 20_000;
/** Properties of one card; more are passed over. */
const propertiesMax = 2000;

export function parseVcards(bytes: Uint8Array): readonly Vcard[] {
  const cards: Vcard[] = [];
  const charset = charsetOf(bytes);
  let open: VcardProperty[] | undefined;
  let depth = 0;
  for (const line of logicalLines(
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1'),
  )) {
    const property = parseProperty(line, charset);
    if (property === undefined) continue;
    const word = property.value.trim().toUpperCase();
    if (property.name === 'BEGIN' && word === 'VCARD') {
      depth += 1;
      if (depth === 1) open = [];
    } else if (property.name === 'END' && word === 'VCARD') {
      depth = Math.max(0, depth - 1);
      if (depth > 0 || open === undefined) continue;
      cards.push(finished(open));
      open = undefined;
      if (cards.length === cardsMax) break;
    } else if (depth === 1 && open !== undefined && open.length < propertiesMax) open.push(property);
  }
  // The last one may have lost its end.
  if (open !== undefined && open.length > 0 && cards.length < cardsMax) cards.push(finished(open));
  return cards;
}

function finished(properties: readonly VcardProperty[]): Vcard {
  const said = properties.find(({ name }) => name === 'VERSION')?.value.trim();
  const version = said === '2.1' || said === '4.0' ? said : '3.0';
  return { version, properties: properties.filter(({ name }) => name !== 'VERSION') };
}

/** What the file as a whole is in, where a property does not say. Undefined: to be guessed for each. */
function charsetOf(bytes: Uint8Array): string | undefined {
  const [a, b] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) return 'utf-16';
  return undefined;
}

const quotedPrintable = /^[^:]*;(?:ENCODING=)?QUOTED-PRINTABLE[;:]/i;
const base64Old = /^[^:]*;(?:ENCODING=)?BASE64[;:]/i;

/** Lines put together again. A fold is a line end and one blank (RFC 6350, 3.2); one in quoted-printable is `=` at its end. */
function* logicalLines(text: string): Generator<string> {
  const lines = text.replace(/^\u00ef\u00bb\u00bf/, '').split(/\r\n|\r|\n/);
  for (let at = 0; at < lines.length; ) {
    const pieces = [lines[at]!];
    const first = lines[at]!;
    at += 1;
    if (quotedPrintable.test(first)) {
      while (pieces.at(-1)!.endsWith('=') && at < lines.length) pieces.push(lines[at++]!);
      yield pieces.map((each, index) => (index < pieces.length - 1 ? each.slice(0, -1) : each)).join('');
      continue;
    }
    const isOld = base64Old.test(first);
    const goesOn = isOld ? isBase64Line : isIndented;
    while (at < lines.length && goesOn(lines[at]!)) {
      pieces.push(isOld ? lines[at]!.trim() : lines[at]!.slice(1));
      at += 1;
    }
    yield pieces.join('');
  }
}

const isIndented = (line: string): boolean => /^[ \t]/.test(line);
/** Version 2.1 has lines of base64 that are not indented, as some write them. */
const isBase64Line = (line: string): boolean => isIndented(line) || /^[A-Za-z0-9+/=]+$/.test(line);

function parseProperty(line: string, fileCharset: string | undefined): VcardProperty | undefined {
  const head = headOf(line);
  if (head === undefined) return undefined;
  const { group, name, params, at } = head;
  const encoding = (params.get('ENCODING')?.[0] ?? '').toUpperCase();
  const charset = params.get('CHARSET')?.[0] ?? fileCharset;
  let bytes: Buffer = Buffer.from(line.slice(at), 'latin1');
  params.delete('ENCODING');
  params.delete('CHARSET');
  if (encoding === 'B' || encoding === 'BASE64')
    return { group, name, params, value: bytes.toString('latin1').replace(/\s+/g, ''), isBinary: true };
  if (encoding === 'QUOTED-PRINTABLE') bytes = decodeQuotedPrintable(bytes);
  // A line end in quoted-printable is in the text; elsewhere it would be an escape.
  const value = decodeCharset(bytes, charset).text.replace(/\r\n|\r|\n/g, '\\n');
  return { group, name, params: decodedParams(params), value };
}

interface Head {
  readonly group: string;
  readonly name: string;
  readonly params: Map<string, string[]>;
  /** Where the value begins. */
  readonly at: number;
}

const nameOf = /^\s*(?:([A-Za-z0-9-]+)\.)?([A-Za-z0-9-]+)(?=[;:])/;

function headOf(line: string): Head | undefined {
  const named = nameOf.exec(line);
  if (named === null) return undefined;
  const params = new Map<string, string[]>();
  let at = named[0].length;
  while (line[at] === ';') {
    const end = paramEnd(line, at + 1);
    addParam(params, line.slice(at + 1, end));
    at = end;
  }
  if (line[at] !== ':') return undefined;
  return { group: named[1] ?? '', name: named[2]!.toUpperCase(), params, at: at + 1 };
}

/** The next `;` or `:` outside of quotes. */
function paramEnd(line: string, from: number): number {
  let quoted = false;
  for (let at = from; at < line.length; at++) {
    const char = line[at];
    if (char === '"') quoted = !quoted;
    else if (!quoted && (char === ';' || char === ':')) return at;
  }
  return line.length;
}

const bareEncodings = /^(?:QUOTED-PRINTABLE|BASE64|8BIT|7BIT)$/i;

function addParam(params: Map<string, string[]>, text: string): void {
  const equals = text.indexOf('=');
  // Version 2.1: `TEL;HOME;CELL`, `NOTE;QUOTED-PRINTABLE`.
  const bareName = bareEncodings.test(text) ? 'ENCODING' : 'TYPE';
  const name = equals === -1 ? bareName : text.slice(0, equals).trim().toUpperCase();
  const value = equals === -1 ? text : text.slice(equals + 1);
  const values = value === '' ? [] : (value.match(/"[^"]*"?|[^,"]+/g) ?? []);
  const known = params.get(name) ?? [];
  params.set(name, [...known, ...values.map((each) => each.replaceAll('"', ''))]);
}

/** Parameters beyond ASCII, with the escapes of RFC 6868. */
function decodedParams(
  params: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, readonly string[]> {
  const decoded = new Map<string, readonly string[]>();
  for (const [name, values] of params) decoded.set(name, values.map(decodedParam));
  return decoded;
}

function decodedParam(value: string): string {
  // Blanks are cut off characters, not off octets.
  const text = decodeCharset(Buffer.from(value, 'latin1'), undefined).text.trim();
  return text.replace(/\^(['n^])/g, (_, char: string) => (char === 'n' ? '\n' : char === "'" ? '"' : '^'));
}
