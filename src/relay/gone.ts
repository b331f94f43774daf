/** What is kept for organisations that are gone goes too. */
import type { Store } from '../store/store.ts';
import { dropTemplatesOfOrg, templatesOrgs } from './rows/gone.ts';

export async function dropTemplatesOfGoneOrgs(
  store: Pick<Store, 'write' | 'scan'>,
  isThere: (org: string) => Promise<boolean>,
): Promise<void> {
  for (const org of await store.scan(templatesOrgs, undefined))
    if (!(await isThere(org))) await store.write(dropTemplatesOfOrg, { org });
}
