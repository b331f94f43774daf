/** Changes of mailboxes that are named by their ids (RFC 8621, 2.5). */
import type { AccountId, MailboxId } from '../base/ids.ts';
import type { Store } from '../store/store.ts';
import { mailboxId, numberOfMailbox as numberOf } from './ids.ts';
import type { Role } from './mailbox.ts';
import { canonicalName } from './name.ts';
import { changeMailbox, createMailboxWith, destroyMailbox } from './rules/mailbox-set.ts';
import type { Unchanged } from './rules/if-unchanged.ts';
import { purge } from './rules/remove.ts';
import { chunkMax } from './writing/message-writer.ts';

export interface MailboxProperties {
  /** `''` takes it away. */
  readonly role?: Role | '';
  readonly subscribed?: boolean;
  readonly sortOrder?: number;
}

export class TreeChanges {
  readonly #store: Store;
  readonly #refresh: (account: AccountId) => Promise<void>;
  readonly #unchanged: Unchanged | undefined;

  /** `unchanged`: what must not have changed when something is written, else `conflict` at `state`. */
  constructor(
    { store, refresh }: { readonly store: Store; readonly refresh: (account: AccountId) => Promise<void> },
    unchanged: Unchanged | undefined,
  ) {
    this.#store = store;
    this.#refresh = refresh;
    this.#unchanged = unchanged;
  }

  /** `name` is the whole name. Refusal: mailboxExists, mailboxNameInvalid, limitReached, conflict (the role is taken). */
  async create(account: AccountId, name: string, given: MailboxProperties): Promise<MailboxId> {
    const unchanged = this.#unchanged;
    return mailboxId(
      await this.#store.write(createMailboxWith, { account, name: canonicalName(name), given, unchanged }),
    );
  }

  /** All or nothing. Refusal: as `create`; mailboxNotFound; `notAllowed` for what INBOX keeps. */
  async change(
    account: AccountId,
    mailbox: MailboxId,
    name: string | undefined,
    given: MailboxProperties,
  ): Promise<void> {
    await this.#store.write(changeMailbox, {
      account,
      mailbox: numberOf(mailbox),
      name: name === undefined ? undefined : canonicalName(name),
      given,
      unchanged: this.#unchanged,
    });
    await this.#refresh(account);
  }

  /** Mail that is in no other mailbox goes with it, if it may. Refusal: mailboxNotFound, notAllowed (INBOX), conflict: inferiors, or `at: 'mail'`. */
  async destroy(account: AccountId, mailbox: MailboxId, withMail: boolean): Promise<void> {
    const number = numberOf(mailbox);
    const unchanged = this.#unchanged;
    await this.#store.write(destroyMailbox, { account, mailbox: number, withMail, unchanged });
    await this.#refresh(account);
    while (await this.#store.write(purge, { account, mailbox: number, limit: chunkMax }));
    await this.#refresh(account);
  }
}
