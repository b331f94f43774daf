/**
 * SEARCH arguments (RFC 3501, 6.4.4; RFC 5032; RFC 5182; RFC 5466; RFC 6203; RFC 7162, 3.1.5; RFC 8474; RFC 8514), and those that begin alike: SORT, THREAD
 * (RFC 5256) and ESEARCH (RFC 7377).
 *
 * Liberal where mailers are: CHARSET is taken also after UTF8=ACCEPT, text with the eighth bit set and no CHARSET is read as UTF-8, and
 * keys need not be told apart by case.
 */
import { decodeCharset } from '../mime/charset.ts';
import {
  sortNames,
  threadAlgorithms,
  type MultiSearch,
  type Search,
  type SearchDate,
  type SearchKey,
  type Sort,
  type SortCriterion,
  type Thread,
} from './command.ts';
import { parseDate } from './date-time.ts';
import { mailboxFilter } from './mailbox-filter.ts';
import { returning } from './parse-return.ts';
import { CommandError, decodeUtf8, Scanner } from './scanner.ts';

/** Depth of parentheses, NOT and OR. */
const depthMax = 50;
/** Keys in one command. */
const keysMax = 2_000;
/** Criteria of one SORT. */
const sortsMax = 20;

/** Charsets of CHARSET. Others get BADCHARSET with this list. */
export const searchCharsets = [
  'UTF-8',
  'US-ASCII',
  'ISO-2022-JP',
  'SHIFT_JIS',
  'EUC-JP',
  'ISO-8859-1',
  'WINDOWS-1252',
  'GB18030',
  'BIG5',
  'EUC-KR',
];
const aliases: Readonly<Record<string, string>> = {
  UTF8: 'UTF-8',
  ASCII: 'US-ASCII',
  SJIS: 'SHIFT_JIS',
  'SHIFT-JIS': 'SHIFT_JIS',
  'X-SJIS': 'SHIFT_JIS',
  CP932: 'SHIFT_JIS',
  'WINDOWS-31J': 'SHIFT_JIS',
  EUCJP: 'EUC-JP',
  'X-EUC-JP': 'EUC-JP',
  CSISO2022JP: 'ISO-2022-JP',
  LATIN1: 'ISO-8859-1',
  GB2312: 'GB18030',
  GBK: 'GB18030',
};

const flagKeys: Readonly<Record<string, string>> = {
  ANSWERED: '\\Answered',
  DELETED: '\\Deleted',
  DRAFT: '\\Draft',
  FLAGGED: '\\Flagged',
  SEEN: '\\Seen',
};

const dateKeys = new Map<string, { is: 'before' | 'on' | 'since'; what: SearchDate }>();
for (const [prefix, what] of [
  ['', 'internal'],
  ['SENT', 'sent'],
  ['SAVED', 'saved'],
] as const) {
  for (const is of ['before', 'on', 'since'] as const) dateKeys.set(prefix + is.toUpperCase(), { is, what });
}

interface Reading {
  readonly s: Scanner;
  charset: string;
  keys: number;
}

export function parseSearch(s: Scanner, uid: boolean): Search {
  const asked = s.takeWord('RETURN') ? returning(s, 'SEARCH') : undefined;
  if (asked !== undefined) s.space();
  const reading: Reading = { s, charset: 'UTF-8', keys: 0 };
  try {
    charsetBefore(reading);
  } catch (error) {
    // The saved result is to be emptied by it (RFC 5182, 2.1): it fails as a command that was understood.
    if (!(error instanceof CommandError) || error.status === 'BAD' || !asked?.give.has('SAVE')) throw error;
    return { is: 'SEARCH', uid, returning: asked, key: { is: 'all' }, refused: error };
  }
  return { is: 'SEARCH', uid, returning: asked, key: keysToEnd(reading) };
}

