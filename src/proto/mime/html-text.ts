/**
 * HTML to the text a person would read of it, for previews and search. No DOM, nothing is loaded, nothing is trusted: the result is plain
 * text and must be escaped before it is shown. One pass; time linear in the size, whatever is left open.
 */

/** Elements whose content is not text for a reader. */
const silent = new Set([
  'script',
  'style',
  'head',
  'title',
  'template',
  'noscript',
  'svg',
  'math',
  'object',
  'select',
  'textarea',
]);
/** Elements that begin a new line. */
const block = new Set(
  (
    'address article aside blockquote br center dd div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li ' +
    'main nav ol p pre section table tbody tfoot thead tr ul'
  ).split(' '),
);

/** Text with a line end where a block begins or ends; blanks squeezed. */
export function htmlToText(html: string): string {
  const out: string[] = [];
  let at = 0;
  for (;;) {
    const open = html.indexOf('<', at);
    out.push(html.slice(at, open === -1 ? html.length : open).replace(/\s+/g, ' '));
    if (open === -1) break;
    at = skipMarkup(html, open, out);
  }
  return decodeEntities(out.join(''))
    .replace(/[ \u00a0]*\n[ \u00a0\n]*/g, '\n')
    .replace(/ {2,}/g, ' ')
    .trim();
}

/** Behind the tag, comment or silent element at `open`; what it means for the text goes to `out`. */
function skipMarkup(html: string, open: number, out: string[]): number {
  if (html.startsWith('<!--', open)) return behind(html, '-->', open + 4);
  const head = /^<\/?([a-zA-Z][a-zA-Z0-9:-]{0,30})/.exec(html.slice(open, open + 34));
  if (head === null) {
    if (/^<[!?/]/.test(html.slice(open, open + 2))) return behind(html, '>', open + 1);
    out.push('<');
    return open + 1;
  }
  const name = head[1]!.toLowerCase();
  const end = tagEnd(html, open + head[0].length);
  if (block.has(name)) out.push('\n');
  else if (name === 'td' || name === 'th') out.push(' ');
  if (!silent.has(name) || html[open + 1] === '/' || html[end - 2] === '/') return end;
  const close = new RegExp(`</${name}(?![a-z0-9])`, 'gi');
  close.lastIndex = end;
  const match = close.exec(html);
  return match === null ? html.length : tagEnd(html, match.index + match[0].length);
}

function behind(html: string, close: string, from: number): number {
  const at = html.indexOf(close, from);
  return at === -1 ? html.length : at + close.length;
}

/** Behind the `>` that is in no quotes; the end of the text if there is none. */
function tagEnd(html: string, from: number): number {
  let quote = '';
  for (let i = from; i < html.length; i++) {
    const character = html[i]!;
    if (quote !== '') {
      if (character === quote) quote = '';
    } else if (character === '>') return i + 1;
    else if (character === '"' || character === "'") quote = character;
  }
  return html.length;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  reg: '®',
  trade: '™',
  hellip: '…',
  mdash: '—',
  ndash: '–',
  lsquo: '‘',
  rsquo: '’',
  ldquo: '“',
  rdquo: '”',
  laquo: '«',
  raquo: '»',
  bull: '•',
  middot: '·',
  euro: '€',
  pound: '£',
  yen: '¥',
  sect: '§',
  deg: '°',
  times: '×',
  rarr: '→',
  larr: '←',
  auml: 'ä',
  ouml: 'ö',
  uuml: 'ü',
  Auml: 'Ä',
  Ouml: 'Ö',
  Uuml: 'Ü',
  szlig: 'ß',
  eacute: 'é',
  egrave: 'è',
  ecirc: 'ê',
  agrave: 'à',
  aacute: 'á',
  ccedil: 'ç',
  ntilde: 'ñ',
  zwnj: '',
  zwj: '',
  shy: '',
};

/** Character references: numbers, and the names that mail has. Unknown ones stay as they are. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));?/g,
    (whole, decimal, hex, name) => {
      if (name !== undefined)
        return Object.hasOwn(entities, name as string) ? entities[name as string]! : whole;
      const code = decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal);
      if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return '\ufffd';
      return String.fromCodePoint(code);
    },
  );
}

/** The charset that a page names itself, within its first kilobyte (HTML Living Standard, 13.2.3.2). */
export function metaCharset(page: Buffer): string | undefined {
  const head = page.toString('latin1', 0, 1024);
  const match = /<meta\s[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})/i.exec(head);
  return match?.[1];
}
