/** What is kept for organisations that are gone goes too. */
import type { Store } from '../store/store.ts';
import { dropEndpointsOfOrg, endpointsOrgs } from './rows/gone.ts';

export async function dropEndpointsOfGoneOrgs(
  store: Pick<Store, 'write' | 'scan'>,
  isThere: (org: string) => Promise<boolean>,
): Promise<void> {
  for (const org of await store.scan(endpointsOrgs, undefined))
    if (!(await isThere(org))) await store.write(dropEndpointsOfOrg, { org });
}
