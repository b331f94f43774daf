/** Addresses that lead elsewhere, and rules about addresses: aliases, groups, forwards, rewriting, sending as another. */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { batch, maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import type { Address } from '../address.ts';
import { localKey } from '../address.ts';
import type { Rewrite, RouteKind } from '../entities.ts';
import { freeAddress, ownAccount } from './account.ts';
import { existing, ownDomain, recordChange, type Change } from './change.ts';
import { canonicalTargets, dropMentions } from './mention.ts';

/** Rewrites of one organisation. */
const rewritesMax = 10_000;

export interface PutRoute {
  readonly change: Change;
  readonly org: string;
  readonly address: Address;
  readonly kind: RouteKind;
  readonly displayName: string;
  readonly targets: readonly string[];
  /** `create`: the address must be free. `replace`: there must be one of this kind. */
  readonly mode: 'create' | 'replace';
}

/** Gives the address as it is kept. */
export const putRoute = operation('directory.putRoute', function* (put: PutRoute): Transaction<string> {
  const { change, org, kind, displayName, mode } = put;
  const { domain } = put.address;
  const targets = yield* canonicalTargets(put.targets);
  const local = yield* mode === 'create' ? insertRoute(put) : replaceRoute(put);
  const address = `${local}@${domain}`;
  if (targets.includes(address)) throw new Refusal('invalid', 'leads to itself', { at: 'targets' });
  yield* rows('delete from address_target where domain = ? and local = ?', domain, local);
  yield* batch(
    targets.map((target, position) => ({
      sql: 'insert into address_target (domain, local, position, target) values (?, ?, ?, ?)',
      params: [domain, local, position, target],
    })),
  );
  const action = `${kind}.${mode === 'create' ? 'create' : 'update'}`;
  yield* recordChange(change, { org, action, subject: address, detail: { targets, displayName } });
  return address;
});

function* insertRoute({ change, org, address, kind, displayName }: PutRoute): Transaction<string> {
  const local = yield* freeAddress(org, address, 'address');
  yield* rows(
    "insert into address (domain, local, org, kind, account, display_name, created_at) values (?, ?, ?, ?, '', ?, ?)",
    address.domain,
    local,
    org,
    kind,
    displayName,
    change.atMs,
  );
  return local;
}

function* replaceRoute({ org, address, kind, displayName }: PutRoute): Transaction<string> {
  const local = yield* keyOf(org, address);
  yield* existing(
    kind,
    'update address set display_name = ? where domain = ? and local = ? and org = ? and kind = ? returning local',
    displayName,
    address.domain,
    local,
    org,
    kind,
  );
  return local;
}

function* keyOf(org: string, { local, domain }: Address): Transaction<string> {
  const facts = yield* maybe<{ case_sensitive: number }>(
    'select case_sensitive from domain where name = ? and org = ?',
    domain,
    org,
  );
  if (!facts) throw new Refusal('notFound', 'no such address');
  return localKey(local, facts.case_sensitive === 1);
}

interface DeleteRoute {
  readonly change: Change;
  readonly org: string;
  readonly address: Address;
  readonly kind: RouteKind;
}

export const deleteRoute = operation(
  'directory.deleteRoute',
  function* ({ change, org, address, kind }: DeleteRoute): Transaction<void> {
    const { domain } = address;
    const local = yield* keyOf(org, address);
    yield* existing(
      kind,
      'delete from address where domain = ? and local = ? and org = ? and kind = ? returning local',
      domain,
      local,
      org,
      kind,
    );
    yield* rows('delete from address_target where domain = ? and local = ?', domain, local);
    const subject = `${local}@${domain}`;
    const { left, removed, forwards, catchAlls } = yield* dropMentions(org, subject);
    const detail = { left, removed, forwards, catchAlls };
    yield* recordChange(change, { org, action: `${kind}.delete`, subject, detail });
  },
  { essential: true },
);

const domainOf = (source: string): string => source.slice(source.lastIndexOf('@') + 1);

/** Creates or replaces: the rule's key is its direction and what it rewrites. */
export const putRewrite = operation(
  'directory.putRewrite',
  function* ({ change, rewrite }: { change: Change; rewrite: Rewrite }): Transaction<void> {
    const { org, direction, from, to, where } = rewrite;
    yield* ownDomain(org, domainOf(from), 'from');
    const { total } = yield* row<{ total: number }>(
      'select count(*) as total from rewrite where org = ?',
      org,
    );
    if (total >= rewritesMax) throw new Refusal('limitReached', `${rewritesMax} rewriting rules`);
    yield* rows('delete from rewrite where direction = ? and source = ?', direction, from);
    yield* rows(
      'insert into rewrite (direction, source, org, target, place, created_at) values (?, ?, ?, ?, ?, ?)',
      direction,
      from,
      org,
      to,
      where,
      rewrite.createdAtMs,
    );
    yield* recordChange(change, {
      org,
      action: 'rewrite.put',
      subject: from,
      detail: { direction, to, where },
    });
  },
);

interface DeleteRewrite {
  readonly change: Change;
  readonly org: string;
  readonly direction: string;
  readonly from: string;
}

export const deleteRewrite = operation(
  'directory.deleteRewrite',
  function* ({ change, org, direction, from }: DeleteRewrite): Transaction<void> {
    yield* existing(
      'rewriting rule',
      'delete from rewrite where direction = ? and source = ? and org = ? returning source',
      direction,
      from,
      org,
    );
    yield* recordChange(change, { org, action: 'rewrite.delete', subject: from, detail: { direction } });
  },
);

interface SetSendAs {
  readonly change: Change;
  readonly org: string;
  readonly id: string;
  /** Addresses, or `@domain` for all of a domain. */
  readonly addresses: readonly string[];
}

/** Which further addresses an account may send as. Only those of the organisation's own domains. */
export const setSendAs = operation(
  'directory.setSendAs',
  function* ({ change, org, id, addresses }: SetSendAs): Transaction<void> {
    const { name } = yield* ownAccount(org, id);
    for (const address of addresses) yield* ownDomain(org, domainOf(address), 'addresses');
    yield* rows('delete from send_as where account = ?', id);
    yield* batch(
      addresses.map((address) => ({
        sql: 'insert into send_as (account, address, org) values (?, ?, ?)',
        params: [id, address, org],
      })),
    );
    yield* recordChange(change, { org, action: 'account.sendAs', subject: name, detail: { addresses } });
  },
);
