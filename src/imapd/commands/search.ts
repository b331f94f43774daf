/** SEARCH, UID SEARCH (RFC 3501, 6.4.4; RFC 4731; RFC 5182; RFC 7162, 3.1.5). */
import type { Search, SearchKey, SearchReturn } from '../../proto/imap/command.ts';
import { formatNumbers } from '../../proto/imap/sequence-set.ts';
import { string } from '../../proto/imap/response.ts';
import type { Outcome } from '../outcome.ts';
import type { WithMailbox } from './run.ts';
import { enableCondstore } from './general.ts';
import { toCriterion } from './search-criterion.ts';

export async function search(session: WithMailbox, command: Search): Promise<Outcome> {
  const { selected } = session;
  const { mailboxes, clock } = session.server.parts;
  const criterion = toCriterion(command.key, selected, clock.nowMs());
  const byModSeq = usesModSeq(command.key);
  if (byModSeq) enableCondstore(session);
  const saves = command.give?.has('SAVE') ?? false;
  if (saves) selected.saved = command.give!.has('SAVE') ? selected.saved : [];
  let uids: readonly number[];
  try {
    uids = await mailboxes.search(selected.messages, criterion);
  } catch (error) {
    if (saves) selected.saved = [];
    throw error;
  }
  if (command.give === undefined) {
    const modSeq = byModSeq && uids.length > 0 ? ` (MODSEQ ${highest(session, uids)})` : '';
    session.untagged(`SEARCH${list(numbers(session, command, uids))}${modSeq}`);
    return undefined;
  }
  const shown = partOf(uids, command.give);
  if (saves) selected.saved = shown;
  if (saves && command.give.size === 1) return undefined;
  session.untagged(esearch(session, command, { uids, shown, byModSeq }));
  return undefined;
}

/** With MIN or MAX alone only those count, for "$" and for MODSEQ (RFC 5182, 2.1; RFC 4731, 3.2). */
function partOf(uids: readonly number[], give: ReadonlySet<SearchReturn>): readonly number[] {
  if (give.has('ALL') || give.has('COUNT') || !(give.has('MIN') || give.has('MAX'))) return uids;
  const part = new Set<number>();
  if (give.has('MIN') && uids.length > 0) part.add(uids[0]!);
  if (give.has('MAX') && uids.length > 0) part.add(uids.at(-1)!);
  return [...part];
}

function esearch(
  session: WithMailbox,
  command: Search,
  found: { uids: readonly number[]; shown: readonly number[]; byModSeq: boolean },
): string {
  const give = command.give!;
  const found_ = numbers(session, command, found.uids);
  let out = `ESEARCH (TAG ${string(session.tag)})${command.uid ? ' UID' : ''}`;
  if (found_.length > 0) {
    if (give.has('MIN')) out += ` MIN ${found_[0]!}`;
    if (give.has('MAX')) out += ` MAX ${found_.at(-1)!}`;
    if (give.has('ALL')) out += ` ALL ${formatNumbers(found_)}`;
  }
  if (give.has('COUNT')) out += ` COUNT ${found_.length}`;
  if (found.byModSeq && found.shown.length > 0) out += ` MODSEQ ${highest(session, found.shown)}`;
  return out;
}

/** Uids, or their message numbers. */
function numbers(session: WithMailbox, command: Search, uids: readonly number[]): readonly number[] {
  if (command.uid) return uids;
  const { messages } = session.selected;
  const result: number[] = [];
  let number = 0;
  for (const uid of uids) {
    number =
      number < messages.count && messages.uidOf(number + 1) === uid ? number + 1 : messages.sequenceOf(uid);
    if (number > 0) result.push(number);
  }
  return result;
}

const list = (found: readonly number[]): string => (found.length === 0 ? '' : ` ${found.join(' ')}`);

function highest(session: WithMailbox, uids: readonly number[]): number {
  const { view } = session.selected;
  let modSeq = 1;
  for (const uid of uids) {
    const position = view.positionOf(uid);
    if (position !== -1) modSeq = Math.max(modSeq, view.modseqAt(position));
  }
  return modSeq;
}

function usesModSeq(key: SearchKey): boolean {
  switch (key.is) {
    case 'modSeq':
      return true;
    case 'not':
      return usesModSeq(key.key);
    case 'or':
      return usesModSeq(key.left) || usesModSeq(key.right);
    case 'and':
      return key.keys.some((one) => usesModSeq(one));
    default:
      return false;
  }
}
