/** The change log above a state: which emails, and which mailboxes, something happened to. Reads in a transaction of the caller's. */
import type { AccountId } from '../../base/ids.ts';
import { rows, type Transaction } from '../../store/transaction.ts';
import { deleted } from '../flags.ts';
import type { EmailNumber, MailboxNumber } from '../ids.ts';
import type { EmailRow } from '../rules/email-rows.ts';
import type { ChangeKind } from '../rules/head.ts';
import { decodeNumbers } from '../rules/number-list.ts';
import { readHead } from '../view/load.ts';
import type { Since } from './since.ts';

/** Emails that changed, beyond which a client compares everything anew: it would fetch most of them anyway. */
export const touchedMax = 50_000;

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

export interface Read {
  readonly version: number;
  readonly reading: Reading;
}

/** Undefined: the history does not reach back so far, or it is too much. */
export function* readLog({ account, since, readable }: Args): Transaction<Read | undefined> {
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
  return reading.touched.size > touchedMax ? undefined : { version: head.version, reading };
}

/** Gives false when it is too much. */
function* addedTo(
  account: AccountId,
  mailbox: MailboxNumber,
  from: number,
  reading: Reading,
): Transaction<boolean> {
  // Mostly little is new.
  for (let below = 2 ** 32, size = 20; ; size = 500) {
    const page = yield* rows<{ uid: number; email: number; thread: number; created: number }>(
      'select uid, email, thread, created from membership where account = ? and mailbox = ? and uid < ? order by uid desc limit ?',
      account,
      mailbox,
      below,
      size,
    );
    for (const row of page) {
      if (row.created <= from) return true;
      reading.added(mailbox, row);
    }
    if (page.length < size) return true;
    if (reading.touched.size > touchedMax) return false;
    below = page.at(-1)!.uid;
  }
}

export class Reading {
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
