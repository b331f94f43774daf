/**
 * All visible mail of an account as typed arrays: each email once, with what its memberships say together. Made from the views of its mailboxes, and
 * never changed: another version of the account is another map.
 *
 * A keyword holds for an email that has it in any mailbox; `$seen` only when it is seen in all. A message with \Deleted is not there (RFC 8621, 4.1.1).
 */
import { deleted, draft, seen, splitKeywords } from '../flags.ts';
import type { EmailNumber, MailboxNumber } from '../ids.ts';
import type { View } from '../view/view.ts';

export interface MailboxCounts {
  totalEmails: number;
  unreadEmails: number;
  totalThreads: number;
  unreadThreads: number;
}

const noMore: readonly MailboxNumber[] = [];

export class MailMap {
  /** Of the account when the map was begun: what it shows may be newer by moments. */
  readonly version: number;
  count = 0;
  readonly emails: Uint32Array;
  readonly threads: Uint32Array;
  readonly flags: Uint8Array;
  readonly received: Float64Array;
  readonly sizes: Uint32Array;
  /** One of its mailboxes. */
  readonly boxes: Uint32Array;
  /** What was asked of this map before, by question. */
  readonly results = new Map<string, Uint32Array>();
  readonly #lists: ReadonlySet<string>[] = [new Set()];
  readonly #listNumbers = new Map<string, number>([['', 0]]);
  readonly #keywords: Uint32Array;
  /** Mailboxes of emails that are in several, by index. */
  readonly #more = new Map<number, readonly MailboxNumber[]>();
  #indexes: Int32Array | undefined;
  #emailMax = 0;
  #threadMax = 0;

