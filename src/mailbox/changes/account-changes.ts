/**
 * What changed in an account since a state: emails, threads and mailboxes, from the change log, as all of JMAP's /changes tell it (RFC 8620, 5.2).
 *
 * The log names what was flagged or expunged; what was added is the end of each mailbox (rules/head.ts). A record is told once, at the last version
 * that touched it, or at the one that made it. May read much, so it is an operation for `scan`.
 */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { batch, rows, type Transaction } from '../../store/transaction.ts';
import { deleted } from '../flags.ts';
import type { EmailNumber, MailboxNumber } from '../ids.ts';
import { type EmailRow, rowsOfEmails, rowsOfThreads } from '../rules/email-rows.ts';
import type { ChangeKind } from '../rules/head.ts';
import { decodeNumbers } from '../rules/number-list.ts';
import { readHead } from '../view/load.ts';
import { isAfter, type Since } from './since.ts';

/** Emails that changed, beyond which a client compares everything anew: it would fetch most of them anyway. */
export const touchedMax = 50_000;

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

interface Line {
  readonly version: number;
  readonly mailbox: MailboxNumber;
  readonly kind: ChangeKind;
  readonly emails: string;
  readonly threads: string;
}

interface Box {
  readonly id: MailboxNumber;
  readonly modseq: number;
  readonly created: number;
}

/** An email that something happened to. */
interface Touch {
  at: number;
  /** It came, went, was hidden or shown: its thread is another now. */
  moved: boolean;
  thread: EmailNumber | undefined;
}

interface Args {
  readonly account: AccountId;
  readonly since: Since;
  /** Those whose mail is told; undefined: all. */
  readonly readable: readonly MailboxNumber[] | undefined;
}

/** Undefined: the history does not reach back so far, or it is too much. */
export const accountChanges = operation(
  'mailbox.accountChanges',
  function* ({ account, since, readable }: Args): Transaction<AccountChanges | undefined> {
    const head = yield* readHead(account);
    if (head === undefined || since.version > head.version) return undefined;
    const from = since.upTo === Infinity ? since.version : since.version - 1;
    if (from < head.floor) return undefined;
    const found = yield* rows('select id, modseq, created from mailbox where account = ?', account);
    const boxes = found as unknown as readonly Box[];
    const reading = new Reading(since, boxes, readable);
    const lines = (yield* rows(
      'select version, mailbox, kind, emails, threads from change where account = ? and version > ? order by version, seq',
      account,
      from,
    )) as unknown as readonly Line[];
    for (const line of lines) reading.line(line);
    for (const box of boxes) {
      if (box.modseq <= from || !reading.reads(box.id)) continue;
      if (!(yield* addedTo(account, box.id, from, reading))) return undefined;
    }
    if (reading.touched.size > touchedMax) return undefined;
    return yield* told(account, head.version, reading);
  },
);

/** Gives false when it is too much. */
function* addedTo(
  account: AccountId,
  mailbox: MailboxNumber,
  from: number,
  reading: Reading,
): Transaction<boolean> {
  for (let below = 2 ** 32; ; ) {
    const page = yield* rows<{ uid: number; email: number; thread: number; created: number }>(
      'select uid, email, thread, created from membership where account = ? and mailbox = ? and uid < ? order by uid desc limit 500',
      account,
      mailbox,
      below,
    );
    for (const row of page) {
      if (row.created <= from) return true;
      reading.added(mailbox, row);
    }
    if (page.length < 500) return true;
    if (reading.touched.size > touchedMax) return false;
    below = page.at(-1)!.uid;
  }
}

class Reading {
  readonly touched = new Map<EmailNumber, Touch>();
  /** Last versions that touched mailboxes themselves, and their mail. */
  readonly boxes = new Map<MailboxNumber, { at: number; itself: boolean }>();
  readonly since: Since;
  readonly all: ReadonlyMap<MailboxNumber, Box>;
  /** Of some line the threads are not known: it was written before they were. */
  threadsUnknown = false;
  readonly #readable: ReadonlySet<MailboxNumber> | undefined;

  constructor(since: Since, boxes: readonly Box[], readable: readonly MailboxNumber[] | undefined) {
    this.since = since;
    this.all = new Map(boxes.map((box) => [box.id, box]));
    this.#readable = readable && new Set(readable);
  }

  reads(mailbox: MailboxNumber): boolean {
    return this.#readable?.has(mailbox) ?? true;
  }

  shows(row: EmailRow): boolean {
    return (row.flags & deleted) === 0 && this.all.has(row.mailbox) && this.reads(row.mailbox);
  }

  line({ version, mailbox, kind, emails, threads }: Line): void {
    if (!this.reads(mailbox)) return;
    const itself = kind !== 'flags' && kind !== 'expunged';
    this.box(mailbox, version, itself);
    if (itself) return;
    const numbers = decodeNumbers(emails);
    const ofThreads = kind === 'expunged' ? decodeNumbers(threads) : [];
    if (kind === 'expunged' && ofThreads.length < numbers.length) this.threadsUnknown = true;
    for (const [i, email] of numbers.entries())
      this.#touch(email, {
        at: version,
        moved: threads !== '' || kind === 'expunged',
        thread: ofThreads[i],
      });
  }

  added(mailbox: MailboxNumber, row: { email: number; thread: number; created: number }): void {
    this.box(mailbox, row.created, false);
    this.#touch(row.email, { at: row.created, moved: true, thread: row.thread });
  }

  box(mailbox: MailboxNumber, at: number, itself: boolean): void {
    const before = this.boxes.get(mailbox);
    if (before === undefined) this.boxes.set(mailbox, { at, itself });
    else {
      before.at = Math.max(before.at, at);
      before.itself ||= itself;
    }
  }

  #touch(email: EmailNumber, touch: Touch): void {
    const before = this.touched.get(email);
    if (before === undefined) this.touched.set(email, touch);
    else {
      before.at = Math.max(before.at, touch.at);
      before.moved ||= touch.moved;
      before.thread ??= touch.thread;
    }
  }
}

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
