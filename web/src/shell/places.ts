/** Where one can go: the rail, the sections of the console, and the palette are made from this. */
import {
  IconAddressBook,
  IconAdjustments,
  IconBan,
  IconBuilding,
  IconChartHistogram,
  IconSend,
  IconFilter,
  IconGauge,
  IconHistory,
  IconHome,
  IconKey,
  IconListSearch,
  IconPlugConnected,
  IconShieldCheck,
  IconStack2,
  IconTemplate,
  IconUsers,
  IconWebhook,
  IconWorldWww,
  type Icon,
} from '@tabler/icons-react';

export type Group = 'watch' | 'deliver' | 'people' | 'connect' | 'system';

export interface Place {
  /** Key of its name in the shell's words, `places.<name>`. */
  readonly name: string;
  readonly path: string;
  readonly icon: Icon;
  readonly group: Group;
  /** Who may not, does not see it; the API refuses all the same. Absent: everybody of the console. */
  readonly permission?: string;
  /** For operators alone. */
  readonly operator?: boolean;
  /** The key after `g` that leads there. */
  readonly key?: string;
  /** Other addresses that belong to it. */
  readonly also?: RegExp;
}

export const places: readonly Place[] = [
  { name: 'home', path: '/console', icon: IconHome, group: 'watch', key: 'h' },
  {
    name: 'log',
    path: '/console/log',
    also: /^\/console\/journey\//,
    icon: IconListSearch,
    group: 'watch',
    permission: 'journey:read',
    key: 'l',
  },
  {
    name: 'queue',
    path: '/console/queue',
    icon: IconStack2,
    group: 'watch',
    permission: 'queue:read',
    key: 'q',
  },
  {
    name: 'quarantine',
    path: '/console/quarantine',
    icon: IconShieldCheck,
    group: 'watch',
    permission: 'quarantine:read',
    key: 'z',
  },
  {
    name: 'domains',
    path: '/console/domains',
    icon: IconWorldWww,
    group: 'deliver',
    permission: 'domains:read',
    key: 'd',
  },
  {
    name: 'deliverability',
    path: '/console/deliverability',
    icon: IconSend,
    group: 'deliver',
    permission: 'stats:read',
    key: 'v',
  },
  {
    name: 'reports',
    path: '/console/reports',
    icon: IconChartHistogram,
    group: 'deliver',
    permission: 'domains:read',
    key: 'r',
  },
  {
    name: 'sending',
    path: '/console/sending',
    icon: IconGauge,
    group: 'deliver',
    permission: 'accounts:read',
    key: 's',
  },
  {
    name: 'suppressions',
    path: '/console/suppressions',
    icon: IconBan,
    group: 'deliver',
    permission: 'suppressions:read',
    key: 'p',
  },
  {
    name: 'accounts',
    path: '/console/accounts',
    icon: IconUsers,
    group: 'people',
    permission: 'accounts:read',
    key: 'a',
  },
  {
    name: 'addresses',
    path: '/console/addresses',
    icon: IconAddressBook,
    group: 'people',
    permission: 'addresses:read',
    key: 'e',
  },
  {
    name: 'scripts',
    path: '/console/scripts',
    icon: IconFilter,
    group: 'people',
    permission: 'domains:read',
    key: 'i',
  },
  { name: 'keys', path: '/console/keys', icon: IconKey, group: 'connect', permission: 'keys:read', key: 'k' },
  {
    name: 'programs',
    path: '/console/programs',
    icon: IconPlugConnected,
    group: 'connect',
    permission: 'messages:read',
    key: 'c',
  },
  {
    name: 'templates',
    path: '/console/templates',
    icon: IconTemplate,
    group: 'connect',
    permission: 'messages:read',
    key: 't',
  },
  {
    name: 'webhooks',
    path: '/console/webhooks',
    icon: IconWebhook,
    group: 'connect',
    permission: 'webhooks:read',
    key: 'w',
  },
  {
    name: 'audit',
    path: '/console/audit',
    icon: IconHistory,
    group: 'system',
    permission: 'audit:read',
    key: 'u',
  },
  {
    name: 'settings',
    path: '/console/settings',
    icon: IconAdjustments,
    group: 'system',
    permission: 'org:read',
  },
  {
    name: 'organisations',
    path: '/console/organisations',
    icon: IconBuilding,
    group: 'system',
    operator: true,
  },
];

export const groups: readonly Group[] = ['watch', 'deliver', 'people', 'connect', 'system'];

export interface Visitor {
  readonly operator: boolean;
  readonly permissions: readonly string[];
}

export function placesFor({ operator, permissions }: Visitor): readonly Place[] {
  return places.filter(
    (place) =>
      (place.permission === undefined || permissions.includes(place.permission)) &&
      (place.operator !== true || operator),
  );
}

/** Whether there is anything in the console for this person. */
export function hasConsole({ permissions }: Visitor): boolean {
  return permissions.length > 0;
}
