import { rows, type Transaction } from '../../store/transaction.ts';
import type { SenderRules } from '../sender-rules.ts';
import { existing } from '../write/change.ts';

interface RulesRow {
  readonly domain: string;
  readonly rules: string;
}

/** Most servers have none at all. */
export function* hasSenderRules(): Transaction<boolean> {
  return (yield* rows('select org from sender_rules limit 1')).length > 0;
}

/** The rules of the domain over those of the organisation; undefined when there are neither. */
export function* findSenderRules(org: string, domain: string): Transaction<SenderRules | undefined> {
  const found = yield* rows<RulesRow>(
    'select domain, rules from sender_rules where org = ? and domain in (?, ?)',
    org,
    '',
    domain,
  );
  const of = (name: string): SenderRules => {
    const row = found.find((one) => one.domain === name);
    return row === undefined ? {} : (JSON.parse(row.rules) as SenderRules);
  };
  return found.length === 0 ? undefined : merged(of(''), domain === '' ? {} : of(domain));
}

function merged(above: SenderRules, own: SenderRules): SenderRules {
  return {
    ...above,
    ...own,
    trustedForwarders: [...(own.trustedForwarders ?? []), ...(above.trustedForwarders ?? [])],
    senders: [...(own.senders ?? []), ...(above.senders ?? [])],
  };
}

/** What is set at this very place. Another organisation's domain does not exist. */
export function* ownSenderRules(org: string, domain: string): Transaction<SenderRules> {
  if (domain !== '')
    yield* existing('domain', 'select name from domain where name = ? and org = ?', domain, org);
  const [found] = yield* rows<RulesRow>(
    'select domain, rules from sender_rules where org = ? and domain = ?',
    org,
    domain,
  );
  return found === undefined ? {} : (JSON.parse(found.rules) as SenderRules);
}
