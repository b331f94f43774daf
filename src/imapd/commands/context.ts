/**
 * CONTEXT=SEARCH and CONTEXT=SORT (RFC 5267): results that are kept up to date for the client until it cancels them.
 *
 * Whenever the session is told what is new, each result is made again and the difference sent. What was expunged is taken out before the EXPUNGE,
 * while its number still stands for it.
 */
import type { Returning, Search, SearchKey, Sort, SortCriterion } from '../../proto/imap/command.ts';
import { string } from '../../proto/imap/response.ts';
import { formatNumbers } from '../../proto/imap/sequence-set.ts';
import type { Outcome } from '../outcome.ts';
import type { WithMailbox } from './run.ts';
import { numbersFor, runSearch } from './search-run.ts';
import { inOrder } from './sort-order.ts';

export interface Context {
  readonly tag: string;
  readonly uid: boolean;
  readonly key: SearchKey;
  /** Undefined: the order of the mailbox, and places are not told. */
  readonly criteria: readonly SortCriterion[] | undefined;
  /** What the client was told, in order. */
  uids: readonly number[];
}

/** Results kept for one session. */
const contextsMax = 10;

/** Keeps the result if UPDATE asked for it. */
export function keepContext(
  session: WithMailbox,
  { command, returning, uids }: { command: Search | Sort; returning: Returning; uids: readonly number[] },
): void {
  if (!returning.give.has('UPDATE')) return;
  const { contexts } = session.selected;
  if (contexts.size >= contextsMax || contexts.has(session.tag)) {
    session.untagged(`NO [NOUPDATE ${string(session.tag)}] Too many results are kept up to date`);
    return;
  }
  const criteria = command.is === 'SORT' ? command.criteria : undefined;
  contexts.set(session.tag, { tag: session.tag, uid: command.uid, key: command.key, criteria, uids });
}

export async function cancelUpdate(session: WithMailbox, tags: readonly string[]): Promise<Outcome> {
  for (const tag of tags) session.selected.contexts.delete(tag);
  return undefined;
}

/** Before expunges are told. */
export function removeExpunged(session: WithMailbox): void {
  const { contexts, view } = session.selected;
  for (const context of contexts.values()) {
    const gone = new Set(context.uids.filter((uid) => view.positionOf(uid) === -1));
    if (gone.size > 0) tellRemoved(session, context, gone);
  }
}

/** After all else is told. */
export async function updateContexts(session: WithMailbox): Promise<void> {
  for (const context of session.selected.contexts.values()) {
    const found = await runSearch(session, context.key);
    const now = context.criteria === undefined ? found.uids : await inOrder(session, found, context.criteria);
    const there = new Set(now);
    const gone = new Set(context.uids.filter((uid) => !there.has(uid)));
    if (gone.size > 0) tellRemoved(session, context, gone);
    tellAdded(session, context, now);
  }
}

function tellRemoved(session: WithMailbox, context: Context, gone: ReadonlySet<number>): void {
  const pairs: [number, number][] = [];
  let place = 0;
  for (const uid of context.uids) {
    // Places are those after what was taken out before is gone.
    if (gone.has(uid)) pairs.push([place + 1, uid]);
    else place += 1;
  }
  context.uids = context.uids.filter((uid) => !gone.has(uid));
  tell(session, context, { what: 'REMOVEFROM', pairs });
}

function tellAdded(session: WithMailbox, context: Context, now: readonly number[]): void {
  const known = new Set(context.uids);
  const pairs: [number, number][] = [];
  now.forEach((uid, i) => {
    if (!known.has(uid)) pairs.push([i + 1, uid]);
  });
  // A message that is known may stand elsewhere now: it is taken out and put in again.
  const kept = now.filter((uid) => known.has(uid));
  const moved = context.criteria !== undefined && kept.some((uid, i) => context.uids[i] !== uid);
  if (moved) {
    tellRemoved(session, context, known);
    return tellAdded(session, context, now);
  }
  context.uids = now;
  if (pairs.length > 0) tell(session, context, { what: 'ADDTO', pairs });
}

/** `(place set place set)`; place 0 where order has no meaning. Messages of one place stand together in a set. */
function tell(
  session: WithMailbox,
  context: Context,
  {
    what,
    pairs,
  }: { what: 'ADDTO' | 'REMOVEFROM'; pairs: readonly (readonly [place: number, uid: number])[] },
): void {
  const { tag, uid, criteria } = context;
  const shown =
    criteria === undefined
      ? `0 ${formatNumbers(
          numbersFor(
            session,
            pairs.map((pair) => pair[1]),
            uid,
          ),
        )}`
      : pairs.map(([place, each]) => `${place} ${numbersFor(session, [each], uid).join('')}`).join(' ');
  session.untagged(`ESEARCH (TAG ${string(tag)})${uid ? ' UID' : ''} ${what} (${shown})`);
}
