/** APPEND: messages that a client gives, all or none (RFC 9051, 6.3.12; RFC 3502). */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import type { Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';
import { type Added, addEmails, type NewEmail } from './add.ts';

export const append = operation(
  'mailbox.append',
  function* (args: {
    account: AccountId;
    mailbox: MailboxNumber;
    messages: readonly NewEmail[];
    nowMs: number;
  }): Transaction<Added> {
    return yield* addEmails(args, args.messages);
  },
);
