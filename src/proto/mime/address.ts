/**
 * Addresses of header fields (RFC 5322, 3.4; RFC 6532; RFC 6854), read as they come, and one address read strictly.
 *
 * The tolerant parser takes the text to tokens once (comments nest by a counter, not by recursion) and reads the tokens left to right:
 * linear time whatever the text. It never throws. What decides security is kept exact: a quoted string is one token wherever it stands, so
 * `<"a@evil.test>, <x"@good.test>` is one mailbox; the address in angle brackets wins over one in the display name; of several `@`
 * the last counts. Legacy Japanese local parts (`a..b@`, `a.@`) are taken as they are and quoted when written.
 */
import { decodeWords } from './encoded-word.ts';

/** Mailboxes and groups of one field that are read. */
export const addressesMax = 10_000;
/** Characters of one field that are read. */
const textMax = 1024 * 1024;
/** Characters of a source route that are kept. */
const routeMax = 1000;

/** An address of a header field. */
export type Address = Mailbox | Group;

/** One mailbox. JSON-able and compact: an absent name is left out. */
export interface Mailbox {
  /** The display name (or, lacking one, the comment behind the address), unquoted, encoded words as they came. */
  readonly name?: string;
  /** Local part without quoting: `"john doe"@x` has the local part `john doe`. `''` when the text had none. */
  readonly local: string;
  /** As given, Unicode allowed; a literal keeps its brackets; `''` when the text had none. */
  readonly domain: string;
  /** `@a,@b` of a source route (RFC 5322, 4.4), which nobody obeys and ENVELOPE shows. */
  readonly route?: string;
}

export interface Group {
  /** The group's name, like `Mailbox.name`. */
  readonly group: string;
  readonly members: readonly Mailbox[];
}

/** The addresses of a field, as tolerant as readers must be. `text` is an unfolded field value. */
export function parseAddresses(text: string): Address[] {
  return new ListParser(tokenize(text.length > textMax ? text.slice(0, textMax) : text)).parse();
}

/** Groups dissolved into their members; entries without a domain are kept. */
export function flatten(addresses: readonly Address[]): Mailbox[] {
  return addresses.flatMap((address) => ('group' in address ? address.members : [address]));
}

/** The display name as a person reads it, or undefined. */
export function displayName(mailbox: Mailbox): string | undefined {
  return mailbox.name === undefined ? undefined : decodeWords(mailbox.name);
}

/** `local@domain`, the local part quoted where RFC 5322 demands it. */
export function formatAddrSpec(mailbox: Pick<Mailbox, 'local' | 'domain'>): string {
  const local = isDotAtom(mailbox.local) ? mailbox.local : `"${mailbox.local.replace(/["\\]/g, '\\$&')}"`;
  return mailbox.domain === '' ? local : `${local}@${safeDomain(mailbox.domain)}`;
}

