/**
 * What organisations and domains leave in other parts when they are deleted: looked for once a day, so that nothing depends on who deleted them, or on a crash while
 * it was done. What accounts leave goes at once: account-care.ts.
 */
import { systemClock } from '../base/clock.ts';
import type { OrgId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { Directory } from '../directory/directory.ts';
import { dropLessonsOfGoneOrgs } from '../policy/lessons.ts';
import { dropSendingOfGoneOrgs } from '../policy/sending.ts';
import { dropTemplatesOfGoneOrgs } from '../relay/gone.ts';
import { dropReportsOfGone } from '../reporting/received-reports.ts';
import type { Store } from '../store/store.ts';
import { dropSuppressionsOfGoneOrgs } from '../suppression/gone.ts';
import { dropEndpointsOfGoneOrgs } from '../webhook/gone.ts';

export async function forgetGoneOwners(store: Store, log: Log): Promise<void> {
  using directory = new Directory({ store, clock: systemClock, log, metrics: noMetrics });
  // What belongs to none is the server's own.
  const isThere = async (org: string): Promise<boolean> =>
    org === '' || (await directory.org(org as OrgId)) !== undefined;
  await dropReportsOfGone(store, (domain) => directory.orgOf(domain));
  await dropSendingOfGoneOrgs(store, isThere);
  await dropLessonsOfGoneOrgs(store, isThere);
  await dropTemplatesOfGoneOrgs(store, isThere);
  await dropSuppressionsOfGoneOrgs(store, isThere);
  await dropEndpointsOfGoneOrgs(store, isThere);
}
