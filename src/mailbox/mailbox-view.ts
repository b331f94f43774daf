/**
 * The index of one mailbox in memory: one per mailbox and thread, shared by all sessions that have it open.
 *
 * A view is what the store held at `modseq`; it moves forward in whole transactions only, so it never shows n + 1 before n. The columns are sorted by uid.
 * Positions (0 to count - 1) change with every expunge: they are valid until the next await. What a session has told its client (message sequence
 * numbers) is kept by MailboxSession.
 */
import type { AccountId, MailboxId, ModSeq, Uid } from '../base/ids.ts';
import type { Flags } from './flags.ts';
import type { EmailNumber } from './ids.ts';

export interface MailboxView {
  readonly account: AccountId;
  readonly mailbox: MailboxId;
  readonly uidValidity: number;
  readonly uidNext: Uid;
  /** HIGHESTMODSEQ. */
  readonly modseq: ModSeq;
  readonly count: number;
  readonly unseen: number;
  /** FLAGS beyond the system flags. */
  readonly keywords: readonly string[];

  /** Position of a uid, or -1. */
  positionOf(uid: number): number;
  /** Position of the first uid that is at least this one; `count` when there is none. */
  positionFrom(uid: number): number;

  uidAt(position: number): Uid;
  /** System flags as bits (flags.ts). */
  systemFlagsAt(position: number): number;
  keywordsAt(position: number): readonly string[];
  flagsAt(position: number): Flags;
  modseqAt(position: number): ModSeq;
  sizeAt(position: number): number;
  /** INTERNALDATE. */
  receivedAtMsAt(position: number): number;
  /** SAVEDATE (RFC 8514). */
  savedAtMsAt(position: number): number;
  emailAt(position: number): EmailNumber;
  threadAt(position: number): EmailNumber;
}

/** The position of a uid; quick when it is the one behind `previous`. */
export function nextPosition(view: MailboxView, uid: number, previous: number): number {
  const next = previous + 1;
  return next < view.count && view.uidAt(next) === uid ? next : view.positionOf(uid);
}
