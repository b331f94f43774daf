/**
 * What an address means, read from the store. The order: the address itself; the same in the domain that this one is an alias of; without its
 * subaddress; the names every domain has (RFC 5321, 4.5.1: postmaster; RFC 2142: abuse); a route to a program; the catch-all.
 */
import type { AccountId, OrgId } from '../../base/ids.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import { formatAddress, localKey, splitDetail, type Address } from '../address.ts';
import type { Language } from '../account.ts';
import type { RouteKind } from '../entities.ts';
import { hookAddress } from '../inbound.ts';
import type { Resolution } from '../resolution.ts';
import { inboundRouteFor } from './inbound.ts';

export interface DomainFound {
  readonly org: string;
  readonly alias_of: string;
  readonly separators: string;
  readonly catch_all: string;
  readonly case_sensitive: number;
}

interface AddressFound {
  readonly org: string;
  readonly kind: RouteKind | 'account';
  readonly account: string;
}

/** Besides those of the RFCs, where reports about the domain go. */
export const requiredNames: ReadonlySet<string> = new Set([
  'postmaster',
  'abuse',
  'dmarc-reports',
  'tls-reports',
]);

export function findDomain(name: string): Transaction<DomainFound | undefined> {
  return maybe<DomainFound>(
    'select org, alias_of, separators, catch_all, case_sensitive from domain where name = ?',
    name,
  );
}

export function* resolveAddress(address: Address): Transaction<Resolution> {
  const given = yield* findDomain(address.domain);
  if (!given) return { is: 'remote' };
  const home = given.alias_of === '' ? given : yield* findDomain(given.alias_of);
  if (!home) return { is: 'unknown' };
  const places: Place[] = [{ name: address.domain, facts: given }];
  if (given.alias_of !== '') places.push({ name: given.alias_of, facts: home });
  for (const local of spellings(address.local, given.separators)) {
    for (const place of places) {
      const found = yield* resolveAt(place, local);
      if (found) return found;
    }
  }
  return yield* resolveUnlisted(address, places.at(-1)!);
}

interface Place {
  readonly name: string;
  readonly facts: DomainFound;
}

interface Spelling {
  readonly local: string;
  readonly detail: string;
}

function spellings(local: string, separators: string): Spelling[] {
  const split = splitDetail(local, separators);
  const whole = { local, detail: '' };
  return split ? [whole, { local: split.base, detail: split.detail }] : [whole];
}

function* resolveAt(place: Place, { local, detail }: Spelling): Transaction<Resolution | undefined> {
  const key = localKey(local, place.facts.case_sensitive === 1);
  const found = yield* maybe<AddressFound>(
    'select org, kind, account from address where domain = ? and local = ?',
    place.name,
    key,
  );
  if (!found) return undefined;
  const address = formatAddress({ local: key, domain: place.name });
  if (found.kind === 'account') return yield* resolveAccount(found.account, { address, detail });
  const targets = yield* rows<{ target: string }>(
    'select target from address_target where domain = ? and local = ? order by position',
    place.name,
    key,
  );
  return {
    is: 'expanded',
    to: targets.map(({ target }) => target),
    why: found.kind,
    org: found.org as OrgId,
    address,
    mailboxDetail: detail,
  };
}

interface AccountFound {
  readonly org: string;
  readonly language: string;
  readonly disabled: number;
  readonly forward_keep: number;
}

function* resolveAccount(id: string, matched: { address: string; detail: string }): Transaction<Resolution> {
  const found = yield* maybe<AccountFound>(
    'select org, language, disabled, forward_keep from directory_account where id = ?',
    id,
  );
  if (!found) return { is: 'unknown' };
  const account = id as AccountId;
  const org = found.org as OrgId;
  if (found.disabled === 1) return { is: 'disabled', account, org };
  const { address, detail } = matched;
  const forward = yield* rows<{ target: string }>(
    'select target from account_forward where account = ? order by position',
    id,
  );
  if (forward.length === 0) {
    return {
      is: 'account',
      account,
      org,
      address,
      mailboxDetail: detail,
      language: found.language as Language,
    };
  }
  const to = forward.map(({ target }) => target);
  const kept = found.forward_keep === 1 ? { alsoAccount: account } : {};
  return { is: 'expanded', to, why: 'forward', org, ...kept, address, mailboxDetail: detail };
}

function* resolveUnlisted({ local }: Address, { name, facts }: Place): Transaction<Resolution> {
  const org = facts.org as OrgId;
  const address = formatAddress({ local: localKey(local, facts.case_sensitive === 1), domain: name });
  if (requiredNames.has(local.toLowerCase())) {
    const responsible = yield* responsibleFor(facts.org);
    if (responsible) return yield* resolveAccount(responsible, { address, detail: '' });
  }
  const route = yield* inboundRouteFor(name, local);
  if (route)
    return { is: 'expanded', to: [hookAddress(route.id)], why: 'hook', org, address, mailboxDetail: '' };
  if (facts.catch_all === '') return { is: 'unknown' };
  return { is: 'expanded', to: [facts.catch_all], why: 'catchAll', org, address, mailboxDetail: '' };
}

/** Who gets postmaster's mail when nobody was named: the organisation's first owner, else its first admin. */
function* responsibleFor(org: string): Transaction<string | undefined> {
  const found = yield* rows<{ id: string; roles: string }>(
    "select id, roles from directory_account where org = ? and disabled = 0 and (roles like '%owner%' or roles like '%admin%') order by id",
    org,
  );
  return (found.find(({ roles }) => roles.includes('owner')) ?? found[0])?.id;
}

/** `postmaster` without a domain (RFC 5321, 4.5.1): whoever is responsible in the organisation that runs the server. */
export function* resolvePostmaster(): Transaction<Resolution> {
  const org = yield* maybe<{ id: string }>('select id from org order by operator desc, id limit 1');
  const responsible = org && (yield* responsibleFor(org.id));
  return responsible
    ? yield* resolveAccount(responsible, { address: 'postmaster', detail: '' })
    : { is: 'unknown' };
}
