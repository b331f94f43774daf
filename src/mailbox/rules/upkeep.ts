/** What is done to an account now and then: limits, trimming, the leap after a restore. */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { batch, hint, maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';
import { placementKeptMs } from '../place.ts';
import { ensureStore } from './head.ts';

/** Versions whose changes stay in the log. A client that was away longer compares everything anew. */
export const changesKept = 100_000;
/** Rows that one piece of trimming deletes. */
const trimMax = 2000;

/**
 * Leaps after a restore: no number that a client saw of the lost time is given again. So much at least, and so many for each second that was lost: a
 * backup that is old, or is restored a second time, has more behind it.
 */
const leaps = {
  version: { least: 2 ** 20, perSecond: 2 ** 14 },
  email: { least: 2 ** 20, perSecond: 64 },
  uid: { least: 2 ** 16, perSecond: 64 },
  mailbox: { least: 2 ** 10, perSecond: 1 },
} as const;

/** Uids (RFC 9051, 2.3.1.1) and numbers of emails (view/columns.ts) have 32 bits: no leap takes more than half of what is left of them. */
const numbersEnd = 2 ** 32;

/** The value of a column after a leap. Takes the leap twice. */
const leapt = (column: string): string =>
  `${column} + case when ? < (${numbersEnd} - ${column}) / 2 then ? else (${numbersEnd} - ${column}) / 2 end`;

function leapOf({ least, perSecond }: (typeof leaps)[keyof typeof leaps], lostMs: number): number {
  return least + Math.ceil((perSecond * lostMs) / 1000);
}

/** 0 lifts the limit. Makes the store when it is missing. */
export const setQuota = operation(
  'mailbox.setQuota',
  function* (args: { account: AccountId; quotaBytes: number; nowMs: number }): Transaction<void> {
    if (yield* ensureStore(args.account, args.nowMs, args.quotaBytes)) return;
    yield* rows('update account_store set quota = ? where account = ?', args.quotaBytes, args.account);
  },
);

/** What accounts take of their room, those that have a store. */
export const usageOf = operation(
  'mailbox.usageOf',
  function* ({
    accounts,
  }: {
    accounts: readonly AccountId[];
  }): Transaction<readonly { account: AccountId; usedBytes: number; limitBytes: number; emails: number }[]> {
    const sql =
      'select account, used as "usedBytes", quota as "limitBytes", emails from account_store where account = ?';
    const found = yield* batch(accounts.map((account) => ({ sql, params: [account] })));
    return found.flat() as unknown as readonly never[];
  },
);

/** 0 lifts the limit. */
export const setEmailsMax = operation(
  'mailbox.setEmailsMax',
  function* (args: { account: AccountId; emailsMax: number }): Transaction<void> {
    yield* rows('update account_store set quota_emails = ? where account = ?', args.emailsMax, args.account);
  },
);

/** The first uid that no session has claimed yet; now they are all claimed (RFC 3501, 2.3.2: \Recent). */
export const claimRecent = operation(
  'mailbox.claimRecent',
  function* (args: { account: AccountId; mailbox: MailboxNumber }): Transaction<number> {
    const found = yield* maybe<{ recent: number; next: number }>(
      'select recent_from as recent, uid_next as next from mailbox where account = ? and id = ?',
      args.account,
      args.mailbox,
    );
    if (found === undefined) return 1;
    yield* rows(
      'update mailbox set recent_from = uid_next where account = ? and id = ?',
      args.account,
      args.mailbox,
    );
    return found.recent;
  },
  { essential: true },
);

/** Forgets old changes, a piece at a time. Gives true while there is more. */
export const trimChanges = operation(
  'mailbox.trimChanges',
  function* ({ account }: { account: AccountId }): Transaction<boolean> {
    const head = yield* maybe<{ version: number }>(
      'select version from account_store where account = ?',
      account,
    );
    const oldest = yield* row<{ version: number | null }>(
      'select min(version) as version from change where account = ?',
      account,
    );
    const floor = (head?.version ?? 0) - changesKept;
    if (oldest.version === null || oldest.version > floor) return false;
    const upTo = Math.min(floor, oldest.version + trimMax);
    yield* rows(
      'update account_store set change_floor = ? where account = ? and change_floor < ?',
      upTo,
      account,
      upTo,
    );
    yield* rows('delete from change where account = ? and version <= ?', account, upTo);
    return upTo < floor;
  },
  { essential: true },
);

export interface PlacementKey {
  readonly account: AccountId;
  readonly key: string;
}

/** Some keys of placements that are old enough to forget, oldest first. */
export const oldPlacements = operation(
  'mailbox.oldPlacements',
  function* ({ nowMs }: { nowMs: number }): Transaction<readonly PlacementKey[]> {
    const found = yield* rows(
      'select account, key from placement where at < ? order by at limit ?',
      nowMs - placementKeptMs,
      trimMax,
    );
    return found as unknown as readonly PlacementKey[];
  },
);

/** Forgets keys of one account. */
export const forgetPlacements = operation(
  'mailbox.forgetPlacements',
  function* (args: { account: AccountId; keys: readonly string[] }): Transaction<void> {
    const sql = 'delete from placement where key = ? and account = ?';
    yield* batch(args.keys.map((key) => ({ sql, params: [key, args.account] })));
  },
  { essential: true },
);

/**
 * After a restore or a failover that lost the newest commits: leaps over every number the lost time may have given out. Clients with a state
 * from that time are told to compare everything (the log's floor is above it). Once for each generation.
 */
export const raiseGeneration = operation(
  'mailbox.raiseGeneration',
  function* (args: { account: AccountId; generation: number; lostMs: number }): Transaction<boolean> {
    const mailboxLeap = leapOf(leaps.mailbox, args.lostMs);
    const emailLeap = leapOf(leaps.email, args.lostMs);
    const uidLeap = leapOf(leaps.uid, args.lostMs);
    const raised = yield* maybe<{ version: number }>(
      `update account_store set generation = ?, version = version + ?, email_next = ${leapt('email_next')},
      mailbox_next = mailbox_next + ?, uid_validity = uid_validity + ?
      where account = ? and generation < ? returning version`,
      args.generation,
      leapOf(leaps.version, args.lostMs),
      emailLeap,
      emailLeap,
      mailboxLeap,
      mailboxLeap,
      args.account,
      args.generation,
    );
    if (raised === undefined) return false;
    yield* rows('update account_store set change_floor = version - 1 where account = ?', args.account);
    yield* rows(
      `update mailbox set uid_next = ${leapt('uid_next')}, modseq = ? where account = ?`,
      uidLeap,
      uidLeap,
      raised.version,
      args.account,
    );
    yield* hint('account', args.account);
    return true;
  },
);
