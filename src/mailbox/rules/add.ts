/**
 * New emails into a mailbox: the one way for placements and appends.
 *
 * Quota, version, uids, counters, rows and change in one transaction. The head row is changed first: it is the lock, and says how much room there is.
 */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { StoredBody } from '../../store/body.ts';
import { batch, hint, maybe, type Statement, type Transaction } from '../../store/transaction.ts';
import type { EmailFacts } from '../email-facts.ts';
import {
  deleted,
  type Flags,
  joinKeywords,
  mailboxKeywordsMax,
  seen,
  spellKeywords,
  splitKeywords,
} from '../flags.ts';
import type { EmailNumber, MailboxNumber } from '../ids.ts';
import { ensureStore } from './head.ts';
import { findThread, rememberReferences } from './thread.ts';

export interface NewEmail {
  readonly flags: Flags;
  readonly receivedAtMs: number;
  readonly body: StoredBody;
  readonly email: EmailFacts;
}

export interface Added {
  readonly version: number;
  readonly name: string;
  readonly uidValidity: number;
  /** The others count up from these. */
  readonly firstUid: number;
  readonly firstEmail: EmailNumber;
}

interface Destination {
  readonly account: AccountId;
  readonly mailbox: MailboxNumber;
  readonly nowMs: number;
  /** Taken over when given; else what is stored holds. 0 for no limit. */
  readonly quotaBytes?: number | undefined;
}

export function* addEmails(to: Destination, emails: readonly NewEmail[]): Transaction<Added> {
  const { account, mailbox } = to;
  const head = yield* takeRoom(to, emails);
  const tally = tallyOf(emails);
  const box = yield* maybe<{ uid: number; name: string; validity: number; keywords: string }>(
    `update mailbox set uid_next = uid_next + ?, total = total + ?, unseen = unseen + ?, deleted = deleted + ?, size = size + ?, modseq = ?
      where account = ? and id = ? returning uid_next as uid, name, uid_validity as validity, keywords`,
    emails.length,
    emails.length,
    tally.unseen,
    tally.deleted,
    tally.size,
    head.version,
    account,
    mailbox,
  );
  if (box === undefined) throw new Refusal('mailboxNotFound', `${account} has no mailbox ${mailbox}`);
  const firstUid = box.uid - emails.length;
  if (box.uid > 2 ** 32 - 1) throw new Refusal('limitReached', 'the mailbox is out of uids');
  const keywords = yield* keywordsIn(account, mailbox, box.keywords, emails);
  const statements: Statement[] = [];
  const added = {
    version: head.version,
    name: box.name,
    uidValidity: box.validity,
    firstUid,
    firstEmail: head.email,
  };
  for (const [i, email] of emails.entries()) {
    const number = head.email + i;
    const thread = (yield* findThread(account, email.email)) ?? number;
    statements.push(
      ...rowsOf(to, email, { ...added, number, thread, uid: firstUid + i, keywords: keywords[i]! }),
    );
    // Later emails of one append must find the threads of earlier ones.
    if (emails.length > 1) yield* batch(statements.splice(0));
  }
  yield* batch(statements);
  yield* hint('account', account);
  return added;
}

interface Tally {
  readonly size: number;
  readonly unseen: number;
  readonly deleted: number;
}

function tallyOf(emails: readonly NewEmail[]): Tally {
  const tally = { size: 0, unseen: 0, deleted: 0 };
  for (const { email, flags } of emails) {
    tally.size += email.sizeBytes;
    if ((flags.system & seen) === 0) tally.unseen += 1;
    if ((flags.system & deleted) !== 0) tally.deleted += 1;
  }
  return tally;
}

/** Version and numbers for the emails, or a refusal when they do not fit. A missing store is made. */
function* takeRoom(
  to: Destination,
  emails: readonly NewEmail[],
): Transaction<{ version: number; email: EmailNumber }> {
  const { account, nowMs, quotaBytes } = to;
  const { size } = tallyOf(emails);
  const taken = taking(to, size, emails.length);
  let head = yield* maybe<{ version: number; email: number }>(taken.sql, ...taken.params);
  if (head === undefined && (yield* ensureStore(account, nowMs, quotaBytes))) {
    head = yield* maybe<{ version: number; email: number }>(taken.sql, ...taken.params);
  }
  if (head === undefined) throw new Refusal('mailboxFull', `${size} bytes do not fit in ${account}`);
  return { version: head.version, email: head.email - emails.length };
}

