/**
 * Beside the mail itself: who may see which mailbox, annotations, and settings of how an account is read.
 */
import type { AccountId, MailboxId, OrgId } from '../base/ids.ts';
import type { Store } from '../store/store.ts';
import { maybe, rows } from '../store/transaction.ts';
import { type MailboxNumber, numberOfMailbox as numberOf } from './ids.ts';
import { allOf, parseAcl } from './rights.ts';
import { setAccessSetting } from './rules/access-setting.ts';
import { noteShared, setRights } from './rules/access.ts';
import { setPop3Uidls } from './rules/pop3-uidl.ts';
import { accountItself, type MetadataChange, setMetadata } from './rules/metadata.ts';

export type { MetadataChange } from './rules/metadata.ts';

export interface RightsChange {
  /** See rights.ts. */
  readonly identifier: string;
  readonly how: 'replace' | 'add' | 'remove';
  readonly rights: string;
  /** What it has while there is no entry. */
  readonly otherwise: string;
  readonly drop?: boolean;
}

export interface MetadataEntry {
  readonly who: string;
  readonly entry: string;
  readonly value: Uint8Array;
}

/** Names of settings of an account. */
export type AccessSetting =
  /** IMAP capabilities that are not offered to it, separated by blanks. */
  | 'imap.without'
  /** IMAP capabilities that are offered to it alone. */
  | 'imap.with'
  /** Conversations are written down until this moment, in milliseconds since 1970. */
  | 'transcript.until'
  /** Name of the mailbox that POP3 shows. */
  | 'pop3.mailbox'
  /** POP3 shows messages of so many days. */
  | 'pop3.days'
  /** POP3: what was retrieved is deleted when it is so many days old; 0 at the end of the session that retrieved it. */
  | 'pop3.expire';

export class MailAccess {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Refusal: mailboxNotFound, limitReached. */
  async setRights(owner: AccountId, mailbox: MailboxId, change: RightsChange): Promise<void> {
    const { drop = false, ...rest } = change;
    await this.#store.write(setRights, { account: owner, mailbox: numberOf(mailbox), drop, ...rest });
    await this.#noteShared(owner, change.identifier);
  }

  /** Accounts that share something with this one, or with its organisation. What exactly, their mailboxes say. */
  async sharers(account: AccountId, org: OrgId): Promise<readonly AccountId[]> {
    const found = await this.#store.read(() =>
      rows<{ owner: AccountId }>(
        'select owner from shared_by where account = ? or account = ?',
        account,
        allOf(org),
      ),
    );
    return [...new Set(found.map(({ owner }) => owner))].filter((owner) => owner !== account).sort();
  }

  /** Of a mailbox, or of the account itself. */
  async metadata(
    account: AccountId,
    mailbox: MailboxId | undefined,
    who: AccountId,
  ): Promise<readonly MetadataEntry[]> {
    const found = await this.#store.read(() =>
      rows(
        `select who, entry, value from metadata where account = ? and mailbox = ? and (who = '' or who = ?) order by entry`,
        account,
        numberFor(mailbox),
        who,
      ),
    );
    return found as unknown as readonly MetadataEntry[];
  }

  async setMetadata(
    account: AccountId,
    mailbox: MailboxId | undefined,
    changes: readonly MetadataChange[],
  ): Promise<void> {
    await this.#store.write(setMetadata, { account, mailbox: numberFor(mailbox), changes });
  }

  /** Octets of all annotations in an account. */
  async metadataBytes(account: AccountId): Promise<number> {
    const found = await this.#store.read(() =>
      maybe<{ bytes: number | null }>(
        'select sum(length(value)) as bytes from metadata where account = ?',
        account,
      ),
    );
    return found?.bytes ?? 0;
  }

  async settings(account: AccountId): Promise<ReadonlyMap<AccessSetting, string>> {
    const found = await this.#store.read(() =>
      rows<{ name: AccessSetting; value: string }>(
        'select name, value from access_setting where account = ?',
        account,
      ),
    );
    return new Map(found.map(({ name, value }) => [name, value]));
  }

  /** Unique ids for POP3 that are not our own, by uid. */
  async pop3Uidls(account: AccountId, mailbox: MailboxId): Promise<ReadonlyMap<number, string>> {
    const found = await this.#store.read(() =>
      rows<{ uid: number; uidl: string }>(
        'select uid, uidl from pop3_uidl where account = ? and mailbox = ?',
        account,
        numberOf(mailbox),
      ),
    );
    return new Map(found.map(({ uid, uidl }) => [uid, uidl]));
  }

  /** For mail that was moved here: the ids it had where it came from. Refusal: invalid, conflict, mailboxNotFound. */
  async setPop3Uidls(
    account: AccountId,
    mailbox: MailboxId,
    uidls: readonly (readonly [uid: number, uidl: string])[],
  ): Promise<void> {
    await this.#store.write(setPop3Uidls, { account, mailbox: numberOf(mailbox), uidls });
  }

  /** An empty value takes the setting away. */
  async setSetting(account: AccountId, name: AccessSetting, value: string): Promise<void> {
    await this.#store.write(setAccessSetting, { account, name, value });
  }

  /** Calls back when settings of an account changed, from whichever thread. */
  onSettings(listener: (account: AccountId) => void): Disposable {
    return this.#store.onHint('access', (key) => listener(key as AccountId));
  }

  async #noteShared(owner: AccountId, identifier: string): Promise<void> {
    if (identifier.startsWith('-') || identifier === owner) return;
    const lists = await this.#store.read(() =>
      rows<{ acl: string }>(`select acl from mailbox where account = ? and acl <> ''`, owner),
    );
    const shares = lists.some(({ acl }) => parseAcl(acl).some((each) => each.identifier === identifier));
    await this.#store.write(noteShared, { account: identifier, owner, shares });
  }
}

const numberFor = (mailbox: MailboxId | undefined): MailboxNumber =>
  mailbox === undefined ? accountItself : numberOf(mailbox);
