/**
 * An account's mail as JMAP sees it: emails with ids, each once, whatever mailboxes they are in; threads; what changed since a state (RFC 8621).
 *
 * The same rows and views as IMAP's, so that both agree at every instant. `readable` are the mailboxes whose mail the asking one may read; undefined: all.
 * Writes resolve when they are durable.
 */
import { type AccountId, newSecret } from '../base/ids.ts';
import type { StoredBody } from '../store/body.ts';
import { batch, maybe, rows } from '../store/transaction.ts';
import { findEmails } from './account/find-emails.ts';
import type { MailboxCounts } from './account/mailbox-counts.ts';
import { MailMaps } from './account/mail-maps.ts';
import { MailWriting, type WritingParts } from './account/mail-writing.ts';
import { type AccountChanges, accountChanges } from './changes/account-changes.ts';
import { parseState } from './changes/since.ts';
import type { Criterion } from './criterion.ts';
import type { EmailQuery } from './email-filter.ts';
import { deleted } from './flags.ts';
import type { EmailNumber, MailboxNumber } from './ids.ts';
import type { KnownFacts } from './known-facts.ts';
import type { MailboxSession } from './mailbox-session.ts';
import { isUnchanged, type Unchanged } from './rules/if-unchanged.ts';
import { type EmailRow, rowsOfEmails, rowsOfThreads } from './rules/email-rows.ts';
import { putUpload } from './rules/upload.ts';
import { readHead } from './view/load.ts';
import type { Views } from './view/views.ts';

export type { AccountChanges, Changed } from './changes/account-changes.ts';
export { formatState } from './changes/since.ts';
export type { EmailChange } from './rules/change-emails.ts';
export type { MailWriting } from './account/mail-writing.ts';
export type { Unchanged } from './rules/if-unchanged.ts';
export type { MailboxCounts } from './account/mailbox-counts.ts';
export type { EmailRow } from './rules/email-rows.ts';

export interface Upload {
  readonly id: string;
  readonly type: string;
  readonly sizeBytes: number;
  readonly body: StoredBody;
}

type Readable = readonly MailboxNumber[] | undefined;

export interface AccountMailParts extends WritingParts {
  readonly views: Views;
  readonly search: (session: MailboxSession, criterion: Criterion) => Promise<readonly number[]>;
  readonly sortFacts: (account: AccountId, emails: readonly EmailNumber[]) => Promise<KnownFacts>;
}

/** More ranges of uids would be slower than none. */
const rangesMax = 200;

export class AccountMail extends MailWriting {
  readonly #parts: AccountMailParts;
  readonly #maps: MailMaps;

  constructor(parts: AccountMailParts) {
    super(parts);
    this.#parts = parts;
    this.#maps = new MailMaps(parts);
  }

  /** The state of all that is told here. */
  async version(account: AccountId): Promise<number> {
    const head = await this.#parts.store.read(() => readHead(account));
    return head?.version ?? 0;
  }

  /** Undefined: it cannot be calculated. */
  async changes(account: AccountId, state: string, readable: Readable): Promise<AccountChanges | undefined> {
    const since = parseState(state);
    if (since === undefined) return undefined;
    return this.#parts.store.scan(accountChanges, { account, since, readable });
  }

  /** Whether a client that has this state has missed nothing of that kind. */
  isUnchanged(account: AccountId, known: Unchanged): Promise<boolean> {
    return this.#parts.store.scan(isUnchanged, { account, known });
  }

