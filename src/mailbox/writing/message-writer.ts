/**
 * Changes of messages: in pieces where there are many, each durable before the next, and in the views of this thread before the caller hears of it.
 */
import type { Clock } from '../../base/clock.ts';
import type { AccountId, MailboxId, ModSeq, Uid } from '../../base/ids.ts';
import type { StoredBody } from '../../store/body.ts';
import type { Store } from '../../store/store.ts';
import type { EmailFacts } from '../email-facts.ts';
import type { Flags } from '../flags.ts';
import { type EmailNumber, type MailboxNumber, numberOfMailbox as numberOf } from '../ids.ts';
import { append } from '../rules/append.ts';
import { expunge } from '../rules/remove.ts';
import { storeFlags } from '../rules/store-flags.ts';
import { transfer } from '../rules/transfer.ts';

/** Uids in ascending order. */
export type Uids = ArrayLike<number>;

export interface NewMessage {
  readonly flags: Flags;
  readonly receivedAtMs: number;
  readonly body: StoredBody;
  readonly email: EmailFacts;
}

export interface Appended {
  readonly uidValidity: number;
  readonly uids: readonly Uid[];
  readonly emails: readonly EmailNumber[];
  readonly modseq: ModSeq;
}

/** For COPYUID: `from[i]` became `to[i]`. */
export interface Copied {
  readonly uidValidity: number;
  readonly from: readonly Uid[];
  readonly to: readonly Uid[];
  readonly modseq: ModSeq;
}

export interface FlagChange {
  readonly how: 'add' | 'remove' | 'replace';
  readonly flags: Flags;
  /** RFC 7162, 3.1.3: messages with a higher modseq are left alone. */
  readonly unchangedSince?: number;
  /** A filter changes them: nobody is to learn from it what the mail is. */
  readonly byFilter?: boolean;
}

export interface FlagsStored {
  readonly modseq: ModSeq;
  /** Flags really differ now. */
  readonly changed: readonly Uid[];
  /** Failed the UNCHANGEDSINCE test. */
  readonly failed: readonly Uid[];
}

/**
 * Messages that one transaction changes. Larger sets are done in pieces, so that nobody else waits long for the writer: each message is done whole
 * or not at all, as RFC 6851, 3.3 asks of MOVE.
 */
export const chunkMax = 500;
/**
 * Pieces on their way together: on SQLite they share a commit. PostgreSQL would find that they all change the account's head, and have all but one
 * begin again.
 */
const piecesAtOnce = { sqlite: 8, postgres: 1 } as const;
/** COPY is all or nothing: up to this many messages in one transaction; beyond, the copies are taken back when a piece fails. */
const copyMax = 2000;

export interface Way {
  readonly from: MailboxId;
  readonly uids: Uids;
  readonly to: MailboxId;
  /** As in `FlagChange`. */
  readonly byFilter?: boolean;
}

export class MessageWriter {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #refresh: (account: AccountId) => Promise<void>;

  /** `refresh` brings the views of an account up to the store. */
  constructor(store: Store, clock: Clock, refresh: (account: AccountId) => Promise<void>) {
    this.#store = store;
    this.#clock = clock;
    this.#refresh = refresh;
  }

  async append(account: AccountId, mailbox: MailboxId, messages: readonly NewMessage[]): Promise<Appended> {
    const args = { account, mailbox: numberOf(mailbox), messages, nowMs: this.#clock.nowMs() };
    const added = await this.#store.write(append, args);
    await this.#refresh(account);
    return {
      uidValidity: added.uidValidity,
      uids: messages.map((_, i) => (added.firstUid + i) as Uid),
      emails: messages.map((_, i) => added.firstEmail + i),
      modseq: added.version as ModSeq,
    };
  }

  async copy(account: AccountId, { uids, ...way }: Way): Promise<Copied> {
    const done: Copied[] = [];
    try {
      for (const piece of pieces(uids, copyMax)) {
        done.push(await this.#transfer({ ...way, account, uids: piece, move: false }));
      }
    } catch (error) {
      for (const { to: copies } of done)
        await this.expunge(account, numberOf(way.to), { uids: copies, always: true });
      throw error;
    } finally {
      await this.#refresh(account);
    }
    return joined(done);
  }

  async move(account: AccountId, { uids, ...way }: Way): Promise<Copied> {
    const done: Copied[] = [];
    try {
      for (const piece of pieces(uids, chunkMax)) {
        done.push(await this.#transfer({ ...way, account, uids: piece, move: true }));
      }
    } finally {
      await this.#refresh(account);
    }
    return joined(done);
  }

  async storeFlags(
    account: AccountId,
    mailbox: MailboxId,
    { uids, how, flags, unchangedSince = -1, byFilter = false }: FlagChange & { readonly uids: Uids },
  ): Promise<FlagsStored> {
    const args = { account, mailbox: numberOf(mailbox), how, flags, unchangedSince, byFilter };
    const done = await this.#inPieces(uids, (piece) =>
      this.#store.write(storeFlags, { ...args, uids: piece }),
    );
    await this.#refresh(account);
    return {
      modseq: done.reduce((latest, { modseq }) => Math.max(latest, modseq), 0) as ModSeq,
      changed: done.flatMap(({ changed }) => changed) as Uid[],
      failed: done.flatMap(({ failed }) => failed) as Uid[],
    };
  }

  async expunge(
    account: AccountId,
    mailbox: MailboxNumber,
    { uids, always }: { readonly uids: Uids; readonly always: boolean },
  ): Promise<readonly Uid[]> {
    const done = await this.#inPieces(uids, (piece) =>
      this.#store.write(expunge, { account, mailbox, uids: piece, always }),
    );
    await this.#refresh(account);
    return done.flatMap((each) => each.uids) as Uid[];
  }

  /** Some pieces at once, in their order. The first that fails is told when those beside it are over; none is begun after it. */
  async #inPieces<R>(uids: Uids, change: (piece: readonly number[]) => Promise<R>): Promise<R[]> {
    const done: R[] = [];
    const all = [...pieces(uids, chunkMax)];
    const atOnce = piecesAtOnce[this.#store.engine];
    for (let at = 0; at < all.length; at += atOnce) {
      const ended = await Promise.allSettled(all.slice(at, at + atOnce).map(change));
      for (const one of ended) {
        if (one.status === 'rejected') throw one.reason;
        done.push(one.value);
      }
    }
    return done;
  }

  async #transfer(
    args: Way & { account: AccountId; uids: readonly number[]; move: boolean },
  ): Promise<Copied> {
    const done = await this.#store.write(transfer, {
      ...args,
      from: numberOf(args.from),
      to: numberOf(args.to),
      nowMs: this.#clock.nowMs(),
    });
    return { ...done, from: done.from as Uid[], to: done.to as Uid[], modseq: done.modseq as ModSeq };
  }
}

/** At least one piece, so that an empty set too learns whether its mailboxes exist. */
function* pieces(uids: Uids, size: number): Generator<readonly number[]> {
  for (let at = 0; at === 0 || at < uids.length; at += size)
    yield Array.prototype.slice.call(uids, at, at + size);
}

function joined(pieces: readonly Copied[]): Copied {
  if (pieces.length === 1) return pieces[0]!;
  return {
    uidValidity: pieces[0]!.uidValidity,
    from: pieces.flatMap((piece) => piece.from),
    to: pieces.flatMap((piece) => piece.to),
    modseq: pieces.at(-1)!.modseq,
  };
}
