/** SEARCH, UID SEARCH (RFC 3501, 6.4.4; RFC 4731; RFC 5182; RFC 5267; RFC 6203; RFC 7162, 3.1.5; RFC 9051, 6.4.4; RFC 9394). */
import type { Returning, Search } from '../../proto/imap/command.ts';
import type { Outcome } from '../outcome.ts';
import { replyFor } from '../replies.ts';
import { keepContext } from './context.ts';
import type { WithMailbox } from './run.ts';
import { chosenOf, esearchText } from './search-answer.ts';
import { type Found, highestModSeq, numbersFor, runSearch } from './search-run.ts';

const plain: Returning = { give: new Set(['ALL']), partial: undefined };

export async function search(session: WithMailbox, command: Search): Promise<Outcome> {
  const { selected } = session;
  const returning = command.returning ?? (session.rev2 ? plain : undefined);
  const saves = returning?.give.has('SAVE') === true;
  let found: Found;
  try {
    if (command.refused !== undefined) throw command.refused;
    found = await runSearch(session, command.key);
  } catch (error) {
    // A command that makes no sense leaves "$" alone; one that fails empties it (RFC 5182, 2.1).
    if (saves && replyFor(error).status === 'NO') selected.saved = [];
    throw error;
  }
  if (returning === undefined) {
    session.untagged(oldAnswer(session, command.uid, found));
    return undefined;
  }
  if (saves) selected.saved = chosenOf(found.uids, returning);
  keepContext(session, { command, returning, uids: found.uids });
  if (saves && returning.give.size === 1) return undefined;
  session.untagged(newAnswer(session, command.uid, { returning, found, uids: found.uids }));
  return undefined;
}

function oldAnswer(session: WithMailbox, uid: boolean, found: Found): string {
  const numbers = numbersFor(session, found.uids, uid);
  const list = numbers.length === 0 ? '' : ` ${numbers.join(' ')}`;
  const modSeq =
    found.byModSeq && numbers.length > 0 ? ` (MODSEQ ${highestModSeq(session, found.uids)})` : '';
  return `SEARCH${list}${modSeq}`;
}

/** `uids` are in the order of the result. */
export function newAnswer(
  session: WithMailbox,
  uid: boolean,
  { returning, found, uids }: { returning: Returning; found: Found; uids: readonly number[] },
): string {
  const chosen = chosenOf(uids, returning);
  return esearchText({
    tag: session.tag,
    uid,
    returning,
    numbers: numbersFor(session, uids, uid),
    relevancy: found.relevancy && uids.map(found.relevancy),
    modSeq: found.byModSeq && chosen.length > 0 ? highestModSeq(session, chosen) : undefined,
  });
}
