/** FETCH and STORE arguments (RFC 3501, 6.4.5 and 6.4.6; RFC 7162, 3.1; RFC 3516; RFC 8474; RFC 8514; RFC 8970). */
import type { Fetch, FetchItem, Partial, Places, SectionItem, Store } from './command.ts';
import { places } from './parse-return.ts';
import { astring } from './response.ts';
import { CommandError, Scanner } from './scanner.ts';

/** Names in one HEADER.FIELDS, and items in one FETCH: more is not a mailer. */
const fieldsMax = 500;
const itemsMax = 500;
/** Depth of a part number in BODY[…]: mail is indexed to 100 levels. */
const pathDepthMax = 100;

const all: readonly FetchItem[] = [
  { is: 'flags' },
  { is: 'internalDate' },
  { is: 'size' },
  { is: 'envelope' },
];
const macros: Readonly<Record<string, readonly FetchItem[]>> = {
  ALL: all,
  FAST: all.slice(0, 3),
  FULL: [...all, { is: 'body' }],
};

const plain = new Map<string, FetchItem>([
  ['FLAGS', { is: 'flags' }],
  ['UID', { is: 'uid' }],
  ['INTERNALDATE', { is: 'internalDate' }],
  ['RFC822.SIZE', { is: 'size' }],
  ['ENVELOPE', { is: 'envelope' }],
  ['BODYSTRUCTURE', { is: 'bodyStructure' }],
  ['MODSEQ', { is: 'modSeq' }],
  ['EMAILID', { is: 'emailId' }],
  ['THREADID', { is: 'threadId' }],
  ['SAVEDATE', { is: 'saveDate' }],
  ['RFC822', legacy('RFC822', 'all', false)],
  ['RFC822.HEADER', legacy('RFC822.HEADER', 'header', true)],
  ['RFC822.TEXT', legacy('RFC822.TEXT', 'text', false)],
]);

function legacy(label: string, of: SectionItem['of'], peek: boolean): SectionItem {
  return { is: 'section', label, path: [], of, fields: [], partial: undefined, peek, binary: false };
}

export function parseFetch(s: Scanner, uid: boolean): Fetch {
  const set = s.sequenceSet();
  s.space();
  const items = fetchItems(s);
  let changedSince: number | undefined;
  let vanished = false;
  let partial: Places | undefined;
  if (s.take(' ')) {
    s.list(() => {
      const name = s.word('fetch modifier');
      if (name === 'PARTIAL') {
        s.space();
        partial = places(s);
      } else if (name === 'CHANGEDSINCE') {
        s.space();
        changedSince = s.number64('CHANGEDSINCE');
      } else if (name === 'VANISHED') vanished = true;
      else throw new CommandError('Unknown fetch modifier');
    });
  }
  s.end();
  if (vanished && (!uid || changedSince === undefined)) {
    throw new CommandError('VANISHED needs UID FETCH with CHANGEDSINCE');
  }
  return { is: 'FETCH', uid, set, items, changedSince, vanished, partial };
}

export function fetchItems(s: Scanner): readonly FetchItem[] {
  if (s.peek() !== '(') {
    const name = itemName(s);
    return macros[name] ?? [fetchItem(s, name)];
  }
  const items: FetchItem[] = [];
  s.list(() => {
    const name = itemName(s);
    // Macros are not allowed in a list, but some old mailers put them there.
    items.push(...(macros[name] ?? [fetchItem(s, name)]));
  }, itemsMax);
  if (items.length === 0) throw new CommandError('Nothing to fetch');
  return items;
}

/** One item that is known as text, as a URL names it. */
export function parseFetchItem(text: string): FetchItem {
  const s = new Scanner({ lines: [text], literals: [] });
  const item = fetchItem(s, itemName(s));
  s.end();
  return item;
}

/** Letters, digits and dots: an atom would swallow the "[" of BODY[…]. */
const itemName = (s: Scanner): string => s.match(/[A-Za-z0-9.]+/y, 'fetch item').toUpperCase();

function fetchItem(s: Scanner, name: string): FetchItem {
  const known = plain.get(name);
  if (known !== undefined) return known;
  switch (name) {
    case 'BODY':
      return s.peek() === '[' ? section(s, 'BODY', false) : { is: 'body' };
    case 'BODY.PEEK':
      return section(s, 'BODY', true);
    case 'BINARY':
      return binary(s, false);
    case 'BINARY.PEEK':
      return binary(s, true);
    case 'BINARY.SIZE': {
      const { path, text } = binarySection(s);
      return { is: 'binarySize', label: `BINARY.SIZE[${text}]`, path };
    }
    case 'PREVIEW':
      return { is: 'preview', lazy: previewIsLazy(s) };
    default:
      throw new CommandError('Unknown fetch item');
  }
}

