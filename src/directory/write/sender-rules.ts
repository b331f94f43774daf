import { operation } from '../../store/operation.ts';
import { rows, type Transaction } from '../../store/transaction.ts';
import type { SenderRules } from '../sender-rules.ts';
import { existing, recordChange, type Change } from './change.ts';

export interface PutSenderRules {
  readonly change: Change;
  readonly org: string;
  /** `''`: of the whole organisation. */
  readonly domain: string;
  readonly rules: SenderRules;
}

export const putSenderRules = operation(
  'directory.putSenderRules',
  function* ({ change, org, domain, rules }: PutSenderRules): Transaction<void> {
    const { name } = yield* existing<{ name: string }>(
      'organisation',
      'select name from org where id = ?',
      org,
    );
    if (domain !== '')
      yield* existing('domain', 'select name from domain where name = ? and org = ?', domain, org);
    yield* rows('delete from sender_rules where org = ? and domain = ?', org, domain);
    if (Object.keys(rules).length > 0) {
      yield* rows(
        'insert into sender_rules (org, domain, rules) values (?, ?, ?)',
        org,
        domain,
        JSON.stringify(rules),
      );
    }
    yield* recordChange(change, {
      org,
      action: 'senderRules.update',
      subject: domain || name,
      detail: { ...rules },
    });
  },
);
