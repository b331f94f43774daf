/**
 * XML as reports have it, one element after the other: names, and the text directly in them. No tree is made, so memory does not grow with the text.
 *
 * Safe against hostile text: time linear in its length, depth bounded, no entities but the five of XML and character references (a document type is passed over, what
 * it declares is text), nothing is ever fetched. Mends what it can, as reporters write by hand: a `<` that opens no tag is text, a tag that is never closed ends
 * with the one around it.
 */

export type XmlEvent =
  | { readonly is: 'open'; readonly name: string; readonly depth: number }
  | { readonly is: 'close'; readonly name: string; readonly text: string; readonly depth: number };

/** Elements in elements. Reports have five. */
const depthMax = 32;
/** Characters of an element's text; more is cut. */
const textMaxChars = 4096;

/** Local names in lower case. Elements deeper than allowed are passed over with their text. */
export function* xmlElements(text: string): Generator<XmlEvent, void, void> {
  const open: { readonly name: string; text: string }[] = [];
  let skipped = 0;
  for (const piece of pieces(text)) {
    if (piece.is === 'text') {
      const inner = open.at(-1);
      if (inner && skipped === 0 && inner.text.length < textMaxChars) inner.text += piece.text;
    } else if (piece.is === 'end') {
      if (skipped > 0) skipped -= 1;
      else yield* closed(open, piece.name);
    } else if (open.length === depthMax || skipped > 0) skipped += piece.empty ? 0 : 1;
    else {
      open.push({ name: piece.name, text: '' });
      yield { is: 'open', name: piece.name, depth: open.length };
      if (piece.empty) yield* closed(open, piece.name);
    }
  }
  while (open.length > 0) yield* closed(open, open.at(-1)!.name);
}

/** Ends the innermost element of this name, and all that is still open in it. Without one, nothing. */
function* closed(open: { readonly name: string; text: string }[], name: string): Generator<XmlEvent> {
  const at = open.findLastIndex((each) => each.name === name);
  if (at === -1) return;
  while (open.length > at) {
    const { name: inner, text } = open.pop()!;
    yield {
      is: 'close',
      name: inner,
      text: decoded(text.slice(0, textMaxChars)).trim(),
      depth: open.length + 1,
    };
  }
}

type Piece =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'start'; readonly name: string; readonly empty: boolean }
  | { readonly is: 'end'; readonly name: string };

const startTag = /^([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)(?:[\s/]|$)/;
const endTag = /^([A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)\s*$/;

function* pieces(text: string): Generator<Piece, void, void> {
  const ahead = new Ahead(text);
  for (let at = 0; at < text.length; ) {
    const lt = ahead.find('<', at);
    if (lt === -1) {
      yield { is: 'text', text: text.slice(at) };
      return;
    }
    if (lt > at) yield { is: 'text', text: text.slice(at, lt) };
    const special = specialEnd(text, lt, ahead);
    if (special !== undefined) {
      if (special.text !== '') yield { is: 'text', text: special.text };
      at = special.end;
      continue;
    }
    const gt = ahead.find('>', lt);
    const next = ahead.find('<', lt + 1);
    const tag = gt === -1 || (next !== -1 && next < gt) ? undefined : tagOf(text.slice(lt + 1, gt));
    if (tag !== undefined) yield tag;
    else yield { is: 'text', text: '<' };
    at = tag === undefined ? lt + 1 : gt + 1;
  }
}

const tagMaxChars = 4096;

function tagOf(inside: string): Piece | undefined {
  if (inside.length > tagMaxChars) return undefined;
  if (inside.startsWith('/')) {
    const end = endTag.exec(inside.slice(1));
    return end === null ? undefined : { is: 'end', name: end[2]!.toLowerCase() };
  }
  const start = startTag.exec(inside);
  return start === null
    ? undefined
    : { is: 'start', name: start[2]!.toLowerCase(), empty: inside.endsWith('/') };
}

/** Comments, declarations, instructions and CDATA. */
function specialEnd(text: string, lt: number, ahead: Ahead): { end: number; text: string } | undefined {
  const upTo = (close: string): number => {
    const found = ahead.find(close, lt);
    return found === -1 ? text.length : found + close.length;
  };
  if (text.startsWith('<!--', lt)) return { end: upTo('-->'), text: '' };
  if (text.startsWith('<?', lt)) return { end: upTo('?>'), text: '' };
  if (text.startsWith('<![CDATA[', lt)) {
    const end = upTo(']]>');
    const data = text.slice(lt + '<![CDATA['.length, Math.min(end - ']]>'.length, lt + textMaxChars));
    return { end, text: data.replaceAll('&', '&amp;') };
  }
  if (!text.startsWith('<!', lt)) return undefined;
  const gt = ahead.find('>', lt);
  const subset = ahead.find('[', lt);
  if (subset === -1 || (gt !== -1 && gt < subset)) return { end: upTo('>'), text: '' };
  const close = ahead.find(']', lt);
  const end = close === -1 ? -1 : text.indexOf('>', close);
  return { end: end === -1 ? text.length : end + 1, text: '' };
}

/** Where a mark is next, looked for once however often it is asked. */
class Ahead {
  readonly #text: string;
  readonly #found = new Map<string, number>();

  constructor(text: string) {
    this.#text = text;
  }

  find(mark: string, from: number): number {
    const known = this.#found.get(mark);
    if (known !== undefined && (known === -1 || known >= from)) return known;
    const found = this.#text.indexOf(mark, from);
    this.#found.set(mark, found);
    return found;
  }
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replaceAll(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(lt|gt|amp|quot|apos));/gi, (all, ...found) => {
    const [decimal, hex, name] = found as (string | undefined)[];
    if (name !== undefined) return named[name.toLowerCase()]!;
    const code = decimal === undefined ? Number.parseInt(hex!, 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
      ? String.fromCodePoint(code)
      : all;
  });
}

/** Text for an element: what XML 1.0 cannot carry is left out. */
export function xmlText(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

/** The text of XML bytes, by its byte order mark, else its declaration, else as UTF-8. */
export function xmlString(bytes: Uint8Array): string {
  const head = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  const label = head.startsWith('\u00ff\u00fe')
    ? 'utf-16le'
    : head.startsWith('\u00fe\u00ff')
      ? 'utf-16be'
      : (/^\s*<\?xml[^>]*encoding\s*=\s*["']([\w.-]{1,40})["']/i.exec(head)?.[1] ?? 'utf-8');
  try {
    return new TextDecoder(/^utf-?16/i.test(label) && !/^[\u00fe\u00ff]/.test(head) ? 'utf-8' : label).decode(
      bytes,
    );
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
