/** What was expunged since a modseq, from the change log (RFC 7162, 3.2.6). */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { rows, type Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';
import { decodeNumbers } from '../rules/number-list.ts';
import { readHead } from './load.ts';

/** Ascending; undefined when the log does not reach back so far. May read the whole log, so it is an operation for `scan`. */
export const expungedSince = operation(
  'mailbox.expungedSince',
  function* (args: {
    account: AccountId;
    mailbox: MailboxNumber;
    since: number;
  }): Transaction<readonly number[] | undefined> {
    const { account, mailbox, since } = args;
    const head = yield* readHead(account);
    if (head === undefined || since < head.floor) return undefined;
    const lines = yield* rows<{ uids: string }>(
      `select uids from change where account = ? and version > ? and mailbox = ? and kind = 'expunged'`,
      account,
      since,
      mailbox,
    );
    return lines.flatMap((line) => decodeNumbers(line.uids)).sort((a, b) => a - b);
  },
);
