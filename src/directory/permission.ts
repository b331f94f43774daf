/** Who may do what: permissions by role. The console and the API ask here and nowhere else. */
import type { Role } from './account.ts';

export const permissions = [
  'org:read',
  'org:write',
  'domains:read',
  'domains:write',
  'accounts:read',
  'accounts:write',
  'addresses:read',
  'addresses:write',
  'rewrites:read',
  'rewrites:write',
  'keys:read',
  'keys:write',
  'audit:read',
  'queue:read',
  'queue:write',
  'quarantine:read',
  'quarantine:write',
  'journey:read',
  'stats:read',
  'webhooks:read',
  'webhooks:write',
  'send',
  'messages:read',
  'messages:manage',
  'suppressions:read',
  'suppressions:write',
] as const;
export type Permission = (typeof permissions)[number];

const readOnly = permissions.filter((each) => each.endsWith(':read'));

/** Secrets, who did what, and the text of other people's mail. */
const notForSupport: ReadonlySet<Permission> = new Set([
  'keys:read',
  'audit:read',
  'quarantine:read',
  'webhooks:read',
]);

/** Of one organisation. Owners differ from admins in what administration itself guards: making and unmaking owners. */
const granted: Record<Role, readonly Permission[]> = {
  owner: permissions,
  admin: permissions.filter((each) => each !== 'org:write'),
  developer: [
    'org:read',
    'domains:read',
    'addresses:read',
    'rewrites:read',
    'keys:read',
    'keys:write',
    'queue:read',
    'journey:read',
    'stats:read',
    'webhooks:read',
    'webhooks:write',
    'send',
    'messages:read',
    'messages:manage',
    'suppressions:read',
    'suppressions:write',
  ],
  marketer: [
    'org:read',
    'domains:read',
    'stats:read',
    'send',
    'messages:read',
    'messages:manage',
    'suppressions:read',
    'suppressions:write',
  ],
  support: readOnly.filter((each) => !notForSupport.has(each)),
  user: [],
};

export function permissionsOf(roles: readonly Role[]): ReadonlySet<Permission> {
  return new Set(roles.flatMap((role) => granted[role]));
}
