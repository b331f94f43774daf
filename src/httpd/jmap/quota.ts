/** urn:ietf:params:jmap:quota (RFC 9425): room for mail, number of messages, and room for contacts. */
import { createHash } from 'node:crypto';
import { usedMaxBytes } from '../../contact/limits.ts';
import { invalidArguments, MethodError } from '../../proto/jmap/method-error.ts';
import type { HttpParts } from '../parts.ts';
import type { Capability } from './method.ts';
import { type Call, changesMethod, getMethod, type JmapRecord, type RecordReading } from './records.ts';
import { queryChangesMethod, queryMethod, type Filter, sorted } from './searches.ts';

type QuotaParts = Pick<HttpParts, 'mailboxes' | 'contacts'>;

interface Quota extends JmapRecord {
  readonly name: string;
  readonly resourceType: 'octets' | 'count';
  readonly scope: 'account';
  readonly types: readonly string[];
  readonly used: number;
}

const properties = [
  'resourceType',
  'used',
  'hardLimit',
  'scope',
  'name',
  'types',
  'warnLimit',
  'softLimit',
  'description',
];
/** Share of the limit at which a client may warn. */
const warnShare = 0.9;

export function quota(parts: QuotaParts): Capability {
  const reading: RecordReading = {
    name: 'Quota',
    properties,
    state: (call) => stateOf(parts, call),
    get: async (call, ids) =>
      (await quotasOf(parts, call)).filter(({ id }) => ids === undefined || ids.includes(id)),
  };
  const search = {
    sortable: ['name', 'used'],
    state: (call: Call) => stateOf(parts, call),
    async find(call: Call, { filter, sort }: Parameters<Parameters<typeof queryMethod>[0]['find']>[1]) {
      const fits = filter === undefined ? () => true : matcher(filter);
      const found = (await quotasOf(parts, call)).filter(fits);
      return sorted(found, sort, (each, property) => each[property as 'name' | 'used']).map(({ id }) => id);
    },
  };
  return {
    uri: 'urn:ietf:params:jmap:quota',
    ofServer: {},
    ofAccount: async ({ isPersonal }) => (isPersonal ? {} : undefined),
    methods: {
      'Quota/get': getMethod(reading),
      'Quota/changes': changesMethod(async (call, since) => {
        if (!/^[\w-]{22}$/.test(since)) return undefined;
        const newState = await stateOf(parts, call);
        // They come and go with limits: whoever knows another state reads them all anew.
        if (newState !== since) return undefined;
        return {
          created: [],
          updated: [],
          destroyed: [],
          newState,
          hasMoreChanges: false,
          updatedProperties: null,
        };
      }),
      'Quota/query': queryMethod(search),
      'Quota/queryChanges': queryChangesMethod(search),
    },
  };
}

async function quotasOf({ mailboxes, contacts }: QuotaParts, { account }: Call): Promise<readonly Quota[]> {
  if (!account.isPersonal) return [];
  const [{ usedBytes, limitBytes, emails }, { emailsMax }, contactBytes] = await Promise.all([
    mailboxes.quota(account.id),
    mailboxes.countLimits(account.id),
    contacts.usedBytes(account.id),
  ]);
  const all = [
    limitBytes > 0 && of('octets', { name: 'Mail', used: usedBytes, limit: limitBytes, types: ['Email'] }),
    emailsMax > 0 && of('count', { name: 'Messages', used: emails, limit: emailsMax, types: ['Email'] }),
    of('octets', { name: 'Contacts', used: contactBytes, limit: usedMaxBytes, types: ['ContactCard'] }),
  ];
  return all.filter((each) => each !== false);
}

function of(
  resourceType: 'octets' | 'count',
  is: {
    readonly name: string;
    readonly used: number;
    readonly limit: number;
    readonly types: readonly string[];
  },
): Quota {
  const { name, used, limit, types } = is;
  return {
    id: name.toLowerCase(),
    resourceType,
    used,
    hardLimit: limit,
    warnLimit: Math.floor(limit * warnShare),
    softLimit: null,
    scope: 'account',
    name,
    types,
    description: null,
  };
}

async function stateOf(parts: QuotaParts, call: Call): Promise<string> {
  const text = JSON.stringify(await quotasOf(parts, call));
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

function matcher(filter: Filter<Readonly<Record<string, unknown>>>): (each: Quota) => boolean {
  if (filter.is === 'condition') {
    const all = Object.entries(filter.condition).map(([name, value]) => condition(name, value));
    return (each) => all.every((fits) => fits(each));
  }
  const parts = filter.of.map(matcher);
  if (filter.is === 'and') return (each) => parts.every((fits) => fits(each));
  const some = (each: Quota): boolean => parts.some((fits) => fits(each));
  return filter.is === 'or' ? some : (each) => !some(each);
}

function condition(name: string, value: unknown): (each: Quota) => boolean {
  if (!['name', 'scope', 'resourceType', 'type'].includes(name))
    throw new MethodError('unsupportedFilter', name);
  if (typeof value !== 'string') throw invalidArguments(`${name} is a String`);
  if (name === 'type') return ({ types }) => types.includes(value);
  if (name === 'name') return (each) => each.name.toLowerCase().includes(value.toLowerCase());
  return (each) => each[name as 'scope' | 'resourceType'] === value;
}
