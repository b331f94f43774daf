/** HTML as a reader sees it, near enough to search in: tags, comments, styles and scripts gone, the common entities undone. Linear in time. */

const named: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  copy: '©',
  reg: '®',
  yen: '¥',
};

/** Between these words do not run on: `<b>wo</b>rd` is one word, `<p>one</p><p>two` are two. */
const breaking = new Set(
  'address blockquote br dd div dl dt h1 h2 h3 h4 h5 h6 hr li ol p pre table td th tr ul'.split(' '),
);
const unseen = new Set(['script', 'style', 'head', 'title']);

export function htmlText(html: string): string {
  const lower = html.toLowerCase();
  let text = '';
  let at = 0;
  while (at < html.length) {
    const open = html.indexOf('<', at);
    if (open === -1) return text + decodeEntities(html.slice(at));
    text += decodeEntities(html.slice(at, open));
    const tag = tagAt(lower, open);
    if (tag === undefined) {
      text += '<';
      at = open + 1;
      continue;
    }
    if (breaking.has(tag.name)) text += ' ';
    at = unseen.has(tag.name) && !tag.closing ? endOfElement(lower, tag.name, tag.end) : tag.end;
  }
  return text;
}

interface Tag {
  readonly name: string;
  readonly closing: boolean;
  readonly end: number;
}

function tagAt(lower: string, open: number): Tag | undefined {
  if (lower.startsWith('<!--', open)) return { name: '', closing: false, end: after(lower, '-->', open + 4) };
  const closing = lower[open + 1] === '/';
  let at = open + (closing ? 2 : 1);
  const start = at;
  while (isNameCharacter(lower.charCodeAt(at))) at += 1;
  if (at === start && lower[at] !== '!' && lower[at] !== '?') return undefined;
  return { name: lower.slice(start, at), closing, end: after(lower, '>', at) };
}

function endOfElement(lower: string, name: string, from: number): number {
  const close = lower.indexOf(`</${name}`, from);
  return close === -1 ? lower.length : after(lower, '>', close);
}

function after(lower: string, wanted: string, from: number): number {
  const found = lower.indexOf(wanted, from);
  return found === -1 ? lower.length : found + wanted.length;
}

const isNameCharacter = (code: number): boolean =>
  (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39);

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]{2,5});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return named[name.toLowerCase()] ?? whole;
    const hex = name[1] === 'x' || name[1] === 'X';
    const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
    return code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
  });
}
