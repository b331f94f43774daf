/**
 * Mail that moves in from other servers and files, with what is known of where it came from (rules/import.ts). Beside `Mailboxes`, as it is for
 * whoever moves mail, not for mailers.
 */
import type { Clock } from '../base/clock.ts';
import type { AccountId, MailboxId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Store } from '../store/store.ts';
import { joinKeywords, splitKeywords, type Flags } from './flags.ts';
import { mailboxId, numberOfMailbox as numberOf } from './ids.ts';
import type { MailboxInfo, Role } from './mailbox.ts';
import type { Mailboxes } from './mailboxes.ts';
import { canonicalName } from './name.ts';
import {
  forgetImported,
  type ImportedEmail,
  importedRow,
  importedRows,
  type ImportedRow,
  importMessages,
  keyMaxChars,
  noteImportedFlags,
  type Taken,
  yieldRole,
} from './rules/import.ts';
import { isUidl } from './rules/pop3-uidl.ts';
import { setRole } from './rules/tree.ts';

export type { ImportedEmail, Taken } from './rules/import.ts';

/** A message of a source that came, and what has become of it. */
export interface Imported {
  readonly key: string;
  readonly mailbox: MailboxId;
  readonly uid: number;
  /** Of its bytes when they came. */
  readonly hash: string;
  /** As the source had them. */
  readonly flags: Flags;
  /** Undefined: it is gone from that mailbox. */
  readonly now:
    | { readonly sizeBytes: number; readonly receivedAtMs: number; readonly flags: Flags }
    | undefined;
}

export interface WantedMailbox {
  readonly name: string;
  readonly role?: Role;
  readonly subscribed: boolean;
}

/** Messages that one transaction adds at most: nobody else waits long for the writer. */
export const importMax = 100;
const sourceMaxChars = 500;
const forgetMax = 500;

export class Imports {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #mailboxes: Mailboxes;

  constructor(parts: { readonly store: Store; readonly clock: Clock; readonly mailboxes: Mailboxes }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#mailboxes = parts.mailboxes;
  }

  /**
   * Makes a mailbox if it is not there, with its superiors. It gets the role if nobody has it, or a mailbox that was never used: what an account starts with goes,
   * where the mail that moves in has its own for that.
   */
  async ensureMailbox(account: AccountId, { name, role, subscribed }: WantedMailbox): Promise<MailboxInfo> {
    const boxes = this.#mailboxes;
    const wanted = canonicalName(name);
    await boxes.list(account);
    const mayHave = role !== undefined && role !== 'inbox' && (await this.#freeRole(account, role, wanted));
    const found = await boxes.find(account, wanted);
    if (found === undefined) return boxes.create(account, wanted, { subscribed, ...(mayHave && { role }) });
    if (subscribed && !found.subscribed) await boxes.subscribe(account, wanted, true);
    if (mayHave && found.role === undefined)
      await this.#store.write(setRole, { account, mailbox: numberOf(found.id), role });
    return (await boxes.get(account, found.id)) ?? found;
  }

  /** False when a mailbox that is in use has the role, or one that has others below it. */
  async #freeRole(account: AccountId, role: Role, wanted: string): Promise<boolean> {
    try {
      return await this.#store.write(yieldRole, { account, role, wanted });
    } catch (error) {
      if (error instanceof Refusal && error.reason === 'conflict') return false;
      throw error;
    } finally {
      await this.#mailboxes.refresh(account);
    }
  }

  /** All or none; what had come before does not come again. Refusal: mailboxFull, mailboxNotFound, limitReached, invalid. */
  async take(
    to: { readonly account: AccountId; readonly mailbox: MailboxId; readonly source: string },
    messages: readonly ImportedEmail[],
  ): Promise<readonly Taken[]> {
    checkSource(to.source);
    for (const { key, uidl } of messages) {
      if (key === '' || key.length > keyMaxChars) throw new Refusal('invalid', 'not a key', { at: 'key' });
      if (uidl !== undefined && !isUidl(uidl)) throw new Refusal('invalid', uidl, { at: 'uidl' });
    }
    if (messages.length > importMax) throw new Refusal('limitReached', `more than ${importMax} messages`);
    const { account, source } = to;
    const args = { account, source, mailbox: numberOf(to.mailbox), messages, nowMs: this.#clock.nowMs() };
    const taken = await this.#store.write(importMessages, args);
    await this.#mailboxes.refresh(account);
    return taken;
  }

  /** What came from a source, by key, from behind `after` on. */
  async page(
    account: AccountId,
    source: string,
    { after, limit }: { readonly after: string; readonly limit: number },
  ): Promise<readonly Imported[]> {
    const found = await this.#store.scan(importedRows, { account, source, after, limit });
    return found.map(shown);
  }

  async find(account: AccountId, source: string, key: string): Promise<Imported | undefined> {
    const found = await this.#store.read(() => importedRow({ account, source, key }));
    return found && shown(found);
  }

  /**
   * The source has other flags than when the messages came: those that were added there are added here, those that went there go here, and what was changed
   * here alone stays.
   */
  async followFlags(
    account: AccountId,
    source: string,
    changes: readonly { readonly imported: Imported; readonly flags: Flags }[],
  ): Promise<void> {
    for (const { imported, flags } of changes) {
      const { mailbox, uid, now, flags: before } = imported;
      if (now === undefined) continue;
      const change = (how: 'add' | 'remove', wanted: Flags): Promise<unknown> =>
        this.#mailboxes.storeFlags(account, mailbox, [uid], { how, flags: wanted });
      await change('add', without(flags, before));
      await change('remove', without(before, flags));
    }
    const noted = changes.map(({ imported, flags }) => ({
      key: imported.key,
      system: flags.system,
      keywords: joinKeywords(flags.keywords),
    }));
    await this.#store.write(noteImportedFlags, { account, source, flags: noted });
  }

  /** What is imported from there afterwards comes again. */
  async forget(account: AccountId, source: string): Promise<void> {
    while (await this.#store.write(forgetImported, { account, source, limit: forgetMax }));
  }
}

function checkSource(source: string): void {
  if (source === '' || source.length > sourceMaxChars)
    throw new Refusal('invalid', 'not the name of a source', { at: 'source' });
}

function shown(row: ImportedRow): Imported {
  const { size, received, nowFlags, nowKeywords } = row;
  return {
    key: row.key,
    mailbox: mailboxId(row.mailbox),
    uid: row.uid,
    hash: row.hash,
    flags: { system: row.flags, keywords: splitKeywords(row.keywords) },
    now:
      size === null
        ? undefined
        : {
            sizeBytes: size,
            receivedAtMs: received ?? 0,
            flags: { system: nowFlags ?? 0, keywords: splitKeywords(nowKeywords ?? '') },
          },
  };
}

function without(flags: Flags, others: Flags): Flags {
  const gone = new Set(others.keywords.map((each) => each.toLowerCase()));
  return {
    system: flags.system & ~others.system,
    keywords: flags.keywords.filter((each) => !gone.has(each.toLowerCase())),
  };
}
