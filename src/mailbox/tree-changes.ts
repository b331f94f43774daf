/** Changes of mailboxes that are named by their ids (RFC 8621, 2.5). */
import type { AccountId, MailboxId } from '../base/ids.ts';
import type { Store } from '../store/store.ts';
import { mailboxId, numberOfMailbox as numberOf } from './ids.ts';
import type { Role } from './mailbox.ts';
import { canonicalName } from './name.ts';
import { changeMailbox, createMailboxWith, destroyMailbox } from './rules/mailbox-set.ts';
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

  constructor(store: Store, refresh: (account: AccountId) => Promise<void>) {
    this.#store = store;
    this.#refresh = refresh;
  }

  /** `name` is the whole name. Refusal: mailboxExists, mailboxNameInvalid, limitReached, conflict (the role is taken). */
  async create(account: AccountId, name: string, given: MailboxProperties): Promise<MailboxId> {
    return mailboxId(
      await this.#store.write(createMailboxWith, { account, name: canonicalName(name), given }),
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
    });
    await this.#refresh(account);
  }

  /** Mail that is in no other mailbox goes with it, if it may. Refusal: mailboxNotFound, notAllowed (INBOX), conflict: inferiors, or `at: 'mail'`. */
  async destroy(account: AccountId, mailbox: MailboxId, withMail: boolean): Promise<void> {
    const number = numberOf(mailbox);
    await this.#store.write(destroyMailbox, { account, mailbox: number, withMail });
    await this.#refresh(account);
    while (await this.#store.write(purge, { account, mailbox: number, limit: chunkMax }));
    await this.#refresh(account);
  }
}
