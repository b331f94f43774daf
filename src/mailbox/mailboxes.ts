/**
 * The mailboxes of all accounts, as one thread sees them: what imapd, pop3d and jmap need.
 *
 * Writes go through operations (operations.ts) and resolve when durable; the views of this thread already show them then. Reads are lookups on the thread's
 * own connection, or come from memory. Names are checked here (name.ts); uids that no longer exist are passed over in silence, as IMAP wants.
 */
import type { Clock } from '../base/clock.ts';
import type { AccountId, MailboxId, Uid } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Metrics } from '../base/metrics.ts';
import { Refusal } from '../base/refusal.ts';
import type { BodyWriter, StoredBody } from '../store/body.ts';
import type { Store } from '../store/store.ts';
import { maybe, rows } from '../store/transaction.ts';
import { MailAccess } from './access.ts';
import { AccountMail } from './account-mail.ts';
import type { Criterion } from './criterion.ts';
import { type EmailFacts, prepareStored } from './email-facts.ts';
import { deleted } from './flags.ts';
import { Findings } from './findings.ts';
import { type EmailNumber, inboxNumber, mailboxId, numberOfMailbox as numberOf } from './ids.ts';
import type { KnownFacts } from './known-facts.ts';
import type { MailboxInfo, Role } from './mailbox.ts';
import type { MailboxSession } from './mailbox-session.ts';
import { canonicalName, compareNames, lookupName } from './name.ts';
import { purge } from './rules/remove.ts';
import {
  createAccountStore,
  createMailbox,
  deleteMailbox,
  renameMailbox,
  mailboxesMax,
  subscribeMailbox,
} from './rules/tree.ts';
import { metadataMaxBytes } from './rules/metadata.ts';
import { claimRecent, setEmailsMax, setQuota, usageOf } from './rules/upkeep.ts';
import { searchMailbox, type SearchPlace, type SearchWatch } from './search/search.ts';
import type { CountLimits, QuotaInfo } from './quota-info.ts';
import { SortFactsReader } from './search/sort-facts-reader.ts';
import type { StoredDetails } from './stored-details.ts';
import { ChangeListeners } from './view/change-listeners.ts';
import { allUids, expungeable } from './view/chosen-uids.ts';
import { EmailReader } from './view/email-reader.ts';
import { expungedSince } from './view/expunged.ts';
import { TreeReader } from './view/tree-reader.ts';
import { Views, type ViewsSize } from './view/views.ts';
import type {
  Appended,
  Copied,
  FlagChange,
  FlagsStored,
  NewMessage,
  Uids,
} from './writing/message-writer.ts';
import { type AcrossHow, type AcrossSource, type AcrossTarget, copyAcross } from './writing/across.ts';
import { chunkMax, MessageWriter } from './writing/message-writer.ts';

// Servers see bodies only through this part.

export type { BodyWriter, StoredBody } from '../store/body.ts';
export type { CountLimits, QuotaInfo } from './quota-info.ts';
export type {
  Appended,
  Copied,
  FlagChange,
  FlagsStored,
  NewMessage,
  Uids,
} from './writing/message-writer.ts';

export interface MailboxesParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Messages from which on a mailbox is kept as a snapshot too: see view/snapshot.ts. For tests. */
  readonly snapshotMin?: number;
  /** How long a search waits for the texts of attachments of the newest mail; 0 when nobody makes them. */
  readonly attachmentsWithinMs?: number;
}

export class Mailboxes implements Disposable {
  /** Rights, annotations, settings of access. */
  readonly access: MailAccess;
  /** More about what `search` found. */
  readonly findings: Findings;
  /** Emails, threads and changes as JMAP sees them. */
  readonly mail: AccountMail;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #views: Views;
  readonly #tree: TreeReader;
  readonly #emails: EmailReader;
  readonly #writer: MessageWriter;
  readonly #changes: ChangeListeners;
  readonly #sortFacts: SortFactsReader;
  readonly #searchPlace: SearchPlace;

