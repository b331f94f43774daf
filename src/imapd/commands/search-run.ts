/** Carrying out a search of the selected mailbox, for SEARCH, SORT and THREAD: keys to a criterion, progress, and what the keys imply. */
import type { Uid } from '../../base/ids.ts';
import type { SearchKey } from '../../proto/imap/command.ts';
import { Progress } from '../progress.ts';
import type { Selected } from '../selected.ts';
import { withoutFilters } from './filters.ts';
import { enableCondstore } from './general.ts';
import type { LoggedIn, WithMailbox } from './run.ts';
import { toCriterion } from './search-criterion.ts';

export interface Found {
  /** Ascending. */
  readonly uids: readonly number[];
  /** MODSEQ was among the keys. */
  readonly byModSeq: boolean;
  /** 1 to 100; undefined without FUZZY. */
  readonly relevancy: ((uid: number) => number) | undefined;
}

/** What fits a fuzzy search word for word is above this score, and what only has its words is not. */
const looseMax = 50;

export async function runSearch(session: WithMailbox, given: SearchKey): Promise<Found> {
  const key = await withoutFilters(session, given);
  const byModSeq = has(key, 'modSeq');
  if (byModSeq) enableCondstore(session);
  const uids = await searchIn(session, session.selected, key);
  if (!has(key, 'fuzzy')) return { uids, byModSeq, relevancy: undefined };
  const exact = new Set(await searchIn(session, session.selected, withoutFuzzy(key)));
  const scores = await scoresIn(session, key, uids);
  const relevancy = (uid: number): number =>
    Math.ceil((scores.get(uid) ?? 0.5) * looseMax) + (exact.has(uid) ? looseMax : 0);
  return { uids, byModSeq, relevancy };
}

/** The uids of one mailbox that fit, ascending. `key` has no filters. */
export function searchIn(session: LoggedIn, selected: Selected, key: SearchKey): Promise<readonly number[]> {
  const { mailboxes, clock } = session.server.parts;
  const criterion = toCriterion(key, selected, clock.nowMs());
  const watch = { signal: session.stopped(), progress: new Progress(session).tell };
  return mailboxes.search(selected.messages, criterion, watch);
}

function scoresIn(
  session: WithMailbox,
  key: SearchKey,
  uids: readonly number[],
): Promise<ReadonlyMap<number, number>> {
  const { mailboxes, clock } = session.server.parts;
  const { selected } = session;
  return mailboxes.findings.scores(
    selected.messages,
    toCriterion(key, selected, clock.nowMs()),
    uids as readonly Uid[],
  );
}

export function has(key: SearchKey, is: SearchKey['is']): boolean {
  if (key.is === is) return true;
  switch (key.is) {
    case 'not':
    case 'fuzzy':
      return has(key.key, is);
    case 'or':
      return has(key.left, is) || has(key.right, is);
    case 'and':
      return key.keys.some((one) => has(one, is));
    default:
      return false;
  }
}

function withoutFuzzy(key: SearchKey): SearchKey {
  switch (key.is) {
    case 'fuzzy':
      return withoutFuzzy(key.key);
    case 'not':
      return { is: 'not', key: withoutFuzzy(key.key) };
    case 'or':
      return { is: 'or', left: withoutFuzzy(key.left), right: withoutFuzzy(key.right) };
    case 'and':
      return { is: 'and', keys: key.keys.map(withoutFuzzy) };
    default:
      return key;
  }
}

/** Uids, or their message numbers, in the order they are given. */
export function numbersFor(
  { selected }: WithMailbox,
  uids: readonly number[],
  byUid: boolean,
): readonly number[] {
  if (byUid) return uids;
  const { messages } = selected;
  const result: number[] = [];
  let number = 0;
  for (const uid of uids) {
    number =
      number < messages.count && messages.uidOf(number + 1) === uid ? number + 1 : messages.sequenceOf(uid);
    if (number > 0) result.push(number);
  }
  return result;
}

export function highestModSeq(
  { selected }: { readonly selected: Selected },
  uids: readonly number[],
): number {
  const { view } = selected;
  let modSeq = 1;
  for (const uid of uids) {
    const position = view.positionOf(uid);
    if (position !== -1) modSeq = Math.max(modSeq, view.modseqAt(position));
  }
  return modSeq;
}
