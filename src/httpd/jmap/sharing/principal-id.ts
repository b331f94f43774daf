/** Whom something is shared with, as an Id: an account's own, or `org-` and that of an organisation for all of it. */
import type { OrgId } from '../../../base/ids.ts';
import { allOfOrg } from '../../../contact/rights.ts';

export const principalOfOrg = (org: OrgId): string => `org-${org}`;
/** As shares are stored. */
export const principalOfShare = (stored: string): string => stored.replace(/^org:/, 'org-');
export const isAllOf = (org: OrgId, principal: string): boolean => principal === principalOfOrg(org);
export const storedShare = (org: OrgId, principal: string): string =>
  isAllOf(org, principal) ? allOfOrg(org) : principal;
