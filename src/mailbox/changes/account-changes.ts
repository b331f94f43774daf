/**
 * What changed in an account since a state: emails, threads and mailboxes, from the change log, as all of JMAP's /changes tell it (RFC 8620, 5.2).
 *
 * The log names what was flagged or expunged; what was added is the end of each mailbox (rules/head.ts). A record is told once, at the last version
 * that touched it, or at the one that made it. May read much, so it is an operation for `scan`.
 */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { batch, type Transaction } from '../../store/transaction.ts';
import type { EmailNumber, MailboxNumber } from '../ids.ts';
import { type EmailRow, rowsOfEmails, rowsOfThreads } from '../rules/email-rows.ts';
import { type Reading, readLog } from './read-log.ts';
import { isAfter, type Since } from './since.ts';

export interface Changed {
  readonly number: number;
  /** Where in the history it is told. */
  readonly at: number;
  readonly is: 'created' | 'updated' | 'destroyed';
  /** Of an email, where it is known. */
  readonly thread?: EmailNumber | undefined;
  /** Of a mailbox: nothing but its counters. */
  readonly countsOnly?: boolean;
}

export interface AccountChanges {
  readonly version: number;
  readonly emails: readonly Changed[];
  readonly threads: readonly Changed[];
  /** False: some mail went before the log told threads. */
  readonly threadsKnown: boolean;
  readonly mailboxes: readonly Changed[];
}

interface Args {
  readonly account: AccountId;
  readonly since: Since;
  /** Those whose mail is told; undefined: all. */
  readonly readable: readonly MailboxNumber[] | undefined;
}

/** Undefined: the history does not reach back so far, or it is too much. */
export const accountChanges = operation('mailbox.accountChanges', function* (args: Args): Transaction<
  AccountChanges | undefined
> {
  const read = yield* readLog(args);
  return read && (yield* told(args.account, read.version, read.reading));
});

function* told(account: AccountId, version: number, reading: Reading): Transaction<AccountChanges> {
  const numbers = [...reading.touched.keys()];
  const living = Map.groupBy(yield* rowsOfEmails(account, numbers), (row) => row.email);
  const made = yield* createdOf(account, numbers);
  const emails: Changed[] = [];
  for (const [number, touch] of reading.touched) {
    const mine = living.get(number) ?? [];
    touch.thread ??= mine[0]?.thread;
    const created = made.get(number);
    const isNew = created !== undefined && isAfter(reading.since, created, number);
    const shown = mine.some((row) => reading.shows(row));
    const { thread } = touch;
    if (shown)
      emails.push({ number, at: isNew ? created : touch.at, is: isNew ? 'created' : 'updated', thread });
    else if (!isNew) emails.push({ number, at: touch.at, is: 'destroyed', thread });
  }
  const ofThreads = yield* rowsOfThreads(account, threadsOf(reading));
  const threads = yield* threadChanges(account, reading, ofThreads);
  const mailboxes = mailboxChanges(reading, ofThreads);
  const behind = ({ at, number }: Changed): boolean => isAfter(reading.since, at, number);
  return {
    version,
    threadsKnown: !reading.threadsUnknown,
    emails: emails.filter(behind).sort(inHistory),
    threads: threads.filter(behind).sort(inHistory),
    mailboxes: mailboxes.filter(behind).sort(inHistory),
  };
}

const inHistory = (a: Changed, b: Changed): number => a.at - b.at || a.number - b.number;

const threadsOf = ({ touched }: Reading): EmailNumber[] =>
  [...new Set([...touched.values()].map(({ thread }) => thread))].filter((thread) => thread !== undefined);

/** The versions in which emails were made, of those that are there. */
function* createdOf(
  account: AccountId,
  emails: readonly EmailNumber[],
): Transaction<ReadonlyMap<EmailNumber, number>> {
  const sql = `select id, created from email where account = ? and id in (${Array(32).fill('?').join(', ')})`;
  const statements = [];
  for (let at = 0; at < emails.length; at += 32) {
    const some = Array.from({ length: 32 }, (_, i) => emails[Math.min(at + i, emails.length - 1)]!);
    statements.push({ sql, params: [account, ...some] });
  }
  const found = (yield* batch(statements)).flat() as unknown as readonly { id: number; created: number }[];
  return new Map(found.map(({ id, created }) => [id, created]));
}

/** A thread changes when an email of it comes or goes. */
function* threadChanges(
  account: AccountId,
  reading: Reading,
  ofThreads: readonly EmailRow[],
): Transaction<Changed[]> {
  const shown = Map.groupBy(
    ofThreads.filter((row) => reading.shows(row)),
    (row) => row.thread,
  );
  const moved = Map.groupBy(
    [...reading.touched].filter(([, touch]) => touch.moved && touch.thread !== undefined),
    ([, touch]) => touch.thread!,
  );
  const members = [...moved.keys()].flatMap((thread) => (shown.get(thread) ?? []).map(({ email }) => email));
  const made = yield* createdOf(account, [...new Set(members)]);
  const threads: Changed[] = [];
  for (const [number, touches] of moved) {
    const at = Math.max(...touches.map(([, touch]) => touch.at));
    const now = shown.get(number) ?? [];
    const isNew = (email: EmailNumber): boolean => {
      const created = made.get(email);
      return created !== undefined && isAfter(reading.since, created, email);
    };
    // What went may have been there before; then the thread was too.
    const went = touches.some(([email]) => !now.some((row) => row.email === email));
    if (now.length === 0) threads.push({ number, at, is: 'destroyed' });
    else if (!went && now.every(({ email }) => isNew(email)))
      threads.push({ number, at: Math.min(...now.map(({ email }) => made.get(email)!)), is: 'created' });
    else threads.push({ number, at, is: 'updated' });
  }
  return threads;
}

/** A mailbox counts unread threads, so mail elsewhere in a thread changes it too. */
function mailboxChanges(reading: Reading, ofThreads: readonly EmailRow[]): Changed[] {
  const atOf = new Map<EmailNumber, number>();
  for (const { thread, at } of reading.touched.values())
    if (thread !== undefined) atOf.set(thread, Math.max(at, atOf.get(thread) ?? 0));
  for (const row of ofThreads)
    if (reading.shows(row)) reading.box(row.mailbox, atOf.get(row.thread) ?? 0, false);
  return [...reading.boxes].flatMap(([number, { at, itself }]): Changed[] => {
    const box = reading.all.get(number);
    if (box === undefined) return itself ? [{ number, at, is: 'destroyed' }] : [];
    if (isAfter(reading.since, box.created, number)) return [{ number, at: box.created, is: 'created' }];
    return [{ number, at, is: 'updated', countsOnly: !itself }];
  });
}
