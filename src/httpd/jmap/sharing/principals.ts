/** Principal (RFC 9670, 2): the people of one's organisation, and the organisation itself, as those whom something is shared with. */
import { createHash } from 'node:crypto';
import { invalidArguments, MethodError } from '../../../proto/jmap/method-error.ts';
import { SetError } from '../../../proto/jmap/method-error.ts';
import type { HttpParts } from '../../parts.ts';
import type { JmapUser } from '../method.ts';
import { type Call, type JmapRecord, type RecordChanging } from '../records.ts';
import { notFound } from '../set-error.ts';
import { matching, type SearchType, sorted } from '../searches.ts';
import { principalOfOrg } from './principal-id.ts';

export type PrincipalParts = Pick<HttpParts, 'administration' | 'directory' | 'mailboxes' | 'contacts'>;

export interface Principal extends JmapRecord {
  readonly type: 'individual' | 'group';
  readonly name: string;
  readonly description: string | null;
  readonly email: string | null;
  readonly timeZone: null;
  readonly capabilities: Readonly<Record<string, object>>;
  readonly accounts: Readonly<Record<string, object>> | null;
}

const properties = ['type', 'name', 'description', 'email', 'timeZone', 'capabilities', 'accounts'];
/** People of one organisation that are looked through. */
const peopleMax = 5000;
const pageMax = 500;

export const ownerUri = 'urn:ietf:params:jmap:principals:owner';

export function principals(parts: PrincipalParts): RecordChanging {
  return {
    name: 'Principal',
    properties,
    state: (call) => principalState(parts, call),
    get: async (call, ids) =>
      (await principalsOf(parts, call)).filter(({ id }) => ids === undefined || ids.includes(id)),
    async create() {
      throw new SetError('forbidden', 'an administrator makes accounts');
    },
    async update(call, id) {
      await existing(parts, call, id);
      throw new SetError('forbidden', 'an administrator changes accounts');
    },
    async destroy(call, id) {
      await existing(parts, call, id);
      throw new SetError('forbidden', 'an administrator deletes accounts');
    },
  };
}

async function existing(parts: PrincipalParts, call: Call, id: string): Promise<void> {
  if (!(await principalsOf(parts, call)).some((each) => each.id === id)) throw notFound();
}

/** There is no history of an organisation's people: the state says whether they are the same. */
export async function principalState(parts: PrincipalParts, call: Call): Promise<string> {
  const text = JSON.stringify(await principalsOf(parts, call));
  return createHash('sha256').update(text).digest('base64url').slice(0, 22);
}

async function principalsOf(
  { administration, directory }: PrincipalParts,
  { account, context }: Call,
): Promise<readonly Principal[]> {
  if (!account.isPersonal) return [];
  const { user } = context;
  const org = await directory.org(user.org);
  const accounts = new Map((await context.accounts()).map((each) => [each.id as string, each]));
  const people: Principal[] = [];
  for (let after: string | undefined; people.length < peopleMax; ) {
    const page = await administration.accounts.list(user.org, {
      limit: pageMax,
      ...(after !== undefined && { after }),
    });
    for (const each of page.items) {
      if (each.disabled) continue;
      const seen = accounts.get(each.id);
      people.push({
        id: each.id,
        type: 'individual',
        name: each.displayName || each.name,
        description: null,
        email: each.name,
        timeZone: null,
        capabilities: { [ownerUri]: { accountIdForPrincipal: account.id, principalId: each.id } },
        accounts:
          seen === undefined
            ? null
            : {
                [each.id]: {
                  name: seen.name,
                  isPersonal: seen.isPersonal,
                  isReadOnly: seen.isReadOnly,
                  accountCapabilities: {},
                },
              },
      });
    }
    if (page.next === undefined) break;
    after = page.next;
  }
  return [...people, everybody(user, org?.name ?? '')];
}

/** All of an organisation, so that something can be shared with everybody. */
const everybody = ({ org }: JmapUser, name: string): Principal => ({
  id: principalOfOrg(org),
  type: 'group',
  name,
  description: null,
  email: null,
  timeZone: null,
  capabilities: {},
  accounts: null,
});

export function principalSearch(parts: PrincipalParts): SearchType {
  return {
    sortable: ['name', 'email', 'type'],
    state: (call) => principalState(parts, call),
    async find(call, { filter, sort }) {
      const fits = matching(filter, condition);
      const found = (await principalsOf(parts, call)).filter(fits);
      const ordered = sorted(found, sort, (each, property) =>
        (each[property as 'name' | 'email' | 'type'] ?? '').toLowerCase(),
      );
      return ordered.map(({ id }) => id);
    },
  };
}

function condition(name: string, value: unknown): (each: Principal) => boolean {
  if (name === 'accountIds') {
    if (!Array.isArray(value)) throw invalidArguments('accountIds is a list of Ids');
    return ({ accounts }) => value.some((id) => accounts !== null && Object.hasOwn(accounts, String(id)));
  }
  if (!['email', 'name', 'text', 'type', 'timeZone'].includes(name))
    throw new MethodError('unsupportedFilter', name);
  if (typeof value !== 'string') throw invalidArguments(`${name} is a String`);
  const wanted = value.toLowerCase();
  const has = (text: string | null): boolean => text !== null && text.toLowerCase().includes(wanted);
  switch (name) {
    case 'email':
      return ({ email }) => has(email);
    case 'name':
      return (each) => has(each.name);
    case 'text':
      return (each) => has(each.name) || has(each.email) || has(each.description);
    case 'type':
      return ({ type }) => type === value;
    default:
      return () => false;
  }
}
