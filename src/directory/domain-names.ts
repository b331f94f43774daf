/** The names of all domains, for those who serve something under each: certificates, policies. */
import { rows, type Transaction } from '../store/transaction.ts';

/** In the order of their names, A-labels; `after` is the last of the page before, `''` for the first. */
export function* domainNames(after: string, limit: number): Transaction<readonly string[]> {
  const found = yield* rows<{ name: string }>(
    'select name from domain where name > ? order by name limit ?',
    after,
    limit,
  );
  return found.map(({ name }) => name);
}
