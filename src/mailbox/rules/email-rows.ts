/** All memberships of some emails, whichever mailboxes they are in. */
import type { AccountId } from '../../base/ids.ts';
import { batch, type Transaction } from '../../store/transaction.ts';
import type { EmailNumber, MailboxNumber } from '../ids.ts';
import { type MembershipRow, membershipColumns } from './uid-rows.ts';

/** Of an email, with its mailbox. */
export interface EmailRow extends MembershipRow {
  readonly mailbox: MailboxNumber;
}

/** Numbers of one `in` list. */
const listSize = 32;

const columns = membershipColumns
  .split(', ')
  .map((column) => `m.${column}`)
  .join(', ');
const marks = Array(listSize).fill('?').join(', ');
/**
 * Keys first, from the index by thread and email alone, then the rows by their keys: asked for rows at once, SQLite reads all of the account. `cross` keeps
 * it to this order.
 */
const byKeys = 'm.account = k.account and m.mailbox = k.mailbox and m.uid = k.uid';
const byEmails = `select m.mailbox, ${columns} from email e cross join membership k cross join membership m
  where e.account = ? and e.id in (${marks}) and k.account = e.account and k.thread = e.thread and k.email = e.id and ${byKeys}
  order by m.email, m.mailbox, m.uid`;
const byThreads = `select m.mailbox, ${columns} from membership k cross join membership m
  where k.account = ? and k.thread in (${marks}) and ${byKeys} order by m.thread, m.email, m.mailbox, m.uid`;

/** By email. Those that are gone are missing. */
export const rowsOfEmails = (
  account: AccountId,
  emails: readonly EmailNumber[],
): Transaction<readonly EmailRow[]> => listed(byEmails, account, emails);

/** Of all emails of these threads. */
export const rowsOfThreads = (
  account: AccountId,
  threads: readonly EmailNumber[],
): Transaction<readonly EmailRow[]> => listed(byThreads, account, threads);

function* listed(
  sql: string,
  account: AccountId,
  numbers: readonly number[],
): Transaction<readonly EmailRow[]> {
  const wanted = [...new Set(numbers)].sort((a, b) => a - b);
  const statements = [];
  for (let at = 0; at < wanted.length; at += listSize) {
    // The last is repeated: the text of the statement stays the same.
    const some = Array.from({ length: listSize }, (_, i) => wanted[Math.min(at + i, wanted.length - 1)]!);
    statements.push({ sql, params: [account, ...some] });
  }
  return (yield* batch(statements)).flat() as unknown as readonly EmailRow[];
}
