/**
 * Mail that is out of sight until a time: it lies in the mailbox with the role `snoozed`, which every program shows, and comes back by itself, unread and with the
 * keyword `$awakened`. Who moves it out of there by hand has it back at once; what was noted then does nothing.
 */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { batch, hint, maybe, rows, type Transaction } from '../../store/transaction.ts';
import { seen } from '../flags.ts';
import { type EmailNumber, inboxNumber, type MailboxNumber } from '../ids.ts';
import { changeEmails, type ChangedEmails } from './change-emails.ts';
import { rowsOfEmails } from './email-rows.ts';
import { ensureRole } from './tree.ts';

/** Hints: mail of this account was put to sleep. */
export const snoozeTopic = 'snooze';
export const awakened = '$awakened';

interface Snoozed {
  readonly account: AccountId;
  readonly emails: readonly EmailNumber[];
  /** The mailbox that it leaves, and comes back to. */
  readonly from: MailboxNumber;
  readonly untilMs: number;
  readonly nowMs: number;
}

/** What sleeps already gets another time. Gives what could not be put to sleep. */
export const snooze = operation(
  'mailbox.snooze',
  function* ({ account, emails, from, untilMs, nowMs }: Snoozed): Transaction<ChangedEmails['failed']> {
    const into = yield* ensureRole(account, 'snoozed');
    const asleep = from === into;
    const done = asleep
      ? { version: 0, failed: [] }
      : yield* changeEmails.body({
          account,
          changes: emails.map((email) => ({
            email,
            remove: { system: 0, keywords: [awakened] },
            into: [into],
            outOf: [from],
          })),
          nowMs,
        });
    const failed = new Set(done.failed.map(([email]) => email));
    yield* batch(
      emails
        .filter((email) => !failed.has(email))
        .map((email) => ({
          sql: `insert into snoozed (account, email, until, back) values (?, ?, ?, ?)
            on conflict (account, email) do update set until = excluded.until`,
          params: [account, email, untilMs, asleep ? inboxNumber : from],
        })),
    );
    yield* hint(snoozeTopic, account);
    return done.failed;
  },
);

export interface Due {
  readonly account: AccountId;
  readonly email: EmailNumber;
  readonly untilMs: number;
}

/** What sleeps, of one account or of all, the first to wake first. */
export function* asleep(of: {
  readonly account?: AccountId;
  readonly limit: number;
}): Transaction<readonly Due[]> {
  const columns = 'select account, email, until as "untilMs" from snoozed';
  return of.account === undefined
    ? yield* rows<Due>(`${columns} order by until limit ?`, of.limit)
    : yield* rows<Due>(`${columns} where account = ? order by until limit ?`, of.account, of.limit);
}

/** Back where it was, or into the inbox. Gives whether it came back: not when it is awake or gone already, or may sleep on. */
export const wake = operation(
  'mailbox.wake',
  function* (args: { account: AccountId; email: EmailNumber; nowMs: number }): Transaction<boolean> {
    const { account, email, nowMs } = args;
    const note = yield* maybe<{ back: MailboxNumber }>(
      'delete from snoozed where account = ? and email = ? and until <= ? returning back',
      account,
      email,
      nowMs,
    );
    if (note === undefined) return false;
    const boxes = yield* rows<{ id: MailboxNumber; role: string }>(
      'select id, role from mailbox where account = ?',
      account,
    );
    const bed = boxes.find(({ role }) => role === 'snoozed')?.id;
    const found = yield* rowsOfEmails(account, [email]);
    if (bed === undefined || !found.some(({ mailbox }) => mailbox === bed)) return false;
    const back = boxes.some(({ id }) => id === note.back) ? note.back : inboxNumber;
    yield* changeEmails.body({
      account,
      changes: [
        {
          email,
          add: { system: 0, keywords: [awakened] },
          remove: { system: seen, keywords: [] },
          into: [back],
          outOf: [bed],
        },
      ],
      nowMs,
    });
    return true;
  },
);