function taking({ account, quotaBytes }: Destination, size: number, count: number): Statement {
  const counters = 'version = version + 1, used = used + ?, emails = emails + ?, email_next = email_next + ?';
  const numbers = 'returning version, email_next as email';
  const fits = '(quota_emails = 0 or emails + ? <= quota_emails)';
  if (quotaBytes === undefined) {
    return {
      sql: `update account_store set ${counters} where account = ? and (quota = 0 or used + ? <= quota) and ${fits} ${numbers}`,
      params: [size, count, count, account, size, count],
    };
  }
  return {
    sql: `update account_store set ${counters}, quota = ? where account = ? and used + ? <= ? and ${fits} ${numbers}`,
    params: [
      size,
      count,
      count,
      quotaBytes,
      account,
      size,
      quotaBytes === 0 ? Number.MAX_SAFE_INTEGER : quotaBytes,
      count,
    ],
  };
}

/** The stored keywords of each; new ones are added to those of the mailbox. */
function* keywordsIn(
  account: AccountId,
  mailbox: MailboxNumber,
  stored: string,
  emails: readonly { readonly flags: Flags }[],
): Transaction<readonly string[]> {
  if (emails.every(({ flags }) => flags.keywords.length === 0)) return emails.map(() => '');
  const known = splitKeywords(stored);
  const spelled = emails.map(({ flags }) => {
    const keywords = spellKeywords(flags.keywords, known);
    known.push(...keywords);
    return keywords;
  });
  yield* rememberKeywords(account, mailbox, stored, spelled.flat());
  return spelled.map(joinKeywords);
}

/** Adds keywords that the mailbox has not had yet. */
export function* rememberKeywords(
  account: AccountId,
  mailbox: MailboxNumber,
  stored: string,
  keywords: readonly string[],
): Transaction<void> {
  const known = new Set(splitKeywords(stored));
  const before = known.size;
  for (const keyword of keywords) known.add(keyword);
  if (known.size === before) return;
  if (known.size > mailboxKeywordsMax)
    throw new Refusal('limitReached', `more than ${mailboxKeywordsMax} keywords in a mailbox`);
  yield* batch([
    {
      sql: 'update mailbox set keywords = ? where account = ? and id = ?',
      params: [joinKeywords([...known]), account, mailbox],
    },
  ]);
}

interface Numbers extends Added {
  readonly number: EmailNumber;
  readonly thread: EmailNumber;
  readonly uid: number;
  readonly keywords: string;
}

function rowsOf(to: Destination, { email, body, flags, receivedAtMs }: NewEmail, at: Numbers): Statement[] {
  const { account, mailbox, nowMs } = to;
  return [
    {
      sql: `insert into email (account, id, size, received, sent, thread, created, details, body_file, body)
        values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      params: [
        account,
        at.number,
        email.sizeBytes,
        receivedAtMs,
        email.sentAtMs ?? null,
        at.thread,
        at.version,
        email.details,
        body.is === 'file' ? body.name : null,
        body.is === 'inline' ? body.bytes : null,
      ],
    },
    insertMembership(account, mailbox, {
      uid: at.uid,
      email: at.number,
      thread: at.thread,
      modseq: at.version,
      flags: flags.system,
      keywords: at.keywords,
      size: email.sizeBytes,
      received: receivedAtMs,
      saved: nowMs,
    }),
    ...rememberReferences(account, email, at.thread),
  ];
}

export function insertMembership(
  account: AccountId,
  mailbox: MailboxNumber,
  each: {
    uid: number;
    email: number;
    thread: number;
    modseq: number;
    flags: number;
    keywords: string;
    size: number;
    received: number;
    saved: number;
  },
): Statement {
  return {
    sql: `insert into membership (account, mailbox, uid, email, thread, modseq, created, flags, keywords, size, received, saved)
      values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    params: [
      account,
      mailbox,
      each.uid,
      each.email,
      each.thread,
      each.modseq,
      each.modseq,
      each.flags,
      each.keywords,
      each.size,
      each.received,
      each.saved,
    ],
  };
}