  /** Memberships that are shown, by email: those that are not there are missing. */
  async emails(
    account: AccountId,
    emails: readonly EmailNumber[],
    readable: Readable,
  ): Promise<ReadonlyMap<EmailNumber, readonly EmailRow[]>> {
    const found = await this.#parts.store.read(() => rowsOfEmails(account, emails));
    return Map.groupBy(await this.#shown(account, found, readable), ({ email }) => email);
  }

  /** The same of all emails of threads, by thread. */
  async threads(
    account: AccountId,
    threads: readonly EmailNumber[],
    readable: Readable,
  ): Promise<ReadonlyMap<EmailNumber, readonly EmailRow[]>> {
    const found = await this.#parts.store.read(() => rowsOfThreads(account, threads));
    return Map.groupBy(await this.#shown(account, found, readable), ({ thread }) => thread);
  }

  /** Threads with emails that have or name one of these Message-IDs (`messageIdHash`). */
  async threadsNaming(account: AccountId, hashes: readonly number[]): Promise<readonly EmailNumber[]> {
    const found = await this.#parts.store.read(() =>
      batch(
        hashes.map((hash) => ({
          sql: 'select thread from thread_ref where account = ? and hash = ?',
          params: [account, hash],
        })),
      ),
    );
    return [...new Set(found.flat().map((row) => row['thread'] as EmailNumber))];
  }

  /** Numbers of emails, in order, and the version at which this holds. */
  async query(
    account: AccountId,
    query: EmailQuery,
    readable: Readable,
  ): Promise<{ readonly emails: Uint32Array; readonly version: number }> {
    const map = await this.#maps.map(account, readable);
    const emails = await findEmails(
      {
        account,
        map,
        searchTexts: (criterion, among) => this.#searchTexts(account, criterion, { among, readable }),
        sortFacts: (wanted) => this.#parts.sortFacts(account, wanted),
      },
      query,
    );
    return { emails, version: map.version };
  }

  /** By mailbox; those without mail are missing. */
  async counts(
    account: AccountId,
    trash: MailboxNumber | undefined,
    readable: Readable,
  ): Promise<ReadonlyMap<MailboxNumber, MailboxCounts>> {
    return (await this.#maps.map(account, readable)).counts(trash);
  }

  /** Refusal: limitReached. */
  async upload(account: AccountId, type: string, body: StoredBody): Promise<Upload> {
    const { store, clock } = this.#parts;
    // In one piece: ids of its parts are behind a hyphen.
    const id = newSecret(18).replaceAll(/[-_]/g, 'z');
    const sizeBytes = body.is === 'inline' ? body.bytes.length : body.sizeBytes;
    await store.write(putUpload, { account, id, type, sizeBytes, body, nowMs: clock.nowMs() });
    return { id, type, sizeBytes, body };
  }

  async uploaded(account: AccountId, id: string): Promise<Upload | undefined> {
    const found = await this.#parts.store.read(() =>
      maybe<{ type: string; size: number; body: Uint8Array | null; file: string | null }>(
        'select type, size, body, body_file as file from upload where account = ? and id = ?',
        account,
        id,
      ),
    );
    if (found === undefined) return undefined;
    const { type, size, body, file } = found;
    const stored: StoredBody =
      file === null ? { is: 'inline', bytes: body! } : { is: 'file', name: file, sizeBytes: size };
    return { id, type, sizeBytes: size, body: stored };
  }

  async #shown(
    account: AccountId,
    found: readonly EmailRow[],
    readable: Readable,
  ): Promise<readonly EmailRow[]> {
    const boxes = await this.#mailboxes(account, readable);
    return found.filter(({ flags, mailbox }) => (flags & deleted) === 0 && boxes.has(mailbox));
  }

  async #mailboxes(account: AccountId, readable: Readable): Promise<ReadonlySet<MailboxNumber>> {
    const found = await this.#parts.store.read(() =>
      rows<{ id: number }>('select id from mailbox where account = ?', account),
    );
    return new Set(found.map(({ id }) => id).filter((id) => readable?.includes(id) ?? true));
  }

  async #searchTexts(
    account: AccountId,
    criterion: Criterion,
    { among, readable }: { readonly among: Uint8Array; readonly readable: Readable },
  ): Promise<ReadonlySet<EmailNumber>> {
    const { views, search } = this.#parts;
    const found = new Set<EmailNumber>();
    const looked = new Set<EmailNumber>();
    for (const mailbox of await this.#mailboxes(account, readable)) {
      using session = await views.open(account, mailbox).catch(() => undefined);
      if (session === undefined) continue;
      const { view } = session;
      const ranges: [number, number][] = [];
      for (let at = 0; at < view.count; at++) {
        const email = view.emailAt(at);
        if (among[email] !== 1 || looked.has(email)) continue;
        looked.add(email);
        const uid = view.uidAt(at);
        const last = ranges.at(-1);
        if (last !== undefined && last[1] === (at === 0 ? -1 : view.uidAt(at - 1))) last[1] = uid;
        else ranges.push([uid, uid]);
      }
      if (ranges.length === 0) continue;
      const within: Criterion =
        ranges.length > rangesMax ? criterion : { is: 'and', of: [{ is: 'uid', ranges }, criterion] };
      for (const uid of await search(session, within)) {
        const at = view.positionOf(uid);
        if (at !== -1) found.add(view.emailAt(at));
      }
    }
    return found;
  }
}
