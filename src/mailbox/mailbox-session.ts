/**
 * What one client has been told of a mailbox: message sequence numbers, and what there is to tell next.
 *
 * A session's list of messages changes only in `sync`, so sequence numbers hold still while a command runs (RFC 9051, 7.5.1). The uids are shared with the
 * view as long as both agree; memory per session is a few words until an expunge is held back.
 */
import type { ModSeq, Uid } from '../base/ids.ts';
import type { MailboxView } from './mailbox-view.ts';

/** What to tell a client, in this order: expunges, then EXISTS, then flags. */
export interface Updates {
  /** Sequence numbers as EXPUNGE lines want them: each counted after those before it are gone. Highest first, so the numbers are the plain old ones. */
  readonly expunged: readonly number[];
  /** The same as uids, for VANISHED, ascending. */
  readonly vanished: readonly Uid[];
  /** The new number of messages, when it must be told. */
  readonly exists: number | undefined;
  /** Messages known before whose flags (or other metadata) changed, ascending. */
  readonly changed: readonly Uid[];
  /** Keywords were added to FLAGS. */
  readonly keywordsChanged: boolean;
}

export interface MailboxSession extends Disposable {
  readonly view: MailboxView;
  /** The mailbox was deleted; nothing more comes. */
  readonly gone: boolean;

  /** Number of messages the client knows of. */
  readonly count: number;
  /** Uid of message `sequence` (1 to count). It may be expunged already: then `view.positionOf` gives -1. */
  uidOf(sequence: number): Uid;
  /** Sequence number of a uid, or 0. */
  sequenceOf(uid: number): number;
  /** Sequence number of the first known message with at least this uid; `count + 1` when there is none. */
  sequenceFrom(uid: number): number;

  /** There is something to tell. */
  readonly pending: boolean;
  /** Takes over what the view knows. With `expunge: false` expunged messages keep their numbers for now. */
  sync(options: { readonly expunge: boolean }): Updates;
  /** Called, in a turn of its own, when `pending` became true. Ends with the returned disposable. */
  onPending(listener: () => void): Disposable;
  /** Highest modseq told by `sync`. */
  readonly modseq: ModSeq;
}
