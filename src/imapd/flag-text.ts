/** FLAGS as text. Without keywords there are 64 of them, made once: FETCH FLAGS of a large mailbox is a look-up for each message. */
import { answered, deleted, draft, flagged, seen, type Flags } from '../mailbox/flags.ts';
import type { MailboxView } from '../mailbox/mailbox-view.ts';
import { astring } from '../proto/imap/response.ts';
import { bad } from './replies.ts';

const bits: readonly (readonly [number, string])[] = [
  [answered, '\\Answered'],
  [flagged, '\\Flagged'],
  [deleted, '\\Deleted'],
  [seen, '\\Seen'],
  [draft, '\\Draft'],
];
const recentBit = 32;

const texts = Array.from({ length: 64 }, (_, combination) => {
  const names = bits.filter(([bit]) => (combination & bit) !== 0).map(([, name]) => name);
  if ((combination & recentBit) !== 0) names.push('\\Recent');
  return names.join(' ');
});
const listed = texts.map((text) => `(${text})`);

/** `(\Seen \Recent work)` of the message at a position. */
export function flagsText(view: MailboxView, position: number, recent: boolean): string {
  const combination = (view.systemFlagsAt(position) & 31) | (recent ? recentBit : 0);
  const keywords = view.keywordsAt(position);
  if (keywords.length === 0) return listed[combination]!;
  const system = texts[combination]!;
  return `(${system}${system === '' ? '' : ' '}${keywords.join(' ')})`;
}

/** All flags of a mailbox, for FLAGS and PERMANENTFLAGS. */
export function mailboxFlags(
  keywords: readonly string[],
  { system = 31, more = '' }: { system?: number; more?: string } = {},
): string {
  const names = bits.filter(([bit]) => (system & bit) !== 0).map(([, name]) => name);
  return `(${[...names, ...keywords.map((name) => astring(name))].join(' ')}${more})`;
}

const byName = new Map(bits.map(([bit, name]) => [name.toLowerCase(), bit]));

/** Flags as a client wrote them. \Recent cannot be set and is passed over; other words with a backslash are not ours. */
export function parseFlags(names: readonly string[]): Flags {
  let system = 0;
  const keywords: string[] = [];
  for (const name of names) {
    const lower = name.toLowerCase();
    const bit = byName.get(lower);
    if (bit !== undefined) system |= bit;
    else if (!name.startsWith('\\')) keywords.push(name);
    else if (lower !== '\\recent') throw bad('Not a system flag');
  }
  return { system, keywords };
}

export const systemFlag = (name: string): number | undefined => byName.get(name.toLowerCase());
