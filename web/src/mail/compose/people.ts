/** Whom one may mean by what is typed: people and groups of the address books, by any part of a name, by its reading or by the address; and people with whom mail was exchanged. */
import { jmap, mail } from '../jmap/client.ts';
import type { EmailAddress, Id } from '../jmap/types.ts';
import { addressText } from './draft.ts';

const contactsUri = 'urn:ietf:params:jmap:contacts';

export interface Suggestion {
  /** An address as it is written, or the name of a group. */
  readonly text: string;
  /** Of a group: UIDs of its cards. */
  readonly members?: readonly string[];
}

/** As far as it is looked at here (RFC 9553). */
interface Card {
  readonly uid: string;
  readonly kind?: string;
  readonly name?: { readonly full?: string; readonly components?: readonly NamePart[] };
  readonly emails?: Readonly<Record<string, { readonly address: string; readonly pref?: number }>>;
  readonly members?: Readonly<Record<string, boolean>>;
}

interface NamePart {
  readonly kind: string;
  readonly value: string;
}

const suggestionsMax = 8;
const readMax = 60;
/** What people put behind a name when they type it as they would say it. */
const honorific = /(?:様|さま|さん|ちゃん|くん|君|氏|殿|先生|御中)$/u;

export const bareName = (typed: string): string => typed.trim().replace(honorific, '') || typed.trim();

function nameOf({ name }: Card): string {
  if (name?.full) return name.full;
  const parts = name?.components ?? [];
  const of = (kind: string): string | undefined => parts.find((each) => each.kind === kind)?.value;
  const [surname, given] = [of('surname'), of('given')];
  if (surname === undefined || given === undefined) return surname ?? given ?? '';
  // Japanese, Chinese and Korean names have the family's first.
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u.test(surname)
    ? `${surname} ${given}`
    : `${given} ${surname}`;
}

const addressesOf = (card: Card): string[] =>
  Object.values(card.emails ?? {})
    .toSorted((a, b) => (a.pref ?? 101) - (b.pref ?? 101))
    .map(({ address }) => addressText({ name: nameOf(card) || null, email: address }));

async function contactsLike(account: Id, word: string, signal: AbortSignal): Promise<readonly Suggestion[]> {
  const { c } = await jmap(
    [
      ['ContactCard/query', { accountId: account, filter: { text: word }, limit: readMax }, 'q'],
      [
        'ContactCard/get',
        {
          accountId: account,
          '#ids': { resultOf: 'q', name: 'ContactCard/query', path: '/ids' },
          properties: ['uid', 'kind', 'name', 'emails', 'members'],
        },
        'c',
      ],
    ],
    { using: [contactsUri], signal },
  );
  return (c!['list'] as readonly Card[]).flatMap((card): readonly Suggestion[] => {
    if (card.kind !== 'group') return addressesOf(card).map((text) => ({ text }));
    const members = Object.keys(card.members ?? {});
    return members.length === 0 ? [] : [{ text: `${nameOf(card)} (${members.length})`, members }];
  });
}

type Seen = Readonly<Record<'from' | 'to' | 'cc', readonly EmailAddress[] | null>>;

/** Those to whom mail was sent count most, and those with whom it is often exchanged. */
async function exchangedWith(account: Id, word: string, signal: AbortSignal): Promise<readonly Suggestion[]> {
  const { e } = await jmap(
    [
      [
        'Email/query',
        {
          accountId: account,
          filter: { operator: 'OR', conditions: [{ from: word }, { to: word }, { cc: word }] },
          sort: [{ property: 'receivedAt', isAscending: false }],
          limit: readMax,
        },
        'q',
      ],
      [
        'Email/get',
        {
          accountId: account,
          '#ids': { resultOf: 'q', name: 'Email/query', path: '/ids' },
          properties: ['from', 'to', 'cc'],
        },
        'e',
      ],
    ],
    { using: [mail], signal },
  );
  const folded = word.normalize('NFKC').toLowerCase();
  const people = new Map<string, { text: string; count: number }>();
  for (const { from, to, cc } of e!['list'] as readonly Seen[])
    for (const who of [...(to ?? []), ...(cc ?? []), ...(from ?? [])]) {
      const text = addressText(who);
      if (!text.normalize('NFKC').toLowerCase().includes(folded)) continue;
      const known = people.get(who.email.toLowerCase());
      if (known === undefined) people.set(who.email.toLowerCase(), { text, count: 1 });
      else known.count++;
    }
  return [...people.values()].toSorted((a, b) => b.count - a.count).map(({ text }) => ({ text }));
}

/** The address of a suggestion, by which two are one. */
const keyOf = ({ text, members }: Suggestion): string =>
  members === undefined ? (/<([^<>]+)>$/.exec(text)?.[1] ?? text).toLowerCase() : text;

export async function peopleLike(
  account: Id,
  typed: string,
  signal: AbortSignal,
): Promise<readonly Suggestion[]> {
  const word = bareName(typed);
  const [known, exchanged] = await Promise.all([
    contactsLike(account, word, signal).catch((error: unknown) => {
      // An account without address books still has mail.
      if (signal.aborted) throw error;
      return [];
    }),
    exchangedWith(account, word, signal),
  ]);
  const found = new Map<string, Suggestion>();
  for (const each of [...known, ...exchanged]) if (!found.has(keyOf(each))) found.set(keyOf(each), each);
  return [...found.values()].slice(0, suggestionsMax);
}

/** Everybody in a group who has an address, the first one of each. */
export async function membersOf(account: Id, members: readonly string[]): Promise<readonly string[]> {
  const { c } = await jmap(
    [
      [
        'ContactCard/query',
        { accountId: account, filter: { operator: 'OR', conditions: members.map((uid) => ({ uid })) } },
        'q',
      ],
      [
        'ContactCard/get',
        {
          accountId: account,
          '#ids': { resultOf: 'q', name: 'ContactCard/query', path: '/ids' },
          properties: ['uid', 'name', 'emails'],
        },
        'c',
      ],
    ],
    { using: [contactsUri] },
  );
  return (c!['list'] as readonly Card[]).flatMap((card) => addressesOf(card).slice(0, 1));
}
