/**
 * The mailboxes of all accounts, as one thread sees them: what imapd, pop3d and jmap need.
 *
 * Writes go through operations (operations.ts) and resolve when durable; the views of this thread already show them then. Reads are lookups on the thread's
 * own connection, or come from memory. Names are checked here (name.ts); uids that no longer exist are passed over in silence, as IMAP wants.
 */
import type { Clock } from '../base/clock.ts';
import type { AccountId, MailboxId, ModSeq, Uid } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import type { BodyWriter, StoredBody } from '../store/body.ts';
import type { Store } from '../store/store.ts';
import type { Criterion } from './criterion.ts';
import type { EmailDetails, EmailFacts } from './email-facts.ts';
import type { Flags } from './flags.ts';
import type { EmailNumber } from './ids.ts';
import type { MailboxInfo, Role } from './mailbox.ts';
import type { MailboxSession } from './mailbox-session.ts';

export interface MailboxesParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
}

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
}

export interface FlagsStored {
  readonly modseq: ModSeq;
  /** Flags really differ now. */
  readonly changed: readonly Uid[];
  /** Failed the UNCHANGEDSINCE test. */
  readonly failed: readonly Uid[];
}

export interface QuotaInfo {
  readonly usedBytes: number;
  /** 0 when unlimited. */
  readonly limitBytes: number;
  readonly emails: number;
}

export class Mailboxes {
  readonly #parts: MailboxesParts;

  constructor(parts: MailboxesParts) {
    this.#parts = parts;
  }

  // --- The tree of mailboxes

  /** All mailboxes, sorted by name with INBOX first. Counters are current. Makes the account's store when it is missing. */
  async list(account: AccountId): Promise<readonly MailboxInfo[]> {
    throw new Error(`not landed yet: ${account} ${this.#parts.store.engine}`);
  }
  /** By name, in any normalisation, INBOX in any case. */
  async find(account: AccountId, name: string): Promise<MailboxInfo | undefined> {
    throw new Error(`not landed yet: ${account}${name}`);
  }
  async get(account: AccountId, mailbox: MailboxId): Promise<MailboxInfo | undefined> {
    throw new Error(`not landed yet: ${account}${mailbox}`);
  }
  /** Subscribed names, also of mailboxes that do not exist (RFC 9051, 6.3.7). */
  async subscriptions(account: AccountId): Promise<readonly string[]> {
    throw new Error(`not landed yet: ${account}`);
  }
  /** Creates superior levels too. Refusal: mailboxExists, mailboxNameInvalid, limitReached. */
  async create(account: AccountId, name: string, options?: { role?: Role }): Promise<MailboxInfo> {
    throw new Error(`not landed yet: ${account}${name}${options?.role}`);
  }
  /** Takes inferiors along. INBOX moves its mail and stays. Refusal: mailboxNotFound, mailboxExists, mailboxNameInvalid. */
  async rename(account: AccountId, from: string, to: string): Promise<void> {
    throw new Error(`not landed yet: ${account}${from}${to}`);
  }
  /** Refusal: mailboxNotFound; `notAllowed` for INBOX; `conflict` while there are inferiors (RFC 9051, 6.3.5: HASCHILDREN). */
  async delete(account: AccountId, name: string): Promise<void> {
    throw new Error(`not landed yet: ${account}${name}`);
  }
  async subscribe(account: AccountId, name: string, subscribed: boolean): Promise<void> {
    throw new Error(`not landed yet: ${account}${name}${subscribed}`);
  }

  // --- An open mailbox

