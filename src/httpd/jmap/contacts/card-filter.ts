/** Filters and sorts of ContactCard/query (RFC 9610, 3.3). */
import type { CardCriterion, FoundCard } from '../../../contact/contacts.ts';
import { searchWords } from '../../../contact/contacts.ts';
import { bookNumber } from '../../../contact/ids.ts';
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import type { GivenFilter } from '../searches.ts';

const texts = {
  text: undefined,
  name: 'name',
  'name/given': 'given',
  'name/surname': 'surname',
  'name/surname2': 'surname2',
  nickname: 'nickname',
  organization: 'organization',
  email: 'email',
  phone: 'phone',
  onlineService: 'online',
  address: 'address',
  note: 'note',
} as const;

const operators = { AND: 'and', OR: 'or', NOT: 'not' } as const;

export function criterionOf(filter: GivenFilter): CardCriterion {
  if ('operator' in filter) return { is: operators[filter.operator], of: filter.conditions.map(criterionOf) };
  return { is: 'and', of: Object.entries(filter.condition).map(([name, value]) => one(name, value)) };
}

function one(name: string, value: unknown): CardCriterion {
  if (Object.hasOwn(texts, name)) {
    const field = texts[name as keyof typeof texts];
    return { is: 'text', words: searchWords(stringOf(name, value)), ...(field && { field }) };
  }
  switch (name) {
    case 'inAddressBook':
      return { is: 'book', book: bookNumber(stringOf(name, value)) ?? 0 };
    case 'uid':
    case 'kind':
      return { is: name, value: stringOf(name, value) };
    case 'hasMember':
      return { is: 'member', value: stringOf(name, value) };
    case 'createdBefore':
      return { is: 'createdBefore', atMs: timeOf(name, value) };
    case 'createdAfter':
      return { is: 'createdFrom', atMs: timeOf(name, value) };
    case 'updatedBefore':
      return { is: 'updatedBefore', atMs: timeOf(name, value) };
    case 'updatedAfter':
      return { is: 'updatedFrom', atMs: timeOf(name, value) };
    default:
      throw new MethodError('unsupportedFilter', name);
  }
}

function stringOf(name: string, value: unknown): string {
  if (typeof value !== 'string') throw invalidArguments(`${name} is a String`);
  return value;
}

function timeOf(name: string, value: unknown): number {
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/.test(String(value))
    ? Date.parse(String(value))
    : Number.NaN;
  if (Number.isNaN(at)) throw invalidArguments(`${name} is a UTCDate`);
  return at;
}

export function sortValue(card: FoundCard, property: string): string | number {
  switch (property) {
    case 'created':
      return card.created;
    case 'updated':
      return card.updated;
    case 'name/given':
      return card.given;
    case 'name/surname':
      return card.surname;
    default:
      return card.surname2;
  }
}
