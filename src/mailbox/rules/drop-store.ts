/**
 * Taking away all that an account has here, once the account itself is gone.
 *
 * In pieces, each of which stands on its own, so that it can be stopped anywhere and begun anew. First the mailboxes go, all at once: from then on nobody
 * sees a message, sessions learn that their mailbox is gone, and a delivery that was under way finds none. The head row stays behind until
 * `forgetStore`: while it is there nothing makes the account's store anew.
 */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { batch, hint, maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';
import { bump } from './head.ts';
import { purge } from './remove.ts';

/** What is left of an account besides messages: the tables, and what their rows are found by within it. */
const residue: readonly { readonly table: string; readonly key: readonly string[] }[] = [
  { table: 'thread_ref', key: ['hash', 'subject'] },
  { table: 'change', key: ['version', 'seq'] },
  { table: 'metadata', key: ['mailbox', 'who', 'entry'] },
  { table: 'pop3_uidl', key: ['mailbox', 'uid'] },
  { table: 'imported', key: ['source', 'key'] },
  { table: 'shared_by', key: ['owner'] },
  { table: 'access_setting', key: ['name'] },
  { table: 'junk_vote', key: ['email'] },
  { table: 'upload', key: ['id'] },
  { table: 'snoozed', key: ['email'] },
];

/**
 * Tables that a dropped account leaves no row in. Keys of placements are not looked for, as they are sorted by time: they are forgotten when they are old,
 * as all are. The head row goes with `forgetStore`.
 */
export const emptiedTables: readonly string[] = [
  'mailbox',
  'subscription',
  'mailbox_snapshot',
  'mailbox_purge',
  'membership',
  'email',
  ...residue.map(({ table }) => table),
];

interface DropStore {
  readonly account: AccountId;
  /** Messages, or rows, that this piece removes at most. */
  readonly limit: number;
}

/** A piece of the work. Gives false when nothing is left but the head row. */
export const dropStore = operation(
  'mailbox.dropStore',
  function* ({ account, limit }: DropStore): Transaction<boolean> {
    if (yield* closeMailboxes(account)) return true;
    const waiting = yield* maybe<{ mailbox: MailboxNumber }>(
      'select mailbox from mailbox_purge where account = ? limit 1',
      account,
    );
    if (waiting !== undefined) {
      yield* purge.body({ account, mailbox: waiting.mailbox, limit });
      return true;
    }
    for (const { table, key } of residue) {
      if ((yield* removeRows(account, table, { key, limit })) > 0) return true;
    }
    return false;
  },
  { essential: true },
);

/** The mailboxes with all that is one row for each. Their messages follow. */
function* closeMailboxes(account: AccountId): Transaction<boolean> {
  const found = yield* maybe('select id from mailbox where account = ? limit 1', account);
  if (found === undefined) return false;
  yield* rows(
    'insert into mailbox_purge (account, mailbox) select account, id from mailbox where account = ?',
    account,
  );
  for (const table of ['mailbox', 'subscription', 'mailbox_snapshot'])
    yield* rows(`delete from ${table} where account = ?`, account);
  // Above all lines of the log: whoever held a state of this account compares it anew, and finds nothing.
  const version = yield* bump(account);
  yield* rows('update account_store set change_floor = ? where account = ?', version, account);
  yield* hint('account', account);
  return true;
}

function* removeRows(
  account: AccountId,
  table: string,
  { key, limit }: { key: readonly string[]; limit: number },
): Transaction<number> {
  const found = yield* rows(
    `select ${key.join(', ')} from ${table} where account = ? order by ${key.join(', ')} limit ?`,
    account,
    limit,
  );
  const sql = `delete from ${table} where account = ? and ${key.map((column) => `${column} = ?`).join(' and ')}`;
  yield* batch(found.map((row) => ({ sql, params: [account, ...key.map((column) => row[column]!)] })));
  return found.length;
}

/** Forgets that the account ever was: long after `dropStore`, when nobody can still be about to write to it. Gives false while there is something left. */
export const forgetStore = operation(
  'mailbox.forgetStore',
  function* ({ account }: { account: AccountId }): Transaction<boolean> {
    for (const table of emptiedTables) {
      const left = yield* maybe(`select account from ${table} where account = ? limit 1`, account);
      if (left !== undefined) return false;
    }
    yield* rows('delete from account_store where account = ?', account);
    return true;
  },
  { essential: true },
);
