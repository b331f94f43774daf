/** ESEARCH (RFC 4731; RFC 5182; RFC 5267; RFC 6203; RFC 7377; RFC 9394): what RETURN asked for, of a result in its order. */
import type { Places, Returning } from '../../proto/imap/command.ts';
import { string } from '../../proto/imap/response.ts';
import { formatNumbers } from '../../proto/imap/sequence-set.ts';

export interface EsearchAnswer {
  readonly tag: string;
  readonly uid: boolean;
  readonly returning: Returning;
  /** UIDs or message numbers, in the order of the result. */
  readonly numbers: readonly number[];
  /** 1 to 100, in step with `numbers` (RFC 6203, 4). */
  readonly relevancy?: readonly number[] | undefined;
  readonly modSeq?: number | undefined;
  /** `MAILBOX name UIDVALIDITY n`, for several mailboxes. */
  readonly where?: string;
}

export function esearchText(answer: EsearchAnswer): string {
  const { tag, uid, returning, numbers, where, modSeq } = answer;
  const { give, partial } = returning;
  const shown = partial === undefined ? numbers : placesOf(numbers, partial);
  let out = `ESEARCH (TAG ${string(tag)}${where === undefined ? '' : ` ${where}`})${uid ? ' UID' : ''}`;
  if (numbers.length > 0) {
    if (give.has('MIN')) out += ` MIN ${numbers[0]!}`;
    if (give.has('MAX')) out += ` MAX ${numbers.at(-1)!}`;
    if (give.has('ALL')) out += ` ALL ${formatNumbers(numbers)}`;
  }
  if (give.has('COUNT')) out += ` COUNT ${numbers.length}`;
  if (partial !== undefined) out += ` PARTIAL (${placesText(partial)} ${formatNumbers(shown) || 'NIL'})`;
  if (answer.relevancy !== undefined && give.has('RELEVANCY')) {
    const scores = partial === undefined ? answer.relevancy : placesOf(answer.relevancy, partial);
    out += ` RELEVANCY (${scores.join(' ')})`;
  }
  if (modSeq !== undefined) out += ` MODSEQ ${modSeq}`;
  return out;
}

export function placesOf<T>(items: readonly T[], { from, to, fromEnd }: Places): readonly T[] {
  if (!fromEnd) return items.slice(from - 1, to);
  return items.slice(Math.max(0, items.length - to), Math.max(0, items.length - from + 1));
}

const placesText = ({ from, to, fromEnd }: Places): string => (fromEnd ? `-${from}:-${to}` : `${from}:${to}`);

/** With MIN or MAX alone only those count, for "$" and for MODSEQ (RFC 5182, 2.1; RFC 4731, 3.2; RFC 9394, 3.2). */
export function chosenOf(uids: readonly number[], { give, partial }: Returning): readonly number[] {
  if (give.has('ALL') || give.has('COUNT')) return uids;
  if (partial !== undefined) return placesOf(uids, partial);
  if (!(give.has('MIN') || give.has('MAX')) || uids.length === 0) return uids;
  const part = new Set<number>();
  if (give.has('MIN')) part.add(uids[0]!);
  if (give.has('MAX')) part.add(uids.at(-1)!);
  return [...part];
}
