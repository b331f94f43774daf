import { operation } from '../../store/operation.ts';
import { rows, type Transaction } from '../../store/transaction.ts';
import type { FilterRules } from '../filter-rules.ts';
import { existing, recordChange, type Change } from './change.ts';

export interface PutFilterRules {
  readonly change: Change;
  readonly org: string;
  readonly rules: FilterRules;
}

export const putFilterRules = operation(
  'directory.putFilterRules',
  function* ({ change, org, rules }: PutFilterRules): Transaction<void> {
    const { name } = yield* existing<{ name: string }>(
      'organisation',
      'select name from org where id = ?',
      org,
    );
    yield* rows('delete from filter_rules where org = ?', org);
    if (Object.keys(rules).length > 0)
      yield* rows('insert into filter_rules (org, rules) values (?, ?)', org, JSON.stringify(rules));
    yield* recordChange(change, { org, action: 'filterRules.update', subject: name, detail: { ...rules } });
  },
);
