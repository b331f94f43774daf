/**
 * RTF to the text a person would read of it, for search and previews. Knows character sets of fonts (Japanese text is bytes of
 * code page 932 in a font of that set), Unicode escapes, and HTML that Outlook has wrapped into RTF ([MS-OXRTFEX]), whose tags are left
 * out like those parts of the RTF that are no text. One pass, linear in time, never throws; groups nest as deep as `depthMax`.
 */
import { decodeCharset } from '../mime/charset.ts';

const depthMax = 200;

/** Destinations whose content is no text. Those that begin with `\*` are left out by that sign. */
const silent = new Set(
  'fonttbl colortbl stylesheet info pict object header footer headerl headerr headerf footerl footerr footerf themedata filetbl revtbl'.split(
    ' ',
  ),
);

const breaks: Readonly<Record<string, string>> = {
  par: '\n',
  line: '\n',
  row: '\n',
  sect: '\n',
  page: '\n',
  tab: '\t',
  cell: '\t',
  emdash: '—',
  endash: '–',
  emspace: ' ',
  enspace: ' ',
  bullet: '•',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
};

/** Character sets of fonts to charsets. */
const fontCharsets = new Map([
  [77, 'macintosh'],
  [128, 'shift_jis'],
  [129, 'euc-kr'],
  [134, 'gb18030'],
  [136, 'big5'],
  [161, 'windows-1253'],
  [162, 'windows-1254'],
  [163, 'windows-1258'],
  [177, 'windows-1255'],
  [178, 'windows-1256'],
  [186, 'windows-1257'],
  [204, 'windows-1251'],
  [222, 'windows-874'],
  [238, 'windows-1250'],
]);

interface Group {
  /** Nothing in here is text. */
  hidden: boolean;
  /** Within the table of fonts. */
  fonts: boolean;
  /** Between `\htmlrtf` and `\htmlrtf0`: what only readers without HTML see. */
  htmlrtf: boolean;
  font: number;
  /** Characters that stand behind each `\u` for readers without Unicode. */
  fallback: number;
}

export function rtfText(rtf: Buffer): string {
  return new Reader(rtf.toString('latin1')).read();
}

/** A control word with its number and the blank that ends it. */
const word = /([a-zA-Z]{1,32})(-?\d{1,10})? ?/y;
const plainText = /[^\\{}\r\n]+/y;

class Reader {
  readonly #rtf: string;
  #at = 0;
  #group: Group = { hidden: false, fonts: false, htmlrtf: false, font: -1, fallback: 1 };
  readonly #outer: Group[] = [];
  /** Groups too deep to be kept. */
  #beyond = 0;
  #charset = 'windows-1252';
  readonly #fonts = new Map<number, string>();
  /** Bytes of the charset of the font that are not yet decoded: a character may be two of them. */
  #bytes: number[] = [];
  readonly #out: string[] = [];
  #toSkip = 0;

  constructor(rtf: string) {
    this.#rtf = rtf;
  }

  read(): string {
    while (this.#at < this.#rtf.length) this.#token();
    this.#flush();
    return this.#out.join('');
  }

  #token(): void {
    const character = this.#rtf[this.#at]!;
    if (character === '{') this.#open();
    else if (character === '}') this.#close();
    else if (character === '\\') this.#control();
    else if (character === '\r' || character === '\n') this.#at++;
    else this.#plain();
  }

  #open(): void {
    this.#at++;
    if (this.#outer.length >= depthMax) this.#beyond++;
    else this.#outer.push({ ...this.#group });
  }

  #close(): void {
    this.#at++;
    if (this.#beyond > 0) {
      this.#beyond--;
      return;
    }
    this.#flush();
    this.#group = this.#outer.pop() ?? this.#group;
    this.#toSkip = 0;
  }

  #plain(): void {
    plainText.lastIndex = this.#at;
    let text = plainText.exec(this.#rtf)![0];
    this.#at += text.length;
    const skipped = Math.min(this.#toSkip, text.length);
    this.#toSkip -= skipped;
    text = text.slice(skipped);
    if (!this.#isText()) return;
    for (let i = 0; i < text.length; i++) if (text[i] !== '\0') this.#bytes.push(text.charCodeAt(i));
  }

  #isText(): boolean {
    return !this.#group.hidden && !this.#group.htmlrtf;
  }

  #control(): void {
    const next = this.#rtf[this.#at + 1];
    if (next === "'") return this.#hex();
    word.lastIndex = this.#at + 1;
    const match = word.exec(this.#rtf);
    if (match === null) {
      this.#at += 2;
      this.#symbol(next);
      return;
    }
    this.#at += 1 + match[0].length;
    this.#word(match[1]!, match[2] === undefined ? undefined : Number(match[2]));
  }

  #symbol(symbol: string | undefined): void {
    if (symbol === '*') this.#group.hidden = true;
    else if (symbol === '~') this.#put('\u00a0');
    else if (symbol === '_') this.#put('-');
    else if (symbol === '\\' || symbol === '{' || symbol === '}') this.#put(symbol);
    else if (symbol === '\r' || symbol === '\n') this.#put('\n');
  }

  #hex(): void {
    const byte = Number.parseInt(this.#rtf.slice(this.#at + 2, this.#at + 4), 16);
    this.#at += 4;
    if (this.#toSkip > 0) this.#toSkip--;
    else if (this.#isText() && !Number.isNaN(byte)) this.#bytes.push(byte);
  }

  #word(name: string, number: number | undefined): void {
    const group = this.#group;
    if (name === 'f' && number !== undefined) this.#setFont(number);
    else if (name === 'fcharset' && group.fonts) this.#nameFont(number ?? 0);
    else if (name === 'fonttbl') group.fonts = group.hidden = true;
    else if (name === 'ansicpg' && number !== undefined) this.#charset = `cp${number}`;
    else if (name === 'uc' && number !== undefined) group.fallback = Math.min(Math.max(number, 0), 100);
    else if (name === 'u' && number !== undefined) this.#unicode(number);
    else if (name === 'htmlrtf') {
      this.#flush();
      group.htmlrtf = number !== 0;
    } else if (name === 'bin') this.#at += Math.max(number ?? 0, 0);
    else if (silent.has(name)) group.hidden = true;
    else if (Object.hasOwn(breaks, name)) this.#put(breaks[name]!);
  }

  #setFont(font: number): void {
    if (font !== this.#group.font) this.#flush();
    this.#group.font = font;
  }

  #nameFont(set: number): void {
    const charset = fontCharsets.get(set);
    if (charset !== undefined) this.#fonts.set(this.#group.font, charset);
  }

  /** A signed 16-bit unit of UTF-16. */
  #unicode(number: number): void {
    this.#put(String.fromCharCode(number & 0xffff));
    this.#toSkip = this.#group.fallback;
  }

  #put(text: string): void {
    if (!this.#isText()) return;
    this.#flush();
    this.#out.push(text);
  }

  #flush(): void {
    if (this.#bytes.length === 0) return;
    const charset = this.#fonts.get(this.#group.font) ?? this.#charset;
    this.#out.push(decodeCharset(Buffer.from(this.#bytes), charset).text);
    this.#bytes = [];
  }
}
