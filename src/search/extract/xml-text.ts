/** Text out of the XML of office documents: one pass, nothing is resolved (no DTD, no entities but the five and numbers), linear in time whatever the bytes are. */

export interface XmlRules {
  /** Elements whose characters are text; all when undefined. Names with their usual prefix. */
  readonly text?: ReadonlySet<string>;
  /** Elements at whose beginning or end a line ends. */
  readonly lines: ReadonlySet<string>;
  /** Elements that stand for a blank. */
  readonly blanks: ReadonlySet<string>;
}

export function xmlText(xml: string, { text, lines, blanks }: XmlRules): string {
  const out: string[] = [];
  /** How deep in elements of text. */
  let inside = text === undefined ? 1 : 0;
  let at = 0;
  for (;;) {
    const open = xml.indexOf('<', at);
    if (inside > 0) out.push(decoded(xml.slice(at, open === -1 ? xml.length : open)));
    if (open === -1) break;
    const section = skipped(xml, open);
    if (section !== undefined) {
      at = section;
      continue;
    }
    const close = xml.indexOf('>', open);
    if (close === -1) break;
    const { name, closing, empty } = tagIn(xml, open, close);
    if (lines.has(name)) out.push('\n');
    else if (blanks.has(name)) out.push(' ');
    if (text?.has(name) && !empty) inside = Math.max(0, inside + (closing ? -1 : 1));
    at = close + 1;
  }
  return out.join('');
}

/** Where a comment, a CDATA section or an instruction ends, when one begins here. */
function skipped(xml: string, at: number): number | undefined {
  const ends = xml.startsWith('<!--', at) ? '-->' : xml.startsWith('<![CDATA[', at) ? ']]>' : undefined;
  if (ends === undefined) return undefined;
  const end = xml.indexOf(ends, at);
  return end === -1 ? xml.length : end + ends.length;
}

const nameEnd = /[\s/>]/g;

function tagIn(xml: string, open: number, close: number): { name: string; closing: boolean; empty: boolean } {
  const closing = xml[open + 1] === '/';
  const start = open + (closing ? 2 : 1);
  nameEnd.lastIndex = start;
  const end = nameEnd.exec(xml)?.index ?? close;
  return { name: xml.slice(start, end), closing, empty: xml[close - 1] === '/' };
}

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function decoded(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(/&(#x[0-9a-f]{1,6}|#[0-9]{1,7}|[a-z]{2,4});/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return named[name.toLowerCase()] ?? whole;
    const hex = /^#x/i.test(name);
    const code = Number.parseInt(name.slice(hex ? 2 : 1), hex ? 16 : 10);
    return code > 0 && code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
  });
}