/** A domain cannot be quoted: what could end the address is left out. */
function safeDomain(domain: string): string {
  const literal = /^\[([\w:.-]*)\]$/.exec(domain);
  return literal ? domain : domain.replace(/[\x00-\x20"(),:;<>@[\\\]\x7f]/g, '');
}

/** RFC 5322, 3.2.3, with the characters of RFC 6532. */
export function isDotAtom(text: string): boolean {
  return /^[\w!#$%&'*+\-/=?^`{|}~\u0080-\u{10ffff}]+(?:\.[\w!#$%&'*+\-/=?^`{|}~\u0080-\u{10ffff}]+)*$/u.test(
    text,
  );
}

/** Also with dots at its ends or side by side: addresses that carriers in Japan gave out. */
export function isLegacyDotAtom(text: string): boolean {
  return /^[\w.!#$%&'*+\-/=?^`{|}~\u0080-\u{10ffff}]+$/u.test(text);
}

type Kind = 'word' | 'quoted' | 'literal' | 'comment' | 'special';

interface Token {
  readonly kind: Kind;
  /** Content: quoting and the outer parentheses removed; a literal keeps its brackets. */
  readonly text: string;
  /** A blank or comment stood in front. */
  readonly spaced: boolean;
}

const specials = '<>@,;:.';

/** Cuts the text. An unclosed quoted string, comment or literal ends with the text. */
function* tokenize(text: string): Generator<Token> {
  let spaced = false;
  for (let at = 0; at < text.length; ) {
    const character = text[at]!;
    if (character === ' ' || character === '\t' || character === '\r' || character === '\n') {
      spaced = true;
      at++;
      continue;
    }
    const [kind, end] = tokenAt(text, at, character);
    yield { kind, text: content(text, at, end, kind), spaced };
    spaced = kind === 'comment';
    at = end;
  }
}

function tokenAt(text: string, at: number, character: string): [Kind, number] {
  if (character === '"') return ['quoted', closing(text, at, '"')];
  if (character === '[') return ['literal', closing(text, at, ']')];
  if (character === '(') return ['comment', commentEnd(text, at)];
  if (specials.includes(character)) return ['special', at + 1];
  return ['word', wordEnd(text, at)];
}

/** Behind the closing character, or the end of the text. */
function closing(text: string, at: number, close: string): number {
  for (let i = at + 1; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === close) return i + 1;
  }
  return text.length;
}

function commentEnd(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    if (text[i] === '\\') i++;
    else if (text[i] === '(') depth++;
    else if (text[i] === ')' && --depth === 0) return i + 1;
  }
  return text.length;
}

/** An encoded word with specials inside (forbidden, common) is one word; a stray `)` or `]` is part of it. */
const encodedWord = /=\?[^?\s]{1,64}\?[bq]\?[^?\s]*\?=/iy;

function wordEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && !' \t\r\n"([<>@,;:.'.includes(text[end]!)) {
    if (text[end] === '=' && text[end + 1] === '?') {
      encodedWord.lastIndex = end;
      const match = encodedWord.exec(text);
      if (match) return end > at ? end : encodedWord.lastIndex;
    }
    end++;
  }
  return Math.max(end, at + 1);
}

function content(text: string, at: number, end: number, kind: Kind): string {
  if (kind === 'word' || kind === 'special') return text.slice(at, end);
  const closed = end - at > 1 && '")]'.includes(text[end - 1]!);
  const inside = text.slice(at + 1, closed ? end - 1 : end);
  const plain = inside.includes('\\') ? inside.replace(/\\(.)/gs, '$1') : inside;
  return kind === 'literal' ? `[${plain}]` : plain;
}

/** One entry under way: everything between two commas. */
interface Entry {
  /** Before any `@` or `<`: a display name, or a local part. */
  phrase: Token[];
  /** Tokens of the address in angle brackets. */
  angle: Token[] | undefined;
  route: string | undefined;
  comment: string | undefined;
}

class ListParser {
  readonly #tokens: Iterable<Token>;
  readonly #found: Address[] = [];
  #group: { group: string; members: Mailbox[] } | undefined;
  #entry: Entry = emptyEntry();
  #inAngle = false;
  #count = 0;

  constructor(tokens: Iterable<Token>) {
    this.#tokens = tokens;
  }

