/** Writes of JMAP to an account's mail. They resolve when they are durable. */
import type { Clock } from '../../base/clock.ts';
import type { AccountId } from '../../base/ids.ts';
import type { Store } from '../../store/store.ts';
import type { EmailNumber, MailboxNumber } from '../ids.ts';
import { changeEmails, type ChangedEmails, destroyEmails, type EmailChange } from '../rules/change-emails.ts';
import { createEmail, type CreatedEmail } from '../rules/create-email.ts';
import type { Unchanged } from '../rules/if-unchanged.ts';
import { TreeChanges } from '../tree-changes.ts';
import type { NewMessage } from '../writing/message-writer.ts';

export interface WritingParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly refresh: (account: AccountId) => Promise<void>;
}

export class MailWriting {
  readonly tree: TreeChanges;
  readonly #parts: WritingParts;
  readonly #unchanged: Unchanged | undefined;

  constructor(parts: WritingParts, unchanged?: Unchanged) {
    this.#parts = parts;
    this.#unchanged = unchanged;
    this.tree = new TreeChanges(parts, unchanged);
  }

  /** The same writes, each of which is refused (`conflict` at `state`) when that has changed by then. */
  ifUnchanged(unchanged: Unchanged | undefined): MailWriting {
    return unchanged === undefined ? this : new MailWriting(this.#parts, unchanged);
  }

  /** Refusal: mailboxNotFound, mailboxFull, limitReached, invalid (a keyword). */
  async create(
    account: AccountId,
    mailboxes: readonly MailboxNumber[],
    message: NewMessage,
  ): Promise<CreatedEmail> {
    const { store, clock, refresh } = this.#parts;
    const unchanged = this.#unchanged;
    const made = await store.write(createEmail, {
      account,
      mailboxes,
      message,
      nowMs: clock.nowMs(),
      unchanged,
    });
    await refresh(account);
    return made;
  }

  /** Refusal: limitReached (keywords), invalid (a keyword). */
  async change(account: AccountId, changes: readonly EmailChange[]): Promise<ChangedEmails> {
    const { store, clock, refresh } = this.#parts;
    const unchanged = this.#unchanged;
    const done = await store.write(changeEmails, { account, changes, nowMs: clock.nowMs(), unchanged });
    await refresh(account);
    return done;
  }

  /** Gives those that were there. */
  async destroy(
    account: AccountId,
    emails: readonly EmailNumber[],
    within: readonly MailboxNumber[] | undefined,
  ): Promise<readonly EmailNumber[]> {
    const { store, refresh } = this.#parts;
    const gone = await store.write(destroyEmails, { account, emails, within, unchanged: this.#unchanged });
    await refresh(account);
    return gone;
  }
}