export function parseSort(s: Scanner, uid: boolean): Sort {
  const asked = s.takeWord('RETURN') ? returning(s, 'SORT') : undefined;
  if (asked !== undefined) s.space();
  const criteria: SortCriterion[] = [];
  s.list(() => criteria.push(sortCriterion(s)), sortsMax);
  if (criteria.length === 0) throw new CommandError('No sort criteria given');
  s.space();
  return { is: 'SORT', uid, returning: asked, criteria, key: keysWithCharset(s) };
}

function sortCriterion(s: Scanner): SortCriterion {
  const reverse = s.takeWord('REVERSE');
  if (reverse) s.space();
  const name = s.word('sort criterion');
  const by = sortNames.find((known) => known === name);
  if (by === undefined) throw new CommandError('Unknown sort criterion');
  return { by, reverse };
}

export function parseThread(s: Scanner, uid: boolean): Thread {
  const name = s.word('algorithm');
  const algorithm = threadAlgorithms.find((known) => known === name);
  if (algorithm === undefined) throw new CommandError('Unknown thread algorithm');
  s.space();
  return { is: 'THREAD', uid, algorithm, key: keysWithCharset(s) };
}

export function parseMultiSearch(s: Scanner): MultiSearch {
  const sources: ReturnType<typeof mailboxFilter>[] = [];
  const given = s.takeWord('IN');
  if (given) {
    s.space();
    s.list(() => sources.push(mailboxFilter(s)));
    if (sources.length === 0) throw new CommandError('No mailboxes given');
    s.space();
  }
  const asked = s.takeWord('RETURN')
    ? returning(s, 'SEARCH')
    : { give: new Set(['ALL' as const]), partial: undefined };
  if (s.peek() === ' ') s.space();
  const reading: Reading = { s, charset: 'UTF-8', keys: 0 };
  charsetBefore(reading);
  return {
    is: 'ESEARCH',
    sources: given ? sources : undefined,
    returning: asked,
    key: keysToEnd(reading),
  };
}

