/**
 * The head row of an account, and its change log.
 *
 * Every change bumps `version` in the transaction of its rows and writes what changed to the log under that version: it is the MODSEQ of the messages
 * and the JMAP state of the account. The log is complete above `change_floor`.
 *
 * New messages are not in the log, for there it would only repeat their rows: within a mailbox uids rise with the version, and within an account numbers
 * of emails do, so what is new since a version is the end of a range (`created`).
 */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { batch, hint, maybe, row, rows, type Statement, type Transaction } from '../../store/transaction.ts';
import { inboxNumber, type MailboxNumber } from '../ids.ts';
import type { Role } from '../mailbox.ts';
import { encodeNumbers } from './number-list.ts';

export type ChangeKind = 'flags' | 'expunged' | 'mailboxAdded' | 'mailboxChanged' | 'mailboxRemoved';

export interface Change {
  readonly kind: ChangeKind;
  readonly mailbox: MailboxNumber;
  readonly uids: ArrayLike<number>;
  /** In step with `uids`. */
  readonly emails: ArrayLike<number>;
  /** In step too, where emails go: afterwards nobody knows their threads. Of flags: anything says that threads change. */
  readonly threads?: ArrayLike<number>;
}

/** What every account starts with, INBOX first. */
export const defaultMailboxes: readonly (readonly [name: string, role: Role])[] = [
  ['INBOX', 'inbox'],
  ['Drafts', 'drafts'],
  ['Sent', 'sent'],
  ['Junk', 'junk'],
  ['Trash', 'trash'],
  ['Archive', 'archive'],
];

/** Makes head row and default mailboxes unless they are there. `nowMs` is where UIDVALIDITY begins, in seconds: above that of a deleted account of the same name. */
export function* ensureStore(account: AccountId, nowMs: number, quotaBytes = 0): Transaction<boolean> {
  const count = defaultMailboxes.length;
  const validity = Math.min(Math.max(1, Math.floor(nowMs / 1000)), 2 ** 31);
  const made = yield* rows(
    `insert into account_store (account, version, used, emails, quota, uid_validity, mailbox_next, email_next, change_floor, generation)
      values (?, 1, 0, 0, ?, ?, ?, 1, 0, (select value from store_info where name = 'generation')) on conflict (account) do nothing returning account`,
    account,
    quotaBytes,
    validity + count,
    inboxNumber + count,
  );
  if (made.length === 0) return false;
  const statements: Statement[] = [];
  defaultMailboxes.forEach(([name, role], index) => {
    const mailbox = { id: inboxNumber + index, name, role, subscribed: 1, uidValidity: validity + index + 1 };
    statements.push(insertMailbox(account, mailbox, 1), logged(account, 1, index, mailboxAdded(mailbox.id)));
  });
  yield* batch(statements);
  yield* hint('account', account);
  return true;
}

export interface NewMailbox {
  readonly id: MailboxNumber;
  readonly name: string;
  readonly role: Role | '';
  readonly subscribed: number;
  readonly uidValidity: number;
  /** As stored (rights.ts). */
  readonly acl?: string;
}

export function insertMailbox(account: AccountId, mailbox: NewMailbox, version: number): Statement {
  return {
    sql: `insert into mailbox (account, id, name, role, subscribed, uid_validity, uid_next, recent_from, total, unseen, deleted, size, modseq, created, keywords, acl)
      values (?, ?, ?, ?, ?, ?, 1, 1, 0, 0, 0, 0, ?, ?, '', ?)`,
    params: [
      account,
      mailbox.id,
      mailbox.name,
      mailbox.role,
      mailbox.subscribed,
      mailbox.uidValidity,
      version,
      version,
      mailbox.acl ?? '',
    ],
  };
}

export const mailboxAdded = (mailbox: MailboxNumber): Change => ({
  kind: 'mailboxAdded',
  mailbox,
  uids: [],
  emails: [],
});

/** The next version. The head row is the account's lock: whoever changes it comes one after another. */
export function* bump(account: AccountId): Transaction<number> {
  const head = yield* maybe<{ version: number }>(
    'update account_store set version = version + 1 where account = ? returning version',
    account,
  );
  if (head === undefined) throw new Refusal('mailboxNotFound', `account ${account} has no store`);
  return head.version;
}

/** A line of the change log. */
export function logged(account: AccountId, version: number, seq: number, change: Change): Statement {
  return {
    sql: 'insert into change (account, version, seq, mailbox, kind, uids, emails, threads) values (?, ?, ?, ?, ?, ?, ?, ?)',
    params: [
      account,
      version,
      seq,
      change.mailbox,
      change.kind,
      encodeNumbers(change.uids),
      encodeNumbers(change.emails),
      encodeNumbers(change.threads ?? []),
    ],
  };
}

/** Numbers for new mailboxes: ids and UIDVALIDITYs count up from the given ones. */
export function* reserveMailboxes(
  account: AccountId,
  count: number,
): Transaction<{ version: number; id: MailboxNumber; uidValidity: number }> {
  const head = yield* row<{ version: number; id: number; validity: number }>(
    `update account_store set version = version + 1, mailbox_next = mailbox_next + ?, uid_validity = uid_validity + ?
      where account = ? returning version, mailbox_next as id, uid_validity as validity`,
    count,
    count,
    account,
  );
  return { version: head.version, id: head.id - count, uidValidity: head.validity - count + 1 };
}
