import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { FilterRules } from '../filter-rules.ts';

/** Most servers have none at all. */
export function* hasFilterRules(): Transaction<boolean> {
  return (yield* rows('select org from filter_rules limit 1')).length > 0;
}

export function* findFilterRules(org: string): Transaction<FilterRules | undefined> {
  const found = yield* maybe<{ rules: string }>('select rules from filter_rules where org = ?', org);
  return found && (JSON.parse(found.rules) as FilterRules);
}

export function* domainNamesOf(org: string): Transaction<readonly string[]> {
  const found = yield* rows<{ name: string }>('select name from domain where org = ? order by name', org);
  return found.map(({ name }) => name);
}
