/**
 * All visible mail of an account as typed arrays: each email once, with what its memberships say together. Made from the views of its mailboxes, and
 * never changed: another version of the account is another map, which is a copy of this one but for the emails that something happened to.
 *
 * A keyword holds for an email that has it in any mailbox; `$seen` only when it is seen in all. A message with \Deleted is not there (RFC 8621, 4.1.1).
 */
import { deleted, seen, splitKeywords } from '../flags.ts';
import type { EmailNumber, MailboxNumber } from '../ids.ts';
import type { EmailRow } from '../rules/email-rows.ts';
import type { View } from '../view/view.ts';
import { countMailboxes, type MailboxCounts } from './mailbox-counts.ts';
import { KeptResults } from './kept-results.ts';
import { KeywordLists } from './keyword-lists.ts';

const noMore: readonly MailboxNumber[] = [];

/** An email as its columns have it. */
interface One {
  readonly email: EmailNumber;
  readonly thread: EmailNumber;
  readonly flags: number;
  /** Of its keywords. */
  readonly list: number;
  readonly received: number;
  readonly size: number;
  readonly box: MailboxNumber;
}

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
  /** What was asked of this map, and of the ones before. */
  readonly results: KeptResults;
  readonly #keywords: KeywordLists;
  readonly #lists: Uint32Array;
  /** Mailboxes of emails that are in several, by email. */
  readonly #more: Map<EmailNumber, readonly MailboxNumber[]>;
  #indexes: Int32Array | undefined;
  #emailMax = 0;
  #threadMax = 0;

  private constructor(version: number, room: number, before?: MailMap) {
    this.version = version;
    this.emails = new Uint32Array(room);
    this.threads = new Uint32Array(room);
    this.flags = new Uint8Array(room);
    this.received = new Float64Array(room);
    this.sizes = new Uint32Array(room);
    this.boxes = new Uint32Array(room);
    this.#lists = new Uint32Array(room);
    this.#keywords = before === undefined ? new KeywordLists() : before.#keywords;
    this.#more = before === undefined ? new Map() : new Map(before.#more);
    this.results = new KeptResults();
  }

  /** `unique`: no email is in two mailboxes. */
  static of(version: number, views: readonly View[], unique: boolean): MailMap {
    const room = views.reduce((sum, view) => sum + view.count, 0);
    const map = new MailMap(version, room);
    for (const view of views) {
      const { emails, threads } = view.columns.data;
      for (let at = 0; at < view.count; at++) {
        if (emails[at]! > map.#emailMax) map.#emailMax = emails[at]!;
        if (threads[at]! > map.#threadMax) map.#threadMax = threads[at]!;
      }
    }
    if (!unique) map.#indexes = new Int32Array(map.#emailMax + 1).fill(-1);
    for (const view of views) map.#take(view);
    return map;
  }

  /** The map of a later version: `touched` are emails that something happened to, with the memberships that they have now (none: gone). */
  advanced(version: number, touched: ReadonlyMap<EmailNumber, readonly EmailRow[]>): MailMap {
    const gone: number[] = [];
    let added = 0;
    for (const [email, rows] of touched) {
      const i = this.indexOf(email);
      if (i !== -1 && rows.length === 0) gone.push(i);
      if (i === -1 && rows.length > 0) added += 1;
    }
    const map = new MailMap(version, this.count + added, this);
    map.#copy(
      this,
      gone.sort((a, b) => a - b),
    );
    for (const [email, rows] of touched) map.#place(email, rows);
    map.results.follow(this.results, touched.keys());
    return map;
  }

  /** All columns but the positions that are gone, in runs. */
  #copy(from: MailMap, gone: readonly number[]): void {
    this.#emailMax = from.#emailMax;
    this.#threadMax = from.#threadMax;
    const pairs = [
      [from.emails, this.emails],
      [from.threads, this.threads],
      [from.flags, this.flags],
      [from.received, this.received],
      [from.sizes, this.sizes],
      [from.boxes, this.boxes],
      [from.#lists, this.#lists],
    ] as const;
    let start = 0;
    for (const end of [...gone, from.count]) {
      for (const [source, target] of pairs) target.set(source.subarray(start, end), this.count);
      this.count += end - start;
      start = end + 1;
    }
    for (const i of gone) this.#more.delete(from.emails[i]!);
    if (gone.length === 0) this.#indexes = from.#indexes?.slice();
  }

  #place(email: EmailNumber, rows: readonly EmailRow[]): void {
    const [first, ...others] = rows;
    if (first === undefined) return;
    if (email > this.#emailMax) this.#emailMax = email;
    if (first.thread > this.#threadMax) this.#threadMax = first.thread;
    const known = this.indexOf(email);
    const i = known === -1 ? this.count++ : known;
    this.#more.delete(email);
    this.#put(i, {
      email,
      thread: first.thread,
      flags: first.flags,
      list: this.#keywords.numberOf(splitKeywords(first.keywords)),
      received: first.received,
      size: first.size,
      box: first.mailbox,
    });
    for (const row of others)
      this.#merge(i, row.mailbox, row.flags, this.#keywords.numberOf(splitKeywords(row.keywords)));
    this.#index(email, i);
  }

  #put(i: number, one: One): void {
    this.emails[i] = one.email;
    this.threads[i] = one.thread;
    this.flags[i] = one.flags;
    this.#lists[i] = one.list;
    this.received[i] = one.received;
    this.sizes[i] = one.size;
    this.boxes[i] = one.box;
  }

  #index(email: EmailNumber, i: number): void {
    if (this.#indexes === undefined) return;
    if (email >= this.#indexes.length) {
      const grown = new Int32Array(Math.ceil(email * 1.1) + 1).fill(-1);
      grown.set(this.#indexes);
      this.#indexes = grown;
    }
    this.#indexes[email] = i;
  }

  get threadMax(): number {
    return this.#threadMax;
  }

  get emailMax(): number {
    return this.#emailMax;
  }

  /** Different lists of keywords that this map and those before it have had. */
  get keywordListCount(): number {
    return this.#keywords.size;
  }

  /** -1 when it is not there. */
  indexOf(email: EmailNumber): number {
    if (this.#indexes === undefined) {
      this.#indexes = new Int32Array(this.#emailMax + 1).fill(-1);
      for (let i = 0; i < this.count; i++) this.#indexes[this.emails[i]!] = i;
    }
    return this.#indexes[email] ?? -1;
  }

  /** Of an email that is there. */
  threadOf(email: EmailNumber): EmailNumber {
    return this.threads[this.indexOf(email)]!;
  }

  isIn(i: number, mailbox: MailboxNumber): boolean {
    if (this.boxes[i] === mailbox) return true;
    return this.#more.size > 0 && (this.#more.get(this.emails[i]!) ?? noMore).includes(mailbox);
  }

  mailboxesOf(i: number): readonly MailboxNumber[] {
    return (this.#more.size > 0 ? this.#more.get(this.emails[i]!) : undefined) ?? [this.boxes[i]!];
  }

  /** In lower case. */
  keywordsOf(i: number): ReadonlySet<string> {
    return this.#keywords.list(this.#lists[i]!);
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

  /** Of each mailbox that has mail. */
  counts(trash: MailboxNumber | undefined): ReadonlyMap<MailboxNumber, MailboxCounts> {
    return (this.#counts ??= countMailboxes(this, trash));
  }

  #take(view: View): void {
    const { data } = view.columns;
    const lists = data.keywordLists.map((stored) => this.#keywords.numberOf(splitKeywords(stored)));
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
      this.#put(i, {
        email,
        thread: data.threads[at]!,
        flags,
        list: lists[data.keywords[at]!]!,
        received: data.received[at]!,
        size: data.sizes[at]!,
        box: view.number,
      });
      if (this.#indexes !== undefined) this.#indexes[email] = i;
    }
  }

  #merge(i: number, box: MailboxNumber, flags: number, list: number): void {
    const before = this.flags[i]!;
    this.flags[i] = ((before | flags) & ~seen) | (before & flags & seen);
    if (this.#lists[i] !== list)
      this.#lists[i] = this.#keywords.numberOf([...this.keywordsOf(i), ...this.#keywords.list(list)]);
    const boxes = this.mailboxesOf(i);
    if (!boxes.includes(box)) this.#more.set(this.emails[i]!, [...boxes, box]);
  }
}