  /** Opens the shared view for one session. Dispose the session to let go. Refusal: mailboxNotFound. */
  async open(account: AccountId, mailbox: MailboxId): Promise<MailboxSession> {
    throw new Error(`not landed yet: ${account}${mailbox}`);
  }
  /** Brings the account's views of this thread up to every write that has resolved anywhere. Cheap when nothing changed: call it before answering NOOP and the like. */
  async refresh(account: AccountId): Promise<void> {
    throw new Error(`not landed yet: ${account}`);
  }
  /** Takes what is \Recent: messages from the returned uid on are recent to the caller alone (RFC 3501, 2.3.2). */
  async claimRecent(account: AccountId, mailbox: MailboxId): Promise<Uid> {
    throw new Error(`not landed yet: ${account}${mailbox}`);
  }
  /** Uids expunged after `since`, ascending (RFC 7162, 3.2.6); undefined when the log no longer reaches back so far. */
  async expungedSince(
    account: AccountId,
    mailbox: MailboxId,
    since: number,
  ): Promise<readonly Uid[] | undefined> {
    throw new Error(`not landed yet: ${account}${mailbox}${since}`);
  }

  // --- Messages

  /** A place for the bytes of an APPEND; `finish` it, `prepare` the result, then `append`. */
  bodyWriter(): BodyWriter {
    return this.#parts.store.bodies.writer();
  }
  async prepare(body: StoredBody): Promise<EmailFacts> {
    throw new Error(`not landed yet: ${body.is}`);
  }
  /** All or none (RFC 3502). Refusal: mailboxFull, mailboxNotFound, limitReached. */
  async append(account: AccountId, mailbox: MailboxId, messages: readonly NewMessage[]): Promise<Appended> {
    throw new Error(`not landed yet: ${account}${mailbox}${messages.length}`);
  }
  /** Whether `sizeBytes` more would fit: to refuse an APPEND before its literal. Throws Refusal mailboxFull. */
  async checkRoom(account: AccountId, sizeBytes: number): Promise<void> {
    throw new Error(`not landed yet: ${account}${sizeBytes}`);
  }
  async copy(account: AccountId, from: MailboxId, uids: Uids, to: MailboxId): Promise<Copied> {
    throw new Error(`not landed yet: ${account}${from}${uids.length}${to}`);
  }
  async move(account: AccountId, from: MailboxId, uids: Uids, to: MailboxId): Promise<Copied> {
    throw new Error(`not landed yet: ${account}${from}${uids.length}${to}`);
  }
  async storeFlags(
    account: AccountId,
    mailbox: MailboxId,
    uids: Uids,
    change: FlagChange,
  ): Promise<FlagsStored> {
    throw new Error(`not landed yet: ${account}${mailbox}${uids.length}${change.how}`);
  }
  /** Expunges those of `uids` (all when undefined) that have \Deleted; with `always`, whatever their flags. Gives the uids that went. */
  async expunge(
    account: AccountId,
    mailbox: MailboxId,
    uids?: Uids,
    always = false,
  ): Promise<readonly Uid[]> {
    throw new Error(`not landed yet: ${account}${mailbox}${uids?.length}${always}`);
  }

  // --- Reading

  /** Envelope, structure and preview. An email that is gone is missing from the result. */
  async details(
    account: AccountId,
    emails: readonly EmailNumber[],
  ): Promise<ReadonlyMap<EmailNumber, EmailDetails>> {
    throw new Error(`not landed yet: ${account}${emails.length}`);
  }
  /** Where the bytes are; undefined when the email is gone. Small bodies come along. */
  async body(account: AccountId, email: EmailNumber): Promise<StoredBody | undefined> {
    throw new Error(`not landed yet: ${account}${email}`);
  }
  /** Bytes [offset, offset + length) of a body, clipped to its size. */
  async read(body: StoredBody, offset?: number, length?: number): Promise<Uint8Array> {
    return this.#parts.store.bodies.read(body, offset, length);
  }
  stream(body: StoredBody, offset?: number): AsyncIterable<Uint8Array> {
    return this.#parts.store.bodies.stream(body, offset);
  }
  /** Uids of the messages known to the session that match, ascending. Throws the signal's reason when aborted. */
  async search(session: MailboxSession, criterion: Criterion, signal?: AbortSignal): Promise<readonly Uid[]> {
    throw new Error(`not landed yet: ${session.count}${criterion.is}${signal?.aborted}`);
  }

  async quota(account: AccountId): Promise<QuotaInfo> {
    throw new Error(`not landed yet: ${account}`);
  }
}
