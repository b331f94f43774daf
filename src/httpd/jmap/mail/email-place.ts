/** Where an email is to be and what keywords it is to have, from a client's words, with the rights that this takes. */
import { type Flags, isKeyword, keywordsMax } from '../../../mailbox/flags.ts';
import type { MailboxNumber } from '../../../mailbox/ids.ts';
import { parseUtcDate } from '../../../proto/jmap/date.ts';
import { invalidProperties, SetError } from '../../../proto/jmap/method-error.ts';
import { isObject } from '../../../proto/jmap/pointer.ts';
import type { Context } from '../method.ts';
import { systemKeywords } from './email-json.ts';
import { type Place, type Reach, resolvedId } from './reach.ts';

/** A map of names to `true`. */
function trueSet(value: unknown, property: string): string[] {
  if (!isObject(value) || !Object.values(value).every((each) => each === true))
    throw invalidProperties([property]);
  return Object.keys(value);
}

/** Mailboxes of a `mailboxIds`; ids of mailboxes made by the same request count. */
export function readPlaces(value: unknown, reach: Reach, context: Pick<Context, 'createdIds'>): Place[] {
  const ids = trueSet(value, 'mailboxIds');
  const places = new Map<string, Place>();
  for (const id of ids) {
    const place = reach.places.get(resolvedId(context, id) ?? '');
    if (place === undefined) throw invalidProperties(['mailboxIds'], `no mailbox ${id}`);
    places.set(place.info.id, place);
  }
  if (places.size === 0) throw invalidProperties(['mailboxIds'], 'an email is in a mailbox');
  return [...places.values()];
}

/** For new mail: Refusal as SetError `forbidden`. */
export function placesToAdd(
  value: unknown,
  reach: Reach,
  context: Pick<Context, 'createdIds'>,
): MailboxNumber[] {
  const places = readPlaces(value, reach, context);
  for (const place of places) mustMay(place, 'i', 'add mail to');
  return places.map(({ number }) => number);
}

export function mustMay({ rights, info }: Place, right: string, what: string): void {
  if (!rights.includes(right)) throw new SetError('forbidden', `not allowed to ${what} ${info.id}`);
}

/** A `keywords`: without case, the system's as flags. */
export function readKeywords(value: unknown): Flags {
  if (value === undefined || value === null) return { system: 0, keywords: [] };
  const names = trueSet(value, 'keywords').map((name) => name.toLowerCase());
  if (!names.every(isKeyword)) throw invalidProperties(['keywords']);
  if (names.length > keywordsMax) throw new SetError('tooManyKeywords', `more than ${keywordsMax}`);
  return flagsOf(names);
}

export function flagsOf(names: readonly string[]): Flags {
  let system = 0;
  const keywords: string[] = [];
  for (const name of names) {
    const known = systemKeywords.find(([keyword]) => keyword === name);
    if (known === undefined) keywords.push(name);
    else system |= known[1];
  }
  return { system, keywords };
}

export function readReceivedAt(value: unknown, otherwise: number): number {
  if (value === undefined || value === null) return otherwise;
  const atMs = parseUtcDate(value);
  if (atMs === undefined) throw invalidProperties(['receivedAt']);
  return atMs;
}
