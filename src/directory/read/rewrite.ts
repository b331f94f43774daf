/** Canonical rewriting and the right to send as an address, read from the store. */
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import { formatAddress, type Address } from '../address.ts';

interface RuleRow {
  readonly target: string;
  readonly place: string;
}

/** Whether there is any rule: most servers have none, and then no address needs to be looked up. */
export function* hasRules(direction: string): Transaction<boolean> {
  return (yield* rows('select 1 as found from rewrite where direction = ? limit 1', direction)).length > 0;
}

/** The address that the rules make of this one; the rule of the address itself goes before that of its domain. */
export function* rewritten(
  { local, domain }: Address,
  { direction, where }: { direction: string; where: string },
): Transaction<string | undefined> {
  const sql = 'select target, place from rewrite where direction = ? and source = ?';
  for (const source of [`${local.toLowerCase()}@${domain}`, `@${domain}`]) {
    const rule = yield* maybe<RuleRow>(sql, direction, source);
    if (rule && (rule.place === 'both' || rule.place === where)) {
      return rule.target.startsWith('@') ? local + rule.target : rule.target;
    }
  }
  return undefined;
}

/** Whether an administrator lets the account send as this address, or as any of its domain. */
export function* isGrantedSender(account: string, org: string, address: Address): Transaction<boolean> {
  const { local, domain } = address;
  const found = yield* rows(
    `select send_as.address from send_as, domain where send_as.account = ? and send_as.address in (?, ?)
     and domain.name = ? and domain.org = ?`,
    account,
    formatAddress({ local: local.toLowerCase(), domain }),
    `@${domain}`,
    domain,
    org,
  );
  return found.length > 0;
}