  parse(): Address[] {
    for (const token of this.#tokens) {
      if (this.#count >= addressesMax) break;
      if (token.kind === 'comment') this.#entry.comment ??= token.text.trim();
      else if (token.kind === 'special') this.#special(token);
      else this.#add(token);
    }
    this.#endEntry();
    return this.#found;
  }

  #add(token: Token): void {
    if (this.#inAngle) this.#entry.angle!.push(token);
    else if (this.#entry.angle === undefined || this.#entry.phrase.length === 0)
      this.#entry.phrase.push(token);
  }

  #special(token: Token): void {
    switch (token.text) {
      case '<':
        // A second address without a comma between.
        if (this.#entry.angle !== undefined && !this.#inAngle) this.#endEntry();
        this.#entry.angle ??= [];
        this.#inAngle = true;
        return;
      case '>':
        this.#inAngle = false;
        return;
      case ',':
        // Inside angle brackets a comma is that of a source route `<@a,@b:c@d>`, or a `>` is missing.
        if (this.#inAngle && this.#entry.angle![0]?.text === '@') return this.#add(token);
        return this.#endEntry();
      case ':':
        if (this.#inAngle) return this.#dropRoute(token);
        return this.#colon(token);
      case ';':
        this.#endEntry();
        this.#group = undefined;
        return;
      default:
        return this.#add(token);
    }
  }

  /** RFC 5322, 4.4: a source route means nothing today, and is no part of the address. */
  #dropRoute(token: Token): void {
    const { angle } = this.#entry;
    if (angle![0]?.text !== '@') return this.#add(token);
    this.#entry.route = angle!
      .map(({ text }) => text)
      .join('')
      .slice(0, routeMax);
    this.#entry.angle = [];
  }

  #colon(token: Token): void {
    const { phrase } = this.#entry;
    const isName =
      this.#group === undefined && !phrase.some((part) => part.kind === 'special' && part.text === '@');
    if (!isName) return this.#add(token);
    const name = phraseText(phrase);
    this.#entry = emptyEntry();
    if (name.toLowerCase() === 'mailto') return;
    this.#group = { group: name, members: [] };
    this.#found.push(this.#group);
    this.#count++;
  }

  #endEntry(): void {
    const entry = this.#entry;
    this.#entry = emptyEntry();
    this.#inAngle = false;
    if (entry.phrase.length === 0 && entry.angle === undefined) return;
    const mailbox = entry.angle ? inBrackets(entry) : bare(entry);
    if (mailbox === undefined) return;
    this.#count++;
    if (this.#group) this.#group.members.push(mailbox);
    else this.#found.push(mailbox);
  }
}

function emptyEntry(): Entry {
  return { phrase: [], angle: undefined, route: undefined, comment: undefined };
}

/** `Name <local@domain>`. With nothing in the brackets (`<>`), a name that is an address is taken for it. */
function inBrackets(entry: Entry): Mailbox | undefined {
  const spec = addrSpec(entry.angle!);
  if (spec.local === '' && spec.domain === '') {
    if (entry.phrase.length === 0) return undefined;
    return bare(entry);
  }
  const { route } = entry;
  const mailbox = named(spec, phraseText(entry.phrase) || entry.comment);
  return route === undefined ? mailbox : { ...mailbox, route };
}

/** `local@domain`, perhaps with words before and behind; without an `@`, all words are the local part (RFC 9051 has no other place). */
function bare(entry: Entry): Mailbox {
  const { phrase } = entry;
  const sign = phrase.findLastIndex((token) => token.kind === 'special' && token.text === '@');
  if (sign === -1) return named({ local: phraseText(phrase), domain: '' }, entry.comment);
  const start = localStart(phrase, sign);
  const end = domainEnd(phrase, sign);
  const name = phraseText([...phrase.slice(0, start), ...phrase.slice(end)]);
  return named(addrSpec(phrase.slice(start, end)), name || entry.comment);
}

/** Where the local part begins: what is glued to the `@`, and dots with their neighbours (`a . b @ c`). */
function localStart(phrase: readonly Token[], sign: number): number {
  let start = Math.max(0, sign - 1);
  while (
    start > 0 &&
    (!phrase[start]!.spaced || phrase[start]!.text === '.' || phrase[start - 1]!.text === '.')
  )
    start--;
  return start;
}

function domainEnd(phrase: readonly Token[], sign: number): number {
  let end = Math.min(phrase.length, sign + 2);
  while (
    end < phrase.length &&
    (!phrase[end]!.spaced || phrase[end]!.text === '.' || phrase[end - 1]!.text === '.')
  )
    end++;
  return end;
}

/** The last `@` parts local part and domain; blanks between tokens are dropped. */
function addrSpec(tokens: readonly Token[]): { local: string; domain: string } {
  const sign = tokens.findLastIndex((token) => token.kind === 'special' && token.text === '@');
  const text = (part: readonly Token[]): string => part.map((token) => token.text).join('');
  if (sign === -1) return { local: text(tokens), domain: '' };
  return { local: text(tokens.slice(0, sign)), domain: text(tokens.slice(sign + 1)) };
}

function named(spec: { local: string; domain: string }, name: string | undefined): Mailbox {
  return name === undefined || name === '' ? spec : { name, ...spec };
}

/** Words as they stood: a blank where there was one. */
function phraseText(tokens: readonly Token[]): string {
  let out = '';
  for (const token of tokens) out += out !== '' && token.spaced ? ` ${token.text}` : token.text;
  return out.trim();
}
