/** The addresses that an account can be written to and may send as: its own, aliases of it, and those that an administrator granted. */
import { rows, type Transaction } from '../../store/transaction.ts';

/** More are not listed. */
const addressesMax = 100;

/** `name@domain`, its own name first; granted whole domains as `@domain`. */
export function* ownAddresses(account: string, org: string): Transaction<readonly string[]> {
  const own = yield* rows<{ local: string; domain: string }>(
    "select local, domain from address where account = ? and org = ? and kind = 'account' order by created_at, domain, local limit ?",
    account,
    org,
    addressesMax,
  );
  const names = own.map(({ local, domain }) => `${local}@${domain}`);
  const addresses = [...names];
  for (const target of names) {
    const aliases = yield* rows<{ local: string; domain: string }>(
      `select a.local as local, a.domain as domain from address_target t join address a on a.domain = t.domain and a.local = t.local
        where t.target = ? and a.kind = 'alias' and a.org = ? order by a.domain, a.local limit ?`,
      target,
      org,
      addressesMax,
    );
    addresses.push(...aliases.map(({ local, domain }) => `${local}@${domain}`));
  }
  const granted = yield* rows<{ address: string }>(
    'select address from send_as where account = ? and org = ? order by address limit ?',
    account,
    org,
    addressesMax,
  );
  return [...new Set([...addresses, ...granted.map(({ address }) => address)])].slice(0, addressesMax);
}