function previewIsLazy(s: Scanner): boolean {
  if (!s.takeText(' (LAZY)')) return false;
  return true;
}

function binary(s: Scanner, peek: boolean): SectionItem {
  const { path, text } = binarySection(s);
  const partial = partialOf(s);
  return {
    is: 'section',
    label: `BINARY[${text}]`,
    path,
    of: 'all',
    fields: [],
    partial,
    peek,
    binary: true,
  };
}

function binarySection(s: Scanner): { path: number[]; text: string } {
  s.expect('[');
  const path = s.peek() === ']' ? [] : partPath(s);
  s.expect(']');
  return { path, text: path.join('.') };
}

function section(s: Scanner, name: string, peek: boolean): SectionItem {
  s.expect('[');
  const path = /[0-9]/.test(s.peek()) ? partPath(s) : [];
  const word = s.peek() === ']' ? '' : sectionWord(s);
  const of = sectionOf(word, path);
  const fields: string[] = [];
  let label = [...path, ...(word === '' ? [] : [word])].join('.');
  if (of === 'fields' || of === 'fieldsNot') {
    s.space();
    const names: string[] = [];
    s.list(() => names.push(s.astring('header name')), fieldsMax);
    if (names.length === 0) throw new CommandError('No header names given');
    label += ` (${names.map((n) => astring(n)).join(' ')})`;
    fields.push(...names.map((n) => n.toLowerCase()));
  }
  s.expect(']');
  return {
    is: 'section',
    label: `${name}[${label}]`,
    path,
    of,
    fields,
    partial: partialOf(s),
    peek,
    binary: false,
  };
}

const sectionWord = (s: Scanner): string => s.match(/[A-Za-z.]+/y, 'section').toUpperCase();

function sectionOf(word: string, path: readonly number[]): SectionItem['of'] {
  switch (word) {
    case '':
      return 'all';
    case 'HEADER':
      return 'header';
    case 'HEADER.FIELDS':
      return 'fields';
    case 'HEADER.FIELDS.NOT':
      return 'fieldsNot';
    case 'TEXT':
      return 'text';
    case 'MIME':
      if (path.length > 0) return 'mime';
  }
  throw new CommandError('Unknown section');
}

/** `1.2.3`, with the dot after it taken when a word follows. */
function partPath(s: Scanner): number[] {
  const path: number[] = [];
  do {
    path.push(s.nzNumber('part number'));
    if (path.length > pathDepthMax) throw new CommandError('Part number is too deep');
  } while (s.take('.') && /[0-9]/.test(s.peek()));
  return path;
}

function partialOf(s: Scanner): Partial | undefined {
  if (!s.take('<')) return undefined;
  const offset = s.number64('offset');
  s.expect('.');
  const length = s.number64('length');
  if (length === 0) throw new CommandError('A partial fetch needs a length of at least 1');
  s.expect('>');
  return { offset, length };
}

export function parseStore(s: Scanner, uid: boolean): Store {
  const set = s.sequenceSet();
  s.space();
  let unchangedSince: number | undefined;
  if (s.peek() === '(') {
    s.list(() => {
      if (s.word('store modifier') !== 'UNCHANGEDSINCE') throw new CommandError('Unknown store modifier');
      s.space();
      unchangedSince = s.number64('UNCHANGEDSINCE');
    });
    s.space();
  }
  const mode = s.take('+') ? 'add' : s.take('-') ? 'remove' : 'replace';
  const name = s.word('store item');
  if (name !== 'FLAGS' && name !== 'FLAGS.SILENT') throw new CommandError('Unknown store item');
  s.space();
  const flags = s.peek() === '(' ? flagList(s) : bareFlags(s);
  s.end();
  return { is: 'STORE', uid, set, mode, silent: name === 'FLAGS.SILENT', flags, unchangedSince };
}

/** Flags in one command: RFC 3501 sets no limit. */
const flagsMax = 200;

export function flagList(s: Scanner): string[] {
  const flags: string[] = [];
  s.list(() => flags.push(s.flag()), flagsMax);
  return flags;
}

function bareFlags(s: Scanner): string[] {
  const flags = [s.flag()];
  while (!s.atEnd && s.take(' ') && !s.atEnd) {
    if (flags.length === flagsMax) throw new CommandError('Too many flags');
    flags.push(s.flag());
  }
  return flags;
}