  /** `unique`: no email is in two mailboxes. */
  constructor(version: number, views: readonly View[], unique: boolean) {
    this.version = version;
    const room = views.reduce((sum, view) => sum + view.count, 0);
    this.emails = new Uint32Array(room);
    this.threads = new Uint32Array(room);
    this.flags = new Uint8Array(room);
    this.received = new Float64Array(room);
    this.sizes = new Uint32Array(room);
    this.boxes = new Uint32Array(room);
    this.#keywords = new Uint32Array(room);
    for (const view of views) {
      const { emails, threads } = view.columns.data;
      for (let at = 0; at < view.count; at++) {
        if (emails[at]! > this.#emailMax) this.#emailMax = emails[at]!;
        if (threads[at]! > this.#threadMax) this.#threadMax = threads[at]!;
      }
    }
    if (!unique) this.#indexes = new Int32Array(this.#emailMax + 1).fill(-1);
    for (const view of views) this.#take(view);
  }

  get threadMax(): number {
    return this.#threadMax;
  }

  get emailMax(): number {
    return this.#emailMax;
  }

  /** -1 when it is not there. */
  indexOf(email: EmailNumber): number {
    if (this.#indexes === undefined) {
      this.#indexes = new Int32Array(this.#emailMax + 1).fill(-1);
      for (let i = 0; i < this.count; i++) this.#indexes[this.emails[i]!] = i;
    }
    return this.#indexes[email] ?? -1;
  }

  isIn(i: number, mailbox: MailboxNumber): boolean {
    return (
      this.boxes[i] === mailbox || (this.#more.size > 0 && (this.#more.get(i) ?? noMore).includes(mailbox))
    );
  }

  mailboxesOf(i: number): readonly MailboxNumber[] {
    return this.#more.get(i) ?? [this.boxes[i]!];
  }

  /** In lower case. */
  keywordsOf(i: number): ReadonlySet<string> {
    return this.#lists[this.#keywords[i]!]!;
  }

  /** Of each thread: its emails, and those among them that fit. */
  threadTally(fits: (i: number) => boolean): { readonly all: Uint32Array; readonly fit: Uint32Array } {
    const all = new Uint32Array(this.#threadMax + 1);
    const fit = new Uint32Array(this.#threadMax + 1);
    for (let i = 0; i < this.count; i++) {
      all[this.threads[i]!]! += 1;
      if (fits(i)) fit[this.threads[i]!]! += 1;
    }
    return { all, fit };
  }

  #counts: ReadonlyMap<MailboxNumber, MailboxCounts> | undefined;

  /**
   * Of each mailbox that has mail. A thread is unread in a mailbox when any email of it is, wherever; but what is in the trash alone makes
   * it unread only there, and nothing outside the trash makes a thread unread in it (RFC 8621, 2).
   */
  counts(trash: MailboxNumber | undefined): ReadonlyMap<MailboxNumber, MailboxCounts> {
    if (this.#counts !== undefined) return this.#counts;
    const unread = new Uint8Array(this.#threadMax + 1);
    const unreadInTrash = new Uint8Array(this.#threadMax + 1);
    const byBox = new Map<MailboxNumber, number[]>();
    for (let i = 0; i < this.count; i++) {
      const isUnread = (this.flags[i]! & (seen | draft)) === 0;
      for (const box of this.mailboxesOf(i)) {
        if (isUnread) (box === trash ? unreadInTrash : unread)[this.threads[i]!] = 1;
        const list = byBox.get(box);
        if (list === undefined) byBox.set(box, [i]);
        else list.push(i);
      }
    }
    const stamps = new Uint32Array(this.#threadMax + 1);
    const counts = new Map<MailboxNumber, MailboxCounts>();
    let stamp = 0;
    for (const [box, list] of byBox) {
      stamp += 1;
      const of = { totalEmails: list.length, unreadEmails: 0, totalThreads: 0, unreadThreads: 0 };
      for (const i of list) {
        const thread = this.threads[i]!;
        if ((this.flags[i]! & (seen | draft)) === 0) of.unreadEmails += 1;
        if (stamps[thread] === stamp) continue;
        stamps[thread] = stamp;
        of.totalThreads += 1;
        of.unreadThreads += (box === trash ? unreadInTrash : unread)[thread]!;
      }
      counts.set(box, of);
    }
    return (this.#counts = counts);
  }

  #take(view: View): void {
    const { data } = view.columns;
    const lists = data.keywordLists.map((stored) => this.#listNumber(splitKeywords(stored)));
    for (let at = 0; at < view.count; at++) {
      const flags = data.flags[at]!;
      if ((flags & deleted) !== 0) continue;
      const email = data.emails[at]!;
      const known = this.#indexes?.[email] ?? -1;
      if (known !== -1) {
        this.#merge(known, view.number, flags, lists[data.keywords[at]!]!);
        continue;
      }
      const i = this.count++;
      this.emails[i] = email;
      this.threads[i] = data.threads[at]!;
      this.flags[i] = flags;
      this.#keywords[i] = lists[data.keywords[at]!]!;
      this.received[i] = data.received[at]!;
      this.sizes[i] = data.sizes[at]!;
      this.boxes[i] = view.number;
      if (this.#indexes !== undefined) this.#indexes[email] = i;
    }
  }

  #merge(i: number, box: MailboxNumber, flags: number, list: number): void {
    const before = this.flags[i]!;
    this.flags[i] = ((before | flags) & ~seen) | (before & flags & seen);
    if (this.#keywords[i] !== list)
      this.#keywords[i] = this.#listNumber([...this.#lists[this.#keywords[i]!]!, ...this.#lists[list]!]);
    const boxes = this.mailboxesOf(i);
    if (!boxes.includes(box)) this.#more.set(i, [...boxes, box]);
  }

  #listNumber(keywords: readonly string[]): number {
    const lower = [...new Set(keywords.map((keyword) => keyword.toLowerCase()))].sort();
    const key = lower.join(' ');
    let number = this.#listNumbers.get(key);
    if (number === undefined) {
      number = this.#lists.length;
      this.#lists.push(new Set(lower));
      this.#listNumbers.set(key, number);
    }
    return number;
  }
}
