/** Taking away the contacts of an account that is gone, and checking what is counted. */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../../store/transaction.ts';

/** Tables that an account that is gone leaves no row in. */
export const emptiedTables: readonly string[] = [
  'contact_in_book',
  'contact_card',
  'contact_book_view',
  'contact_book',
  'contact_change',
  'contact_shared_by',
  'contact_head',
];

export const dropContacts = operation(
  'contact.drop',
  function* ({ account }: { account: AccountId }): Transaction<void> {
    for (const table of emptiedTables) yield* rows(`delete from ${table} where account = ?`, account);
  },
  { essential: true },
);

/** What is counted in the head and is otherwise by the rows. */
export const checkContacts = operation(
  'contact.check',
  function* ({ account }: { account: AccountId }): Transaction<readonly string[]> {
    const head = yield* maybe<{ cards: number; used: number; default_book: number }>(
      'select cards, used, default_book from contact_head where account = ?',
      account,
    );
    if (head === undefined) return [];
    const real = yield* row<{ cards: number; used: number | null }>(
      'select count(*) as cards, sum(size) as used from contact_card where account = ?',
      account,
    );
    const lost = yield* row<{ count: number }>(
      `select count(*) as count from contact_card c where c.account = ?
        and not exists (select 1 from contact_in_book i where i.account = c.account and i.card = c.id)`,
      account,
    );
    const problems: string[] = [];
    if (head.cards !== real.cards)
      problems.push(`${head.cards} contacts are counted, there are ${real.cards}`);
    if (head.used !== (real.used ?? 0))
      problems.push(`${head.used} octets of contacts are counted, there are ${real.used ?? 0}`);
    if (lost.count > 0) problems.push(`${lost.count} contacts are in no address book`);
    return problems;
  },
);
