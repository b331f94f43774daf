/**
 * Finds and sorts emails of a map. What flags, mailboxes, dates and sizes can tell is told at once; only emails that are still open then are looked for
 * in texts, mailbox by mailbox, by the same search as IMAP's.
 */
import type { AccountId } from '../../base/ids.ts';
import type { EmailFilter, EmailOrder, EmailQuery } from '../email-filter.ts';
import { answered, draft, flagged, seen } from '../flags.ts';
import type { EmailNumber } from '../ids.ts';
import type { KnownFacts } from '../known-facts.ts';
import type { OldResult } from './kept-results.ts';
import type { MailMap } from './mail-map.ts';

type Verdict = boolean | undefined;
type Test = (i: number) => Verdict;
type TextFilter = Extract<EmailFilter, { is: 'text' }>;

export interface Finding {
  readonly account: AccountId;
  readonly map: MailMap;
  /** Those of the emails (a mark for each number) that fit. */
  readonly searchTexts: (of: TextFilter['criterion'], among: Uint8Array) => Promise<ReadonlySet<EmailNumber>>;
  readonly sortFacts: (emails: readonly EmailNumber[]) => Promise<KnownFacts>;
}

/** Numbers of emails in order. */
export async function findEmails(
  finding: Finding,
  { filter, sort, collapse }: EmailQuery,
): Promise<Uint32Array> {
  const { map } = finding;
  const key = JSON.stringify([filter, sort]);
  let found = map.results.get(key);
  if (found === undefined) {
    const old = map.results.old(key);
    found =
      old !== undefined && isOfEmailsAlone(filter) && sort.every(isByMap)
        ? broughtForward(map, old, { filter, sort })
        : await foundAnew(finding, { filter, sort });
    map.results.keep(key, found);
  }
  const all = found;
  return collapse ? map.results.collapsed(key, () => collapsed(map, all)) : all;
}

type Asked = Pick<EmailQuery, 'filter' | 'sort'>;

async function foundAnew(finding: Finding, { filter, sort }: Asked): Promise<Uint32Array> {
  const sorted = await sortedBy(finding, await filtered(finding, filter), sort);
  for (let at = 0; at < sorted.length; at++) sorted[at] = finding.map.emails[sorted[at]!]!;
  return sorted;
}

/** Whether a filter asks nothing but what the map says of each email by itself. */
function isOfEmailsAlone(filter: EmailFilter | undefined): boolean {
  if (filter === undefined) return true;
  if (filter.is === 'and' || filter.is === 'or') return filter.of.every(isOfEmailsAlone);
  if (filter.is === 'not') return isOfEmailsAlone(filter.of);
  return filter.is !== 'text' && filter.is !== 'threadKeyword';
}

const isByMap = ({ by }: EmailOrder): boolean => by === 'receivedAt' || by === 'size' || by === 'keyword';

/** What was touched is taken out, and put where it belongs now. */
function broughtForward(map: MailMap, { emails, touched }: OldResult, { filter, sort }: Asked): Uint32Array {
  const marks = new Uint8Array(map.emailMax + 1);
  for (const email of touched) marks[email] = 1;
  const stays = without(emails, marks);
  const test = filter === undefined ? () => true : testOf(map, filter, new Map());
  const compare = comparing(map, sort, undefined);
  const fresh = [...touched]
    .map((email) => map.indexOf(email))
    .filter((i) => i !== -1 && test(i) === true)
    .sort(compare);
  if (fresh.length === 0) return stays.slice();
  const merged = new Uint32Array(stays.length + fresh.length);
  let from = 0;
  fresh.forEach((i, before) => {
    const to = placeIn(stays, from, (email) => compare(map.indexOf(email), i) < 0);
    merged.set(stays.subarray(from, to), from + before);
    merged[to + before] = map.emails[i]!;
    from = to;
  });
  merged.set(stays.subarray(from), from + fresh.length);
  return merged;
}

/** The first place, from `low` on, that is not before. */
function placeIn(sorted: Uint32Array, low: number, isBefore: (email: EmailNumber) => boolean): number {
  let [start, end] = [low, sorted.length];
  while (start < end) {
    const middle = (start + end) >>> 1;
    if (isBefore(sorted[middle]!)) start = middle + 1;
    else end = middle;
  }
  return start;
}

async function filtered(finding: Finding, filter: EmailFilter | undefined): Promise<Uint32Array> {
  const { map } = finding;
  const found = new Uint32Array(map.count);
  let count = 0;
  if (filter === undefined) return found.map((_, i) => i);
  const texts = new Map<TextFilter, ReadonlySet<EmailNumber>>();
  const test = testOf(map, filter, texts);
  const open = new Uint8Array(map.emailMax + 1);
  let waits = false;
  const verdicts = new Uint8Array(map.count);
  for (let i = 0; i < map.count; i++) {
    const verdict = test(i);
    if (verdict === undefined) {
      open[map.emails[i]!] = 1;
      waits = true;
    }
    verdicts[i] = verdict === undefined ? 2 : verdict ? 1 : 0;
  }
  if (waits)
    for (const each of textsOf(filter)) texts.set(each, await finding.searchTexts(each.criterion, open));
  for (let i = 0; i < map.count; i++)
    if (verdicts[i] === 1 || (verdicts[i] === 2 && test(i) === true)) found[count++] = i;
  return found.slice(0, count);
}

function textsOf(filter: EmailFilter): TextFilter[] {
  if (filter.is === 'text') return [filter];
  if (filter.is === 'not') return textsOf(filter.of);
  return filter.is === 'and' || filter.is === 'or' ? filter.of.flatMap(textsOf) : [];
}