  constructor({ store, clock, log, metrics, snapshotMin, attachmentsWithinMs = 0 }: MailboxesParts) {
    this.#store = store;
    this.#clock = clock;
    this.access = new MailAccess(store);
    this.findings = new Findings(store);
    this.#changes = new ChangeListeners(store);
    this.#tree = new TreeReader(store);
    this.#emails = new EmailReader(store);
    this.#sortFacts = new SortFactsReader(store);
    this.#searchPlace = { store, clock, log, attachmentsWithinMs };
    const open = metrics.gauge('hikyaku_mailbox_views', 'Mailboxes held in memory', ['state']);
    const sized = (size: ViewsSize): void => {
      open.set(size.open, { state: 'open' });
      open.set(size.idle, { state: 'idle' });
    };
    this.#views = new Views({ store, log, sized, snapshotMin });
    const refresh = (account: AccountId): Promise<void> => this.refresh(account);
    this.#writer = new MessageWriter(store, clock, refresh);
    this.mail = new AccountMail({
      store,
      clock,
      views: this.#views,
      refresh,
      search: (session, criterion) => searchMailbox(this.#searchPlace, session, criterion),
      sortFacts: (account, emails) => this.sortFacts(account, emails),
    });
  }

  [Symbol.dispose](): void {
    this.#views[Symbol.dispose]();
    this.#changes[Symbol.dispose]();
  }

  // --- The tree of mailboxes

  /** All mailboxes, sorted by name with INBOX first. Counters are current. Makes the account's store when it is missing. */
  async list(account: AccountId): Promise<readonly MailboxInfo[]> {
    const found = await this.#tree.mailboxes(account);
    if (found !== undefined) return found;
    await this.#store.write(createAccountStore, { account, nowMs: this.#clock.nowMs(), quotaBytes: 0 });
    return (await this.#tree.mailboxes(account)) ?? [];
  }

  /** By name, in any normalisation, INBOX in any case. */
  async find(account: AccountId, name: string): Promise<MailboxInfo | undefined> {
    const wanted = lookupName(name);
    if (wanted === undefined) return undefined;
    return (await this.list(account)).find((mailbox) => mailbox.name === wanted);
  }

  async get(account: AccountId, mailbox: MailboxId): Promise<MailboxInfo | undefined> {
    return (await this.list(account)).find((each) => each.id === mailbox);
  }

  /** Subscribed names, also of mailboxes that do not exist (RFC 9051, 6.3.7). */
  async subscriptions(account: AccountId): Promise<readonly string[]> {
    const existing = (await this.list(account)).filter((each) => each.subscribed).map((each) => each.name);
    const others = await this.#store.read(() =>
      rows<{ name: string }>('select name from subscription where account = ?', account),
    );
    return [...existing, ...others.map((each) => each.name)].sort(compareNames);
  }

  /** Creates superior levels too. Refusal: mailboxExists, mailboxNameInvalid, limitReached, conflict (the role is taken). */
  async create(
    account: AccountId,
    name: string,
    options: { role?: Role | undefined; subscribed?: boolean } = {},
  ): Promise<MailboxInfo> {
    await this.list(account);
    const { role = '', subscribed = false } = options;
    const number = await this.#store.write(createMailbox, {
      account,
      name: canonicalName(name),
      role,
      subscribed,
    });
    const made = await this.get(account, mailboxId(number));
    if (made === undefined) throw new Refusal('mailboxNotFound', `${name} was deleted meanwhile`);
    return made;
  }

  /** Takes inferiors along. INBOX moves its mail and stays. Refusal: mailboxNotFound, mailboxExists, mailboxNameInvalid. */
  async rename(account: AccountId, from: string, to: string): Promise<void> {
    const mailbox = await this.#named(account, from);
    if (mailbox.role !== 'inbox') {
      await this.#store.write(renameMailbox, { account, from: mailbox.name, to: canonicalName(to) });
      return this.refresh(account);
    }
    const made = await this.create(account, to);
    const uids = await this.#views.use(account, inboxNumber, (view) => allUids(view));
    await this.move(account, mailbox.id, uids, made.id);
  }

  /** Refusal: mailboxNotFound; `notAllowed` for INBOX; `conflict` while there are inferiors (RFC 9051, 6.3.5: HASCHILDREN). */
  async delete(account: AccountId, name: string): Promise<void> {
    const { name: found } = await this.#named(account, name);
    const mailbox = await this.#store.write(deleteMailbox, { account, name: found });
    await this.refresh(account);
    while (await this.#store.write(purge, { account, mailbox, limit: chunkMax }));
  }

  async subscribe(account: AccountId, name: string, subscribed: boolean): Promise<void> {
    await this.list(account);
    await this.#store.write(subscribeMailbox, { account, name: canonicalName(name), subscribed });
  }

  // --- An open mailbox

  /** Opens the shared view for one session. Dispose the session to let go. Refusal: mailboxNotFound. */
  async open(account: AccountId, mailbox: MailboxId): Promise<MailboxSession> {
    return this.#views.open(account, numberOf(mailbox));
  }

  /** Brings the account's views of this thread up to every write that has resolved anywhere. Cheap when nothing changed: call it before answering NOOP and the like. */
  refresh(account: AccountId): Promise<void> {
    return this.#views.refresh(account);
  }

  /** Calls back when anything of the account changed, whoever changed it. */
  onChange(account: AccountId, listener: () => void): Disposable {
    return this.#changes.on(account, listener);
  }

  /** Takes what is \Recent: messages from the returned uid on are recent to the caller alone (RFC 3501, 2.3.2). */
  /** The same for all accounts. */
  onAnyChange(listener: (account: AccountId) => void): Disposable {
    return this.#store.onHint('account', (key) => listener(key as AccountId));
  }

  async claimRecent(account: AccountId, mailbox: MailboxId): Promise<Uid> {
    const number = numberOf(mailbox);
    const box = await this.#store.read(() =>
      maybe<{ recent: number; next: number }>(
        'select recent_from as recent, uid_next as next from mailbox where account = ? and id = ?',
        account,
        number,
      ),
    );
    if (box === undefined || box.recent === box.next) return (box?.next ?? 1) as Uid;
    const from = await this.#store.write(claimRecent, { account, mailbox: number });
    this.#tree.forget(account);
    return from as Uid;
  }

  /** Octets of the messages with \Deleted. */
  deletedBytes(account: AccountId, mailbox: MailboxId): Promise<number> {
    return this.#views.use(account, numberOf(mailbox), (view) => {
      let bytes = 0;
      for (let at = 0; at < view.count; at++) if (view.systemFlagsAt(at) & deleted) bytes += view.sizeAt(at);
      return bytes;
    });
  }

  /** Uids expunged after `since`, ascending (RFC 7162, 3.2.6); undefined when the log no longer reaches back so far. */
  async expungedSince(
    account: AccountId,
    mailbox: MailboxId,
    since: number,
  ): Promise<readonly Uid[] | undefined> {
    const args = { account, mailbox: numberOf(mailbox), since };
    return (await this.#store.scan(expungedSince, args)) as readonly Uid[] | undefined;
  }

  // --- Messages

  /** A place for the bytes of an APPEND; `finish` it, `prepare` the result, then `append`. */
  bodyWriter(): BodyWriter {
    return this.#store.bodies.writer();
  }

  prepare(body: StoredBody): Promise<EmailFacts> {
    return prepareStored(this.#store.bodies, body);
  }

  /** All or none (RFC 3502). Refusal: mailboxFull, mailboxNotFound, limitReached. */
  append(account: AccountId, mailbox: MailboxId, messages: readonly NewMessage[]): Promise<Appended> {
    return this.#writer.append(account, mailbox, messages);
  }

  /** Whether `sizeBytes` more would fit: to refuse an APPEND before its literal. Throws Refusal mailboxFull. */
  async checkRoom(account: AccountId, sizeBytes: number): Promise<void> {
    const { usedBytes, limitBytes } = await this.quota(account);
    if (limitBytes > 0 && usedBytes + sizeBytes > limitBytes) {
      throw new Refusal('mailboxFull', `${sizeBytes} bytes do not fit in ${account}`);
    }
  }

  /** All or none. Refusal: mailboxNotFound, limitReached. */
  copy(
    account: AccountId,
    from: MailboxId,
    uids: Uids,
    to: MailboxId,
    by: { byFilter?: boolean } = {},
  ): Promise<Copied> {
    return this.#writer.copy(account, { from, uids, to, ...by });
  }

  /** Each message is moved whole or not at all, and is never in both mailboxes or in neither. Refusal: mailboxNotFound, limitReached. */
  move(
    account: AccountId,
    from: MailboxId,
    uids: Uids,
    to: MailboxId,
    by: { byFilter?: boolean } = {},
  ): Promise<Copied> {
    return this.#writer.move(account, { from, uids, to, ...by });
  }

  /** From one account to another, or with other flags: see writing/across.ts. Refusal: as `append`. */
  copyAcross(source: AcrossSource, target: AcrossTarget, how: AcrossHow): Promise<Copied> {
    const bodies = this.#store.bodies;
    return this.#views.use(source.account, numberOf(source.mailbox), (view) =>
      copyAcross({ mailboxes: this, bodies, view }, source, target, how),
    );
  }

  /** Refusal: mailboxNotFound, limitReached (keywords), invalid (not a keyword). */
  storeFlags(account: AccountId, mailbox: MailboxId, uids: Uids, change: FlagChange): Promise<FlagsStored> {
    return this.#writer.storeFlags(account, mailbox, { ...change, uids });
  }

  /** Expunges those of `uids` (all when undefined) that have \Deleted; with `always`, whatever their flags. Gives the uids that went. */
  async expunge(
    account: AccountId,
    mailbox: MailboxId,
    uids?: Uids,
    always = false,
  ): Promise<readonly Uid[]> {
    const number = numberOf(mailbox);
    const chosen = await this.#views.use(account, number, (view) => expungeable(view, uids, always));
    return this.#writer.expunge(account, number, { uids: chosen, always });
  }

  // --- Reading

  /** Envelope, structure and preview. An email that is gone is missing from the result. */
  details(
    account: AccountId,
    emails: readonly EmailNumber[],
  ): Promise<ReadonlyMap<EmailNumber, StoredDetails>> {
    return this.#emails.details(account, emails);
  }

  /** Where the bytes are; undefined when the email is gone. Small bodies come along. */
  body(account: AccountId, email: EmailNumber): Promise<StoredBody | undefined> {
    return this.#emails.body(account, email);
  }

  /** The same for some emails at once: small bodies of all of them are in memory together. */
  bodies(account: AccountId, emails: readonly EmailNumber[]): Promise<ReadonlyMap<EmailNumber, StoredBody>> {
    return this.#emails.bodies(account, emails);
  }

  /** Bytes [offset, offset + length) of a body, clipped to its size. */
  read(body: StoredBody, offset?: number, length?: number): Promise<Uint8Array> {
    return this.#store.bodies.read(body, offset, length);
  }

  stream(body: StoredBody, offset?: number): AsyncIterable<Uint8Array> {
    return this.#store.bodies.stream(body, offset);
  }

  /** Uids of the messages known to the session that match, ascending. Throws the signal's reason when aborted; Refusal limitReached. */
  search(session: MailboxSession, criterion: Criterion, watch?: SearchWatch): Promise<readonly Uid[]> {
    return searchMailbox(this.#searchPlace, session, criterion, watch);
  }

  /** What SORT and THREAD compare. An email that is gone may be missing from the result. */
  sortFacts(account: AccountId, emails: readonly EmailNumber[], signal?: AbortSignal): Promise<KnownFacts> {
    return this.#sortFacts.facts(account, emails, signal);
  }

  /** 0 lifts the limit. Mail that is there stays, however much. */
  async setQuota(account: AccountId, quotaBytes: number): Promise<void> {
    await this.#store.write(setQuota, { account, quotaBytes, nowMs: this.#clock.nowMs() });
  }

  /** Room taken by each of these accounts, those that have any mail or had some. */
  async usage(accounts: readonly AccountId[]): Promise<ReadonlyMap<AccountId, QuotaInfo>> {
    const found = await this.#store.scan(usageOf, { accounts });
    return new Map(found.map(({ account, ...usage }) => [account, usage]));
  }

  /** The most messages that may be stored; 0 lifts the limit. */
  async setMessageQuota(account: AccountId, emailsMax: number): Promise<void> {
    await this.list(account);
    await this.#store.write(setEmailsMax, { account, emailsMax });
  }

  async quota(account: AccountId): Promise<QuotaInfo> {
    const head = await this.#store.read(() =>
      maybe<{ used: number; quota: number; emails: number }>(
        'select used, quota, emails from account_store where account = ?',
        account,
      ),
    );
    return { usedBytes: head?.used ?? 0, limitBytes: head?.quota ?? 0, emails: head?.emails ?? 0 };
  }

  async countLimits(account: AccountId): Promise<CountLimits> {
    const head = await this.#store.read(() =>
      maybe<{ most: number }>('select quota_emails as most from account_store where account = ?', account),
    );
    return { emailsMax: head?.most ?? 0, mailboxesMax, annotationsMaxBytes: metadataMaxBytes };
  }

  async #named(account: AccountId, name: string): Promise<MailboxInfo> {
    const found = await this.find(account, name);
    if (found === undefined) throw new Refusal('mailboxNotFound', name);
    return found;
  }
}
