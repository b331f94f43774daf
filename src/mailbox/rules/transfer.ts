/**
 * COPY and MOVE: a new membership of the same email, with its flags and dates (RFC 9051, 6.4.7). The email is kept once, so neither needs
 * quota. Within one call both are all or nothing.
 */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { batch, hint, maybe, type Transaction } from '../../store/transaction.ts';
import { deleted, joinKeywords, seen, spellKeywords, splitKeywords } from '../flags.ts';
import type { MailboxNumber } from '../ids.ts';
import { insertMembership, rememberKeywords } from './add.ts';
import { bump } from './head.ts';
import { noteVotes, rolesOf, voteOfMove } from './junk-vote.ts';
import { removeMemberships } from './remove.ts';
import { type MembershipRow, membershipRows } from './uid-rows.ts';

export interface Transfer {
  readonly account: AccountId;
  readonly from: MailboxNumber;
  /** Ascending; at most `chunkMax` (mailboxes.ts). Those that do not exist are passed over. */
  readonly uids: readonly number[];
  readonly to: MailboxNumber;
  readonly move: boolean;
  readonly nowMs: number;
  /** A filter does it: what the mail is was not said by its owner. */
  readonly byFilter?: boolean;
}

export interface Transferred {
  readonly uidValidity: number;
  /** Of the change, or 0 when there was none. */
  readonly modseq: number;
  readonly from: readonly number[];
  readonly to: readonly number[];
}

export const transfer = operation('mailbox.transfer', function* (args: Transfer): Transaction<Transferred> {
  const { account, from, to } = args;
  const box = yield* maybe<{ validity: number; keywords: string }>(
    'select uid_validity as validity, keywords from mailbox where account = ? and id = ?',
    account,
    to,
  );
  if (box === undefined) throw new Refusal('mailboxNotFound', `${account} has no mailbox ${to}`);
  const found = yield* membershipRows(account, from, args.uids);
  if (found.length === 0) return { uidValidity: box.validity, modseq: 0, from: [], to: [] };
  const version = yield* bump(account);
  // Away first: moving within one mailbox gives new uids, and its rows are not found twice.
  if (args.move) yield* removeMemberships({ account, mailbox: from, version, seq: 0 }, found);
  const first = yield* addMemberships(args, { version, keywords: box.keywords, nowMs: args.nowMs }, found);
  if (args.byFilter !== true) yield* voteFor(args, version, found);
  yield* hint('account', account);
  return {
    uidValidity: box.validity,
    modseq: version,
    from: found.map((row) => row.uid),
    to: found.map((_, i) => first + i),
  };
});

function* voteFor(
  { account, from, to, move }: Transfer,
  version: number,
  found: readonly MembershipRow[],
): Transaction<void> {
  const roles = yield* rolesOf(account, from, to);
  const says = voteOfMove(roles.from, roles.to, move);
  if (says === undefined) return;
  yield* noteVotes(
    account,
    version,
    found.map(({ email }) => ({ email, says })),
  );
}

/** Puts emails into one more mailbox, with flags and dates as given. `keywords` are those stored with the mailbox. Gives the first of their uids. */
export function* addMemberships(
  { account, to }: Pick<Transfer, 'account' | 'to'>,
  at: { readonly version: number; readonly keywords: string; readonly nowMs: number },
  found: readonly MembershipRow[],
): Transaction<number> {
  const spelled = yield* spelledThere(account, to, at.keywords, found);
  const { next } = (yield* maybe<{ next: number }>(
    `update mailbox set uid_next = uid_next + ?, total = total + ?, unseen = unseen + ?, deleted = deleted + ?, size = size + ?, modseq = ?
      where account = ? and id = ? returning uid_next as next`,
    found.length,
    found.length,
    found.filter((row) => (row.flags & seen) === 0).length,
    found.filter((row) => (row.flags & deleted) !== 0).length,
    found.reduce((sum, row) => sum + row.size, 0),
    at.version,
    account,
    to,
  ))!;
  if (next > 2 ** 32 - 1) throw new Refusal('limitReached', 'the mailbox is out of uids');
  const first = next - found.length;
  yield* batch(
    found.map((row, i) =>
      insertMembership(account, to, {
        ...row,
        uid: first + i,
        modseq: at.version,
        keywords: spelled.get(row.keywords)!,
        saved: at.nowMs,
      }),
    ),
  );
  return first;
}

/** Stored keywords as the destination spells them. */
function* spelledThere(
  account: AccountId,
  to: MailboxNumber,
  stored: string,
  found: readonly MembershipRow[],
): Transaction<ReadonlyMap<string, string>> {
  const spelled = new Map([['', '']]);
  const known = splitKeywords(stored);
  for (const { keywords } of found) {
    if (spelled.has(keywords)) continue;
    const there = spellKeywords(splitKeywords(keywords), known);
    known.push(...there);
    spelled.set(keywords, joinKeywords(there));
  }
  if (spelled.size > 1) yield* rememberKeywords(account, to, stored, known);
  return spelled;
}
