/** Searches the cards of an account by what is kept beside them. */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { type Param, rows, type Transaction } from '../../store/transaction.ts';
import type { FindField } from '../card-facts.ts';
import type { BookNumber, CardNumber } from '../ids.ts';
import { findFields } from '../migrations.ts';

export type CardCriterion =
  | { readonly is: 'and' | 'or' | 'not'; readonly of: readonly CardCriterion[] }
  | { readonly is: 'book'; readonly book: BookNumber }
  | { readonly is: 'uid' | 'kind' | 'member'; readonly value: string }
  | { readonly is: 'createdBefore' | 'createdFrom' | 'updatedBefore' | 'updatedFrom'; readonly atMs: number }
  /** All words, each somewhere in the field; in any field when there is none. Folded already. */
  | { readonly is: 'text'; readonly field?: FindField; readonly words: readonly string[] };

export interface FoundCard {
  readonly id: CardNumber;
  readonly books: readonly BookNumber[];
  readonly created: number;
  readonly updated: number;
  readonly given: string;
  readonly surname: string;
  readonly surname2: string;
}

export const searchCards = operation(
  'contact.search',
  function* (args: {
    account: AccountId;
    criterion: CardCriterion | undefined;
  }): Transaction<readonly FoundCard[]> {
    const { account, criterion } = args;
    const { sql, params } = criterion === undefined ? { sql: '1 = 1', params: [] } : condition(criterion);
    const found = yield* rows<Omit<FoundCard, 'books'>>(
      `select c.id as id, c.created as created, c.updated as updated, c.sort_given as given, c.sort_surname as surname, c.sort_surname2 as surname2
        from contact_card c where c.account = ? and (${sql}) order by c.id`,
      account,
      ...params,
    );
    const places = yield* rows<{ card: number; book: number }>(
      'select card, book from contact_in_book where account = ? order by card, book',
      account,
    );
    const books = new Map<number, number[]>();
    for (const { card, book } of places) {
      const known = books.get(card);
      if (known === undefined) books.set(card, [book]);
      else known.push(book);
    }
    return found.map((each) => ({ ...each, books: books.get(each.id) ?? [] }));
  },
);

interface Condition {
  readonly sql: string;
  readonly params: readonly Param[];
}

function condition(criterion: CardCriterion): Condition {
  switch (criterion.is) {
    case 'and':
    case 'or':
    case 'not':
      return combined(criterion.is, criterion.of.map(condition));
    case 'book':
      return {
        sql: 'exists (select 1 from contact_in_book i where i.account = c.account and i.card = c.id and i.book = ?)',
        params: [criterion.book],
      };
    case 'uid':
    case 'kind':
      return { sql: `c.${criterion.is} = ?`, params: [criterion.value] };
    case 'member':
      return like('members', `\n${criterion.value}\n`);
    case 'createdBefore':
      return { sql: 'c.created < ?', params: [criterion.atMs] };
    case 'createdFrom':
      return { sql: 'c.created >= ?', params: [criterion.atMs] };
    case 'updatedBefore':
      return { sql: 'c.updated < ?', params: [criterion.atMs] };
    case 'updatedFrom':
      return { sql: 'c.updated >= ?', params: [criterion.atMs] };
    default: {
      const { field, words } = criterion;
      const fields = field === undefined ? findFields : [field];
      return combined(
        'and',
        words.map((word) =>
          combined(
            'or',
            fields.map((each) => like(`find_${each}`, word)),
          ),
        ),
      );
    }
  }
}

/** None of none holds, all of none do. `not`: none of them holds (RFC 8620, 5.5). */
function combined(how: 'and' | 'or' | 'not', of: readonly Condition[]): Condition {
  const params = of.flatMap((each) => each.params);
  if (of.length === 0) return { sql: how === 'or' ? '1 = 0' : '1 = 1', params };
  const joined = of.map(({ sql }) => `(${sql})`).join(how === 'and' ? ' and ' : ' or ');
  return { sql: how === 'not' ? `not (${joined})` : joined, params };
}

const like = (column: string, text: string): Condition => ({
  sql: `c.${column} like ? escape '!'`,
  params: [`%${text.replace(/[!%_]/g, '!$&')}%`],
});
