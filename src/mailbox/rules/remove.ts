/**
 * Taking memberships away, and emails with their last one.
 *
 * The rows of an email go in the same transaction, and its bytes leave the quota. A body in a file is named by no row then, and is swept later.
 */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { batch, hint, maybe, rows, type Statement, type Transaction } from '../../store/transaction.ts';
import { deleted, seen } from '../flags.ts';
import type { MailboxNumber } from '../ids.ts';
import { bump, logged } from './head.ts';
import { type MembershipRow, membershipColumns, membershipRows } from './uid-rows.ts';

export interface Expunge {
  readonly account: AccountId;
  readonly mailbox: MailboxNumber;
  /** Ascending; at most `chunkMax` (mailboxes.ts). */
  readonly uids: readonly number[];
  /** Also those without \Deleted. */
  readonly always: boolean;
}

export interface Expunged {
  /** Of the change, or 0 when there was none. */
  readonly modseq: number;
  readonly uids: readonly number[];
}

export const expunge = operation(
  'mailbox.expunge',
  function* (args: Expunge): Transaction<Expunged> {
    const { account, mailbox, always } = args;
    const found = yield* membershipRows(account, mailbox, args.uids);
    const gone = found.filter((row) => always || (row.flags & deleted) !== 0);
    if (gone.length === 0) return { modseq: 0, uids: [] };
    const version = yield* bump(account);
    yield* removeMemberships({ account, mailbox, version, seq: 0 }, gone);
    yield* dropOrphans(account, gone);
    yield* hint('account', account);
    return { modseq: version, uids: gone.map((row) => row.uid) };
  },
  { essential: true },
);

interface Where {
  readonly account: AccountId;
  readonly mailbox: MailboxNumber;
  readonly version: number;
  readonly seq: number;
}

/** Memberships, counters and the line of the log. The emails stay: see `dropOrphans`. */
export function* removeMemberships(where: Where, gone: readonly MembershipRow[]): Transaction<void> {
  const { account, mailbox, version, seq } = where;
  const tally = { size: 0, unseen: 0, deleted: 0 };
  const statements: Statement[] = [];
  for (const row of gone) {
    tally.size += row.size;
    if ((row.flags & seen) === 0) tally.unseen += 1;
    if ((row.flags & deleted) !== 0) tally.deleted += 1;
    statements.push({
      sql: 'delete from membership where account = ? and mailbox = ? and uid = ?',
      params: [account, mailbox, row.uid],
    });
  }
  statements.push(
    {
      sql: `update mailbox set total = total - ?, unseen = unseen - ?, deleted = deleted - ?, size = size - ?, modseq = ?
        where account = ? and id = ?`,
      params: [gone.length, tally.unseen, tally.deleted, tally.size, version, account, mailbox],
    },
    logged(account, version, seq, {
      kind: 'expunged',
      mailbox,
      uids: gone.map((row) => row.uid),
      emails: gone.map((row) => row.email),
      threads: gone.map((row) => row.thread),
    }),
  );
  yield* batch(statements);
}

/** Emails that are in no mailbox any more. */
export function* dropOrphans(account: AccountId, rows: readonly MembershipRow[]): Transaction<void> {
  const emails = new Map(rows.map((row) => [row.email, row.thread]));
  const dropped = yield* batch(
    Array.from(emails, ([email, thread]) => ({
      sql: `delete from email where account = ? and id = ?
        and not exists (select 1 from membership where account = ? and thread = ? and email = ?) returning size`,
      params: [account, email, account, thread, email],
    })),
  );
  const sizes = dropped.flat() as unknown as { size: number }[];
  if (sizes.length === 0) return;
  yield* batch([
    {
      sql: 'update account_store set used = used - ?, emails = emails - ? where account = ?',
      params: [sizes.reduce((sum, each) => sum + each.size, 0), sizes.length, account],
    },
  ]);
}

export interface PendingPurge {
  readonly account: AccountId;
  readonly mailbox: MailboxNumber;
}

/** Deleted mailboxes whose messages are not all gone, of all accounts. */
export const pendingPurges = operation('mailbox.pendingPurges', function* (): Transaction<
  readonly PendingPurge[]
> {
  const found = yield* rows('select account, mailbox from mailbox_purge limit 1000');
  return found as unknown as readonly PendingPurge[];
});

/** A piece of what a deleted mailbox left behind. Gives false when nothing is left. */
export const purge = operation(
  'mailbox.purge',
  function* (args: { account: AccountId; mailbox: MailboxNumber; limit: number }): Transaction<boolean> {
    const { account, mailbox, limit } = args;
    const waiting = yield* maybe(
      'select mailbox from mailbox_purge where account = ? and mailbox = ?',
      account,
      mailbox,
    );
    if (waiting === undefined) return false;
    const gone = yield* rows<MembershipRow>(
      `select ${membershipColumns} from membership where account = ? and mailbox = ? order by uid limit ?`,
      account,
      mailbox,
      limit,
    );
    if (gone.length > 0) {
      const version = yield* bump(account);
      yield* removeMemberships({ account, mailbox, version, seq: 0 }, gone);
      yield* dropOrphans(account, gone);
    }
    if (gone.length === limit) return true;
    yield* rows('delete from mailbox_purge where account = ? and mailbox = ?', account, mailbox);
    return false;
  },
  { essential: true },
);
