/** Conditions and orders of Email/query (RFC 8621, 4.4.1 and 4.4.2) in the words of the mailboxes. */
import type { Criterion } from '../../../mailbox/criterion.ts';
import type { EmailFilter, EmailOrder } from '../../../mailbox/email-filter.ts';
import { isKeyword } from '../../../mailbox/flags.ts';
import { parseUtcDate } from '../../../proto/jmap/date.ts';
import { type Filter, readFilter, readSort } from '../../../proto/jmap/filter.ts';
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import { type Arguments, isId } from '../../../proto/jmap/request.ts';
import { searchWords } from '../../../proto/jmap/search-words.ts';
import type { Context } from '../method.ts';
import { type Reach, resolvedId } from './reach.ts';

export const sortOptions = [
  'receivedAt',
  'size',
  'from',
  'to',
  'subject',
  'sentAt',
  'hasKeyword',
  'allInThreadHaveKeyword',
  'someInThreadHaveKeyword',
] as const;

/** No email is in it. */
const nothing: EmailFilter = { is: 'or', of: [] };

export function readEmailFilter(value: unknown, reach: Reach, context: Context): EmailFilter | undefined {
  const filter = readFilter(value, (given) => readCondition(given, reach, context));
  return filter && emailFilterOf(filter);
}

function emailFilterOf(filter: Filter<EmailFilter>): EmailFilter {
  if ('condition' in filter) return filter.condition;
  const of = filter.conditions.map(emailFilterOf);
  if (filter.operator === 'NOT') return { is: 'not', of: { is: 'or', of } };
  return { is: filter.operator === 'AND' ? 'and' : 'or', of };
}

function readCondition(given: Arguments, reach: Reach, context: Context): EmailFilter {
  const of = Object.entries(given).map(([name, value]) => condition(name, value, { reach, context }));
  return of.length === 1 ? of[0]! : { is: 'and', of };
}

function condition(
  name: string,
  value: unknown,
  { reach, context }: { readonly reach: Reach; readonly context: Context },
): EmailFilter {
  switch (name) {
    case 'inMailbox': {
      const mailbox = numberOf(value, name, { reach, context });
      return mailbox === undefined ? nothing : { is: 'inMailbox', mailbox };
    }
    case 'inMailboxOtherThan': {
      if (!Array.isArray(value)) throw invalidArguments(`${name} is an Id[]`);
      const mailboxes = value.map((id) => numberOf(id, name, { reach, context }));
      return { is: 'outside', mailboxes: mailboxes.filter((number) => number !== undefined) };
    }
    case 'before':
    case 'after': {
      const atMs = parseUtcDate(value);
      if (atMs === undefined) throw invalidArguments(`${name} is a UTCDate`);
      return { is: 'received', when: name, atMs };
    }
    case 'minSize':
      return { is: 'size', min: unsigned(value, name), max: Infinity };
    case 'maxSize':
      return { is: 'size', min: 0, max: unsigned(value, name) };
    case 'allInThreadHaveKeyword':
      return { is: 'threadKeyword', keyword: keyword(value, name), have: 'all' };
    case 'someInThreadHaveKeyword':
      return { is: 'threadKeyword', keyword: keyword(value, name), have: 'some' };
    case 'noneInThreadHaveKeyword':
      return { is: 'threadKeyword', keyword: keyword(value, name), have: 'none' };
    case 'hasKeyword':
      return { is: 'keyword', keyword: keyword(value, name) };
    case 'notKeyword':
      return { is: 'not', of: { is: 'keyword', keyword: keyword(value, name) } };
    case 'hasAttachment': {
      if (typeof value !== 'boolean') throw invalidArguments(`${name} is a Boolean`);
      const has: EmailFilter = { is: 'text', criterion: { is: 'attachment' } };
      return value ? has : { is: 'not', of: has };
    }
    case 'text':
    case 'body':
      return words(value, name, (contains) => ({ is: name, contains }));
    case 'from':
    case 'to':
    case 'cc':
    case 'bcc':
    case 'subject':
      return words(value, name, (contains) => ({ is: 'header', field: name, contains }));
    case 'header':
      return headerCondition(value);
    default:
      throw new MethodError('unsupportedFilter', `not by ${name}`);
  }
}

/** The field alone: whether there is such a field. */
function headerCondition(value: unknown): EmailFilter {
  const isPair = Array.isArray(value) && (value.length === 1 || value.length === 2);
  if (!isPair || !value.every((each) => typeof each === 'string') || !/^[!-9;-~]{1,200}$/.test(value[0]!))
    throw invalidArguments('header is an array of a name and perhaps a text');
  const [field, contains = ''] = value;
  return { is: 'text', criterion: { is: 'header', field: field!, contains } };
}

/** Undefined for a mailbox that there is not: nothing is in it. */
function numberOf(
  id: unknown,
  name: string,
  { reach, context }: { readonly reach: Reach; readonly context: Context },
): number | undefined {
  if (typeof id !== 'string' || !isId(id.replace(/^#/, '')))
    throw invalidArguments(`${name} names mailboxes`);
  const place = reach.places.get(resolvedId(context, id) ?? '');
  return place?.number;
}

function unsigned(value: unknown, name: string): number {
  if (!Number.isSafeInteger(value) || (value as number) < 0)
    throw invalidArguments(`${name} is an UnsignedInt`);
  return value as number;
}

function keyword(value: unknown, name: string): string {
  if (typeof value !== 'string' || !isKeyword(value)) throw invalidArguments(`${name} is a keyword`);
  return value.toLowerCase();
}

/** All words must be there. A text without words is everywhere. */
function words(value: unknown, name: string, criterionOf: (word: string) => Criterion): EmailFilter {
  if (typeof value !== 'string') throw invalidArguments(`${name} is a String`);
  const of = searchWords(value).map(criterionOf);
  if (of.length === 0) return { is: 'and', of: [] };
  return { is: 'text', criterion: of.length === 1 ? of[0]! : { is: 'and', of } };
}

const plainOrders = ['receivedAt', 'size', 'from', 'to', 'subject', 'sentAt'] as const;
const keywordOrders = {
  hasKeyword: 'keyword',
  allInThreadHaveKeyword: 'allInThread',
  someInThreadHaveKeyword: 'someInThread',
} as const;

export function readEmailSort(value: unknown): readonly EmailOrder[] {
  return readSort(value, sortOptions).map(({ property, isAscending, given }): EmailOrder => {
    const descending = !isAscending;
    const by = plainOrders.find((each) => each === property);
    if (by !== undefined) return { by, descending };
    const ordered = keywordOrders[property as keyof typeof keywordOrders];
    return { by: ordered, keyword: keyword(given['keyword'], 'keyword'), descending };
  });
}

/** Whether results change only by emails that come or go: neither mailboxes nor keywords are asked for (RFC 8620, 5.6: `upToId`). */
export function isImmutable(filter: EmailFilter | undefined, sort: readonly EmailOrder[]): boolean {
  return sort.every((order) => !('keyword' in order)) && (filter === undefined || isFixed(filter));
}

function isFixed(filter: EmailFilter): boolean {
  switch (filter.is) {
    case 'and':
    case 'or':
      return filter.of.every(isFixed);
    case 'not':
      return isFixed(filter.of);
    case 'received':
    case 'size':
    case 'text':
      return true;
    default:
      return false;
  }
}
