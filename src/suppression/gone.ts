/** What is kept for organisations that are gone goes too. */
import type { Store } from '../store/store.ts';
import { dropSuppressionsOfOrg, suppressionsOrgs } from './rows/gone.ts';

export async function dropSuppressionsOfGoneOrgs(
  store: Pick<Store, 'write' | 'scan'>,
  isThere: (org: string) => Promise<boolean>,
): Promise<void> {
  for (const org of await store.scan(suppressionsOrgs, undefined))
    if (!(await isThere(org))) await store.write(dropSuppressionsOfOrg, { org });
}
