/**
 * Who may see and change a mailbox, and the reverse: which owners share something with an account.
 *
 * The list of a mailbox lies in its owner's partition and is the truth. `shared_by` lies in that of who was given something (for `anyone`, in one of the
 * organisation) and only says where to look: it is written after, by an operation of its own, and again by the daily care, so a crash in between loses nothing.
 */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';
import { aclMax, changedRights, formatAcl, parseAcl } from '../rights.ts';
import { bump } from './head.ts';
import { logMailbox } from './tree.ts';

export const setRights = operation(
  'mailbox.setRights',
  function* (args: {
    account: AccountId;
    mailbox: MailboxNumber;
    identifier: string;
    how: 'replace' | 'add' | 'remove';
    rights: string;
    /** Rights from which `add` and `remove` start when there is no entry yet: the owner's. */
    otherwise: string;
    /** Takes the entry away. */
    drop: boolean;
  }): Transaction<void> {
    const { account, mailbox, identifier } = args;
    const box = yield* maybe<{ acl: string }>(
      'select acl from mailbox where account = ? and id = ?',
      account,
      mailbox,
    );
    if (box === undefined) throw new Refusal('mailboxNotFound', `${mailbox}`);
    const acl = parseAcl(box.acl);
    const before = acl.find((each) => each.identifier === identifier)?.rights ?? args.otherwise;
    const rights = changedRights(before, args.how, args.rights);
    const others = acl.filter((each) => each.identifier !== identifier);
    // An entry without rights says something only where it holds something back.
    const says = rights !== '' || args.otherwise !== '';
    const next = args.drop || !says ? others : [...others, { identifier, rights }];
    if (next.length > aclMax) throw new Refusal('limitReached', `more than ${aclMax} entries`);
    const stored = formatAcl(next);
    if (stored === box.acl) return;
    yield* rows('update mailbox set acl = ? where account = ? and id = ?', stored, account, mailbox);
    yield* logMailbox(account, yield* bump(account), 'mailboxChanged', [mailbox]);
  },
);

/** `account` is who was given something, or the name of a group of accounts. */
export const noteShared = operation(
  'mailbox.noteShared',
  function* (args: { account: string; owner: AccountId; shares: boolean }): Transaction<void> {
    if (args.shares) {
      yield* rows(
        'insert into shared_by (account, owner) values (?, ?) on conflict do nothing',
        args.account,
        args.owner,
      );
    } else yield* rows('delete from shared_by where account = ? and owner = ?', args.account, args.owner);
  },
);