/** A search key of its own, as FILTERS keep it (RFC 5466): undefined when it is none. */
export function parseSearchKey(text: string): SearchKey | undefined {
  try {
    const s = new Scanner({ lines: [Buffer.from(text, 'utf8').toString('latin1')], literals: [] });
    return keysToEnd({ s, charset: 'UTF-8', keys: 0 });
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}

function charsetBefore(reading: Reading): void {
  const { s } = reading;
  if (!s.takeWord('CHARSET')) return;
  s.space();
  reading.charset = charsetOf(s.astring('charset'));
  s.space();
}

/** SORT and THREAD name the charset without a word before it. */
function keysWithCharset(s: Scanner): SearchKey {
  const charset = charsetOf(s.astring('charset'));
  s.space();
  return keysToEnd({ s, charset, keys: 0 });
}

function keysToEnd(reading: Reading): SearchKey {
  const { s } = reading;
  const keys = [searchKey(reading, 0)];
  while (!s.atEnd && s.take(' ') && !s.atEnd) keys.push(searchKey(reading, 0));
  s.end();
  return keys.length === 1 ? keys[0]! : { is: 'and', keys };
}

function charsetOf(name: string): string {
  const upper = name.toUpperCase();
  const charset = aliases[upper] ?? upper;
  if (searchCharsets.includes(charset)) return charset;
  throw new CommandError('Charset is not known here', 'NO', `BADCHARSET (${searchCharsets.join(' ')})`);
}

function searchKey(reading: Reading, depth: number): SearchKey {
  const { s } = reading;
  if (depth > depthMax) throw new CommandError('Search is nested too deep');
  if (++reading.keys > keysMax) throw new CommandError('Too many search keys');
  const next = s.peek();
  if (next === '(') {
    const keys: SearchKey[] = [];
    s.list(() => keys.push(searchKey(reading, depth + 1)), keysMax);
    if (keys.length === 0) throw new CommandError('Empty search key');
    return keys.length === 1 ? keys[0]! : { is: 'and', keys };
  }
  if (next === '*' || next === '$' || (next >= '0' && next <= '9'))
    return { is: 'numbers', set: s.sequenceSet() };
  return namedKey(reading, s.word('search key'), depth);
}

function namedKey(reading: Reading, name: string, depth: number): SearchKey {
  const { s } = reading;
  const flag = flagKeys[name];
  if (flag !== undefined) return { is: 'flag', flag, set: true };
  const unflag = name.startsWith('UN') ? flagKeys[name.slice(2)] : undefined;
  if (unflag !== undefined) return { is: 'flag', flag: unflag, set: false };
  const dated = dateKeys.get(name);
  if (dated !== undefined) return { ...dated, day: dateOf(s) };
  switch (name) {
    case 'ALL':
      return { is: 'all' };
    case 'NEW':
      return { is: 'new' };
    case 'OLD':
      return { is: 'old' };
    case 'RECENT':
      return { is: 'recent' };
    case 'SAVEDATESUPPORTED':
      return { is: 'saveDateSupported' };
    case 'KEYWORD':
    case 'UNKEYWORD':
      s.space();
      return { is: 'flag', flag: s.flag(), set: name === 'KEYWORD' };
    case 'NOT':
    case 'FUZZY':
      s.space();
      return { is: name === 'NOT' ? 'not' : 'fuzzy', key: searchKey(reading, depth + 1) };
    case 'OR': {
      s.space();
      const left = searchKey(reading, depth + 1);
      s.space();
      return { is: 'or', left, right: searchKey(reading, depth + 1) };
    }
    default:
      return valuedKey(reading, name);
  }
}

function valuedKey(reading: Reading, name: string): SearchKey {
  const { s } = reading;
  switch (name) {
    case 'FROM':
    case 'TO':
    case 'CC':
    case 'BCC':
    case 'SUBJECT':
    case 'BODY':
    case 'TEXT':
      return { is: name.toLowerCase() as 'text', text: textOf(reading) };
    case 'HEADER': {
      s.space();
      return { is: 'header', name: s.astring('header name').toLowerCase(), text: textOf(reading) };
    }
    case 'LARGER':
    case 'SMALLER':
      s.space();
      return { is: name === 'LARGER' ? 'larger' : 'smaller', sizeBytes: s.number64('size') };
    case 'OLDER':
    case 'YOUNGER':
      s.space();
      return { is: name === 'OLDER' ? 'older' : 'younger', seconds: s.nzNumber('interval') };
    case 'UID':
      s.space();
      return { is: 'uids', set: s.sequenceSet() };
    case 'MODSEQ':
      return modSeqKey(s);
    case 'FILTER':
      s.space();
      return { is: 'filter', name: s.astring('filter name') };
    case 'EMAILID':
    case 'THREADID':
      s.space();
      return { is: name === 'EMAILID' ? 'emailId' : 'threadId', id: s.astring('id') };
    default:
      throw new CommandError('Unknown search key');
  }
}

/** The entry name and its type are read and, since we keep one number for all of a message's metadata, not needed. */
function modSeqKey(s: Scanner): SearchKey {
  s.space();
  if (s.peek() === '"') {
    s.string('entry name');
    s.space();
    const kind = s.word('entry type');
    if (kind !== 'PRIV' && kind !== 'SHARED' && kind !== 'ALL') throw new CommandError('Unknown entry type');
    s.space();
  }
  return { is: 'modSeq', modSeq: s.number64('MODSEQ') };
}

function dateOf(s: Scanner): number {
  s.space();
  const day = parseDate(s.astring('date'));
  if (day === undefined) throw new CommandError('Invalid date');
  return day;
}

function textOf(reading: Reading): string {
  reading.s.space();
  const bytes = reading.s.astring('search text');
  if (reading.charset === 'UTF-8') return decodeUtf8(bytes) ?? bytes;
  return decodeCharset(Buffer.from(bytes, 'latin1'), reading.charset).text;
}
