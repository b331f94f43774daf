/**
 * The mailbox a session has selected: message numbers and sets, \Recent, the saved search result, and which changes the client need not be told of.
 */
import type { AccountId, ModSeq, Uid } from '../base/ids.ts';
import type { MailboxInfo } from '../mailbox/mailbox.ts';
import type { MailboxSession } from '../mailbox/mailbox-session.ts';
import { type MailboxView, nextPosition } from '../mailbox/mailbox-view.ts';
import { exceeds, resolveRanges, star, type Range, type SequenceSet } from '../proto/imap/sequence-set.ts';
import type { Context } from './commands/context.ts';
import type { Place } from './commands/place.ts';
import { bad } from './replies.ts';

/** Uids of messages, ascending, and whether some of the set were expunged under way. */
export interface Picked {
  readonly uids: Uid[];
  readonly missing: boolean;
}

export class Selected implements Disposable {
  /** With the rights that the client has now: they may be taken away meanwhile. */
  place: Place;
  readonly messages: MailboxSession;
  /** EXAMINE, or no right to change anything when it was selected. */
  readonly readOnly: boolean;
  /** Messages from this uid on are \Recent here: what was claimed at SELECT and what came since. */
  readonly recentFrom: number;
  /** "$" (RFC 5182), ascending. */
  saved: readonly number[] = [];
  /** Messages whose state at this modseq was told in the answer to this session's own command. */
  readonly told = new Map<Uid, ModSeq>();
  /** As FLAGS told them last: a keyword is named there before a message is said to have it. */
  toldKeywords: readonly string[] = [];
  /** Results that are kept up to date (RFC 5267), by the tag of their search. */
  readonly contexts = new Map<string, Context>();

  constructor(place: Place, messages: MailboxSession, how: { readOnly: boolean; recentFrom: number }) {
    this.place = place;
    this.messages = messages;
    this.readOnly = how.readOnly;
    this.recentFrom = how.recentFrom;
  }

  get mailbox(): MailboxInfo {
    return this.place.mailbox;
  }

  get owner(): AccountId {
    return this.place.owner;
  }

  get view(): MailboxView {
    return this.messages.view;
  }

  /** How many of the messages the client knows of are \Recent. */
  get recent(): number {
    return this.messages.count - this.messages.sequenceFrom(this.recentFrom) + 1;
  }

  isRecent(uid: number): boolean {
    return uid >= this.recentFrom;
  }

  /** The message numbers of a set, as sorted ranges. Numbers beyond the mailbox are an error, uids are not (RFC 3501, 6.4.8). */
  resolve(set: SequenceSet, byUid: boolean): readonly Range[] {
    if (set.is === 'saved') return this.#numbersOf(this.saved.map((uid) => ({ from: uid, to: uid })));
    const { count } = this.messages;
    if (!byUid) {
      // Clients ask for 1:* of whatever they select; nothing is the answer that none of them trips over.
      if (count === 0 && set.ranges.every(({ from, to }) => from === star || to === star)) return [];
      if (exceeds(set.ranges, count)) throw bad('There are not that many messages');
      return resolveRanges(set.ranges, count);
    }
    return this.#numbersOf(resolveRanges(set.ranges, this.lastUid));
  }

  /** The uid that "*" stands for; 0 in an empty mailbox. */
  get lastUid(): number {
    const { count } = this.messages;
    return count === 0 ? 0 : this.messages.uidOf(count);
  }

  #numbersOf(uids: readonly Range[]): readonly Range[] {
    const numbers: { from: number; to: number }[] = [];
    for (const { from, to } of uids) {
      const first = this.messages.sequenceFrom(from);
      const last = this.messages.sequenceFrom(to + 1) - 1;
      const before = numbers.at(-1);
      if (last < first) continue;
      if (before !== undefined && before.to + 1 >= first) before.to = Math.max(before.to, last);
      else numbers.push({ from: first, to: last });
    }
    return numbers;
  }

  /** The uids of message numbers, without those that are expunged already. */
  pick(numbers: readonly Range[]): Picked {
    const uids: Uid[] = [];
    let missing = false;
    let position = -1;
    const { view } = this;
    for (const { from, to } of numbers) {
      for (let number = from; number <= to; number++) {
        const uid = this.messages.uidOf(number);
        position = nextPosition(view, uid, position);
        if (position === -1) missing = true;
        else uids.push(uid);
      }
    }
    return { uids, missing };
  }

  [Symbol.dispose](): void {
    this.messages[Symbol.dispose]();
  }
}
