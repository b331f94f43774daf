/** What is typed into the search field: words, and operators as mail programs have them (`from:`, `has:attachment`, `before:2026-01-31`). */
import type { ListOf } from './messages.ts';

/** A condition of Email/query (RFC 8621, 4.4.1). */
export type Condition = Readonly<Record<string, unknown>>;

const day = /^\d{4}-\d{2}-\d{2}$/;
const dayMs = 86_400_000;

function conditionOf(operator: string, value: string): Condition | undefined {
  switch (operator) {
    case 'from':
    case 'to':
    case 'cc':
    case 'bcc':
    case 'subject':
    case 'body':
      return value === '' ? undefined : { [operator]: value };
    case 'has':
      return value === 'attachment' ? { hasAttachment: true } : undefined;
    case 'is':
      return states[value];
    case 'before':
      return dayOf(value, (at) => ({ before: at }));
    case 'after':
      return dayOf(value, (at) => ({ after: at }), 0);
    case 'larger':
      return sizeOf(value, 'minSize');
    case 'smaller':
      return sizeOf(value, 'maxSize');
    default:
      return undefined;
  }
}

const states: Readonly<Record<string, Condition>> = {
  unread: { notKeyword: '$seen' },
  read: { hasKeyword: '$seen' },
  starred: { hasKeyword: '$flagged' },
  answered: { hasKeyword: '$answered' },
};

/** The day in the reader's own time zone. */
function dayOf(value: string, make: (at: string) => Condition, plusDays = 0): Condition | undefined {
  if (!day.test(value)) return undefined;
  const at = new Date(`${value}T00:00:00`).getTime() + plusDays * dayMs;
  return Number.isNaN(at) ? undefined : make(new Date(at).toISOString().replace(/\.\d+Z$/, 'Z'));
}

const units: Readonly<Record<string, number>> = { '': 1, k: 1000, m: 1_000_000, g: 1_000_000_000 };

function sizeOf(value: string, name: 'minSize' | 'maxSize'): Condition | undefined {
  const [, number, unit = ''] = /^(\d+)([kmg]?)b?$/i.exec(value) ?? [];
  if (number === undefined) return undefined;
  return { [name]: Number(number) * units[unit.toLowerCase()]! };
}

/** `-` in front: not. Quotes keep words together. Full-width colons and spaces, as an IME types them, count as their narrow kin. */
export function conditionsOf(search: string): readonly Condition[] {
  const conditions: Condition[] = [];
  const typed = search.normalize('NFC').replaceAll('\u3000', ' ');
  for (const [text] of typed.matchAll(/-?(?:\w+[:：])?(?:"[^"]*"?|\S+)/gu)) {
    const not = text.startsWith('-') && text.length > 1;
    const [, operator, given = ''] = /^(?:(\w+)[:：])?(.*)$/su.exec(not ? text.slice(1) : text) ?? [];
    const value = given.replaceAll('"', '');
    const known = operator === undefined ? undefined : conditionOf(operator.toLowerCase(), phrased(value));
    const word = operator !== undefined && known === undefined ? `${operator}:${value}` : value;
    if (known === undefined && word === '') continue;
    const condition = known ?? { text: phrased(word) };
    conditions.push(not ? { operator: 'NOT', conditions: [condition] } : condition);
  }
  return conditions;
}

/** In quotes: these words, one behind the other (RFC 8621, 4.4.1). */
const phrased = (value: string): string => (/\s/.test(value) ? `"${value}"` : value);

export function filterOf({ mailbox, search }: Pick<ListOf, 'mailbox' | 'search'>): Condition | null {
  const conditions = [...(mailbox === undefined ? [] : [{ inMailbox: mailbox }]), ...conditionsOf(search)];
  if (conditions.length === 0) return null;
  return conditions.length === 1 ? conditions[0]! : { operator: 'AND', conditions };
}
