/** urn:ietf:params:jmap:quota (RFC 9425): room for mail, number of messages, and room for contacts. */
import { createHash } from 'node:crypto';
import { usedMaxBytes } from '../../contact/limits.ts';
import { invalidArguments, MethodError } from '../../proto/jmap/method-error.ts';
import type { HttpParts } from '../parts.ts';
import type { Capability } from './method.ts';
import {
  type Call,
  changesMethod,
  getMethod,
  type JmapRecord,
  type RecordChanges,
  type RecordReading,
} from './records.ts';
import { matching, queryChangesMethod, queryMethod, type SearchType, sorted } from './searches.ts';

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
  const search: SearchType = {
    sortable: ['name', 'used'],
    state: (call) => stateOf(parts, call),
    changes: (call, since) => quotaChanges(parts, call, since),
    async find(call, { filter, sort }) {
      const fits = matching(filter, condition);
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
      'Quota/changes': changesMethod((call, since) => quotaChanges(parts, call, since)),
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

/** One word for the limits, and one for what is used of them. */
async function stateOf(parts: QuotaParts, call: Call): Promise<string> {
  const quotas = await quotasOf(parts, call);
  const limits = quotas.map((each) => [each.id, each['hardLimit']]);
  return wordFor(limits) + wordFor(quotas.map(({ used }) => used));
}

const wordChars = 11;
const wordFor = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, wordChars);

/** There is no history of limits: whoever knows others reads them all anew. */
async function quotaChanges(parts: QuotaParts, call: Call, since: string): Promise<QuotaChanges | undefined> {
  const newState = await stateOf(parts, call);
  if (since.slice(0, wordChars) !== newState.slice(0, wordChars)) return undefined;
  const isSame = since === newState;
  const updated = isSame ? [] : (await quotasOf(parts, call)).map(({ id }) => id);
  const updatedProperties = isSame ? null : ['used'];
  return { created: [], updated, destroyed: [], newState, hasMoreChanges: false, updatedProperties };
}

interface QuotaChanges extends RecordChanges {
  readonly updatedProperties: readonly string[] | null;
}

function condition(name: string, value: unknown): (each: Quota) => boolean {
  if (!['name', 'scope', 'resourceType', 'type'].includes(name))
    throw new MethodError('unsupportedFilter', name);
  if (typeof value !== 'string') throw invalidArguments(`${name} is a String`);
  if (name === 'type') return ({ types }) => types.includes(value);
  if (name === 'name') return (each) => each.name.toLowerCase().includes(value.toLowerCase());
  return (each) => each[name as 'scope' | 'resourceType'] === value;
}
