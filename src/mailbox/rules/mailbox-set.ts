/** Mailboxes by their ids, several of their properties in one step (RFC 8621, 2.5). Names are canonical. */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';
import type { Role } from '../mailbox.ts';
import { bump } from './head.ts';
import { mustBeUnchanged, type Unchanged } from './if-unchanged.ts';
import { createMailbox, deleteMailbox, logMailbox, renameMailbox, setRole } from './tree.ts';

interface Properties {
  readonly role?: Role | '';
  readonly subscribed?: boolean;
  readonly sortOrder?: number;
}

/** Refusal: as `mailbox.create`. */
export const createMailboxWith = operation(
  'mailbox.createWith',
  function* (args: {
    account: AccountId;
    name: string;
    given: Properties;
    unchanged?: Unchanged | undefined;
  }): Transaction<MailboxNumber> {
    const { account, name, given } = args;
    yield* mustBeUnchanged(account, args.unchanged);
    const { role = '', subscribed = true, sortOrder = 0 } = given;
    const mailbox = yield* createMailbox.body({ account, name, role, subscribed });
    // What waited for this name is settled by what is given now.
    yield* rows(
      'update mailbox set sort_order = ?, subscribed = ? where account = ? and id = ?',
      sortOrder,
      subscribed ? 1 : 0,
      account,
      mailbox,
    );
    return mailbox;
  },
);

/** Refusal: mailboxNotFound; as `mailbox.rename` and `mailbox.setRole`. */
export const changeMailbox = operation(
  'mailbox.change',
  function* (args: {
    account: AccountId;
    mailbox: MailboxNumber;
    name: string | undefined;
    given: Properties;
    unchanged?: Unchanged | undefined;
  }): Transaction<void> {
    const { account, mailbox, name, given } = args;
    yield* mustBeUnchanged(account, args.unchanged);
    const box = yield* maybe<{ name: string; role: string; subscribed: number; sort: number }>(
      'select name, role, subscribed, sort_order as sort from mailbox where account = ? and id = ?',
      account,
      mailbox,
    );
    if (box === undefined) throw new Refusal('mailboxNotFound', `${mailbox}`);
    if (name !== undefined && name !== box.name)
      yield* renameMailbox.body({ account, from: box.name, to: name, takesSubscriptions: true });
    if (given.role !== undefined && given.role !== box.role)
      yield* setRole.body({ account, mailbox, role: given.role });
    const subscribed = given.subscribed === undefined ? box.subscribed : given.subscribed ? 1 : 0;
    const sort = given.sortOrder ?? box.sort;
    if (subscribed === box.subscribed && sort === box.sort) return;
    yield* rows(
      'update mailbox set subscribed = ?, sort_order = ? where account = ? and id = ?',
      subscribed,
      sort,
      account,
      mailbox,
    );
    yield* logMailbox(account, yield* bump(account), 'mailboxChanged', [mailbox]);
  },
);

/** Its messages follow in pieces (`purge`). Refusal: mailboxNotFound; `conflict` with inferiors, or with mail unless it may go. */
export const destroyMailbox = operation(
  'mailbox.destroy',
  function* (args: {
    account: AccountId;
    mailbox: MailboxNumber;
    withMail: boolean;
    unchanged?: Unchanged | undefined;
  }): Transaction<void> {
    const { account, mailbox } = args;
    yield* mustBeUnchanged(account, args.unchanged);
    const box = yield* maybe<{ name: string; shown: number }>(
      'select name, total - deleted as shown from mailbox where account = ? and id = ?',
      account,
      mailbox,
    );
    if (box === undefined) throw new Refusal('mailboxNotFound', `${mailbox}`);
    if (box.shown > 0 && !args.withMail) throw new Refusal('conflict', 'there is mail in it', { at: 'mail' });
    yield* deleteMailbox.body({ account, name: box.name });
    // Who names mailboxes by id has no use for a subscription of the name alone.
    yield* rows('delete from subscription where account = ? and name = ?', account, box.name);
  },
  { essential: true },
);
