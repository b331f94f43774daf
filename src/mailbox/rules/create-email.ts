/** A new email in one or several mailboxes at once (RFC 8621, 4.6 and 4.8). */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import type { Transaction } from '../../store/transaction.ts';
import type { EmailNumber, MailboxNumber } from '../ids.ts';
import { addEmails, type NewEmail } from './add.ts';
import { mailboxesOf, mustHave } from './change-emails.ts';
import { membershipRows } from './uid-rows.ts';
import { addMemberships } from './transfer.ts';
import { mustBeUnchanged, type Unchanged } from './if-unchanged.ts';

export interface CreatedEmail {
  readonly version: number;
  readonly email: EmailNumber;
  readonly thread: EmailNumber;
}

/** Refusal: mailboxNotFound, mailboxFull, limitReached, invalid (a keyword). */
export const createEmail = operation(
  'mailbox.createEmail',
  function* (args: {
    account: AccountId;
    /** At least one. */
    mailboxes: readonly MailboxNumber[];
    message: NewEmail;
    nowMs: number;
    unchanged?: Unchanged | undefined;
  }): Transaction<CreatedEmail> {
    const { account, message, nowMs } = args;
    yield* mustBeUnchanged(account, args.unchanged);
    const [first, ...others] = args.mailboxes as [MailboxNumber, ...MailboxNumber[]];
    const added = yield* addEmails({ account, mailbox: first, nowMs }, [message]);
    const [row] = yield* membershipRows(account, first, [added.firstUid]);
    const boxes = yield* mailboxesOf(account);
    for (const to of others) {
      const { keywords } = mustHave(boxes, to);
      yield* addMemberships({ account, to }, { version: added.version, keywords, nowMs }, [row!]);
    }
    return { version: added.version, email: added.firstEmail, thread: row!.thread };
  },
);