function testOf(
  map: MailMap,
  filter: EmailFilter,
  texts: ReadonlyMap<TextFilter, ReadonlySet<number>>,
): Test {
  switch (filter.is) {
    case 'and':
      return every(filter.of.map((each) => testOf(map, each, texts)));
    case 'or': {
      const none = every(filter.of.map((each) => negated(testOf(map, each, texts))));
      return negated(none);
    }
    case 'not':
      return negated(testOf(map, filter.of, texts));
    case 'text':
      return (i) => texts.get(filter)?.has(map.emails[i]!);
    case 'inMailbox':
      return (i) => map.isIn(i, filter.mailbox);
    case 'outside':
      return (i) => map.mailboxesOf(i).some((box) => !filter.mailboxes.includes(box));
    case 'received':
      return (i) => map.received[i]! < filter.atMs === (filter.when === 'before');
    case 'size':
      return (i) => map.sizes[i]! >= filter.min && map.sizes[i]! < filter.max;
    case 'keyword':
      return hasKeyword(map, filter.keyword);
    default:
      return threadHas(map, filter.keyword, filter.have);
  }
}

function every(tests: readonly Test[]): Test {
  return (i) => {
    let all: Verdict = true;
    for (const test of tests) {
      const verdict = test(i);
      if (verdict === false) return false;
      if (verdict === undefined) all = undefined;
    }
    return all;
  };
}

const negated =
  (test: Test): Test =>
  (i) => {
    const verdict = test(i);
    return verdict === undefined ? undefined : !verdict;
  };

const systemBits = new Map([
  ['$seen', seen],
  ['$answered', answered],
  ['$flagged', flagged],
  ['$draft', draft],
]);

function hasKeyword(map: MailMap, keyword: string): (i: number) => boolean {
  const bit = systemBits.get(keyword);
  if (bit !== undefined) return (i) => (map.flags[i]! & bit) !== 0;
  return (i) => map.keywordsOf(i).has(keyword);
}

function threadHas(map: MailMap, keyword: string, have: 'all' | 'some' | 'none'): (i: number) => boolean {
  const { all, fit } = map.threadTally(hasKeyword(map, keyword));
  return (i) => {
    const thread = map.threads[i]!;
    if (have === 'all') return fit[thread] === all[thread];
    return fit[thread]! > 0 === (have === 'some');
  };
}

// Loops: `filter` of a typed array takes ten times as long.

/** The first email of each thread. */
function collapsed(map: MailMap, emails: Uint32Array): Uint32Array {
  const told = new Uint8Array(map.threadMax + 1);
  const found = new Uint32Array(emails.length);
  let count = 0;
  for (let at = 0; at < emails.length; at++) {
    const thread = map.threadOf(emails[at]!);
    if (told[thread] === 1) continue;
    told[thread] = 1;
    found[count++] = emails[at]!;
  }
  return found.slice(0, count);
}

function without(emails: Uint32Array, marks: Uint8Array): Uint32Array {
  const found = new Uint32Array(emails.length);
  let count = 0;
  for (let at = 0; at < emails.length; at++) if (marks[emails[at]!] !== 1) found[count++] = emails[at]!;
  return found.subarray(0, count);
}

async function sortedBy(
  finding: Finding,
  fitting: Uint32Array,
  sort: readonly EmailOrder[],
): Promise<Uint32Array> {
  const { map } = finding;
  const needsFacts = sort.some(
    ({ by }) => by === 'from' || by === 'to' || by === 'subject' || by === 'sentAt',
  );
  const facts = needsFacts ? await finding.sortFacts(Array.from(fitting, (i) => map.emails[i]!)) : undefined;
  // Mail lies nearly in the order of its receipt, which an ordinary array's sort makes use of, and a typed one's does not.
  const list = Array.from(fitting);
  if (ordersOf(sort)[0].descending) list.reverse();
  return Uint32Array.from(list.sort(comparing(map, sort, facts)));
}

const ordersOf = (sort: readonly EmailOrder[]): readonly [EmailOrder, ...EmailOrder[]] => {
  const [first = { by: 'receivedAt', descending: true }, ...others] = sort;
  return [first, ...others];
};

/** Compares positions; what is equal otherwise, by when it came. */
function comparing(
  map: MailMap,
  sort: readonly EmailOrder[],
  facts: KnownFacts | undefined,
): (a: number, b: number) => number {
  const orders = ordersOf(sort);
  const keys = orders.map((order) => ({ value: keyOf(map, order, facts), sign: order.descending ? -1 : 1 }));
  const newest = orders[0].descending ? -1 : 1;
  return (a, b) => {
    for (const { value, sign } of keys) {
      const difference = value(a) - value(b);
      if (difference !== 0) return difference * sign;
    }
    return (map.emails[a]! - map.emails[b]!) * newest;
  };
}

function keyOf(map: MailMap, order: EmailOrder, facts: KnownFacts | undefined): (i: number) => number {
  switch (order.by) {
    case 'receivedAt':
      return (i) => map.received[i]!;
    case 'size':
      return (i) => map.sizes[i]!;
    case 'keyword': {
      const has = hasKeyword(map, order.keyword);
      return (i) => Number(has(i));
    }
    case 'allInThread':
    case 'someInThread': {
      const has = threadHas(map, order.keyword, order.by === 'allInThread' ? 'all' : 'some');
      return (i) => Number(has(i));
    }
    case 'sentAt':
      return (i) => facts?.get(map.emails[i]!)?.sentAtMs ?? map.received[i]!;
    default: {
      const text = order.by === 'from' ? 'displayFrom' : order.by === 'to' ? 'displayTo' : 'subject';
      const ranks = facts?.ranks(text);
      return (i) => ranks?.get(facts?.get(map.emails[i]!)?.[text] ?? '') ?? -1;
    }
  }
}
