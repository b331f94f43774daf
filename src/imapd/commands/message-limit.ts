/**
 * MESSAGELIMIT (RFC 9738): how many messages one command works on. What is beyond is left out, from the lowest uid on, and the tagged OK says down to which uid
 * the command went.
 */
import type { Range } from '../../proto/imap/sequence-set.ts';
import { no } from '../replies.ts';
import type { WithMailbox } from './run.ts';

export const countOf = (ranges: readonly Range[]): number =>
  ranges.reduce((sum, { from, to }) => sum + to - from + 1, 0);

/** Places `from` to `to` (from 1, inclusive) of the numbers in sorted ranges. */
export function slice(ranges: readonly Range[], from: number, to: number): Range[] {
  const part: Range[] = [];
  let before = 0;
  for (const range of ranges) {
    const first = Math.max(range.from, range.from + from - 1 - before);
    const last = Math.min(range.to, range.from + to - 1 - before);
    if (first <= last) part.push({ from: first, to: last });
    before += range.to - range.from + 1;
  }
  return part;
}

/** Message numbers within the limit, and the response code when some are left out. */
export function limited(
  session: WithMailbox,
  ranges: readonly Range[],
): { ranges: readonly Range[]; cut: string | undefined } {
  const max = session.server.parts.options.messageLimit;
  const count = max === 0 ? 0 : countOf(ranges);
  if (count <= max) return { ranges, cut: undefined };
  const kept = slice(ranges, count - max + 1, count);
  return { ranges: kept, cut: `MESSAGELIMIT ${max} ${session.selected.messages.uidOf(kept[0]!.from)}` };
}

/** The same for uids, ascending. */
export function limitedUids(
  session: WithMailbox,
  uids: readonly number[],
): { uids: readonly number[]; cut: string | undefined } {
  const max = session.server.parts.options.messageLimit;
  if (max === 0 || uids.length <= max) return { uids, cut: undefined };
  const kept = uids.slice(-max);
  return { uids: kept, cut: `MESSAGELIMIT ${max} ${kept[0]!}` };
}

/** For what is done to all messages or to none. */
export function refuseAbove(session: WithMailbox, count: number): void {
  const max = session.server.parts.options.messageLimit;
  if (max !== 0 && count > max) throw no('Too many messages for one command', `MESSAGELIMIT ${max}`);
}
