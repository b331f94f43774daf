/** Sort facts of many emails: details are read and parsed on a scan thread, and only the facts come back. */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { rows, type Transaction } from '../../store/transaction.ts';
import type { EmailNumber } from '../ids.ts';
import { decodeDetails } from '../stored-details.ts';
import { type SortFacts, sortFactsOf } from '../sort-facts.ts';

/** Numbers of one `in` list. */
const listSize = 32;
const byList = `select id, details from email where account = ? and id in (${Array(listSize).fill('?').join(', ')})`;

interface DetailsRow {
  readonly id: number;
  readonly details: string;
}

export const readSortFacts = operation(
  'mailbox.readSortFacts',
  function* (args: {
    account: AccountId;
    emails: readonly EmailNumber[];
  }): Transaction<readonly (readonly [EmailNumber, SortFacts])[]> {
    const { account, emails } = args;
    const facts: (readonly [EmailNumber, SortFacts])[] = [];
    for (let at = 0; at < emails.length; at += listSize) {
      const some = emails.slice(at, at + listSize);
      const list = Array.from({ length: listSize }, (_, i) => some[Math.min(i, some.length - 1)]!);
      const found = yield* rows<DetailsRow>(byList, account, ...list);
      for (const each of found) facts.push([each.id, sortFactsOf(decodeDetails(each.details))]);
    }
    return facts;
  },
);
