/** Administration of aliases, groups and forwards. */
import type { OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { maybe } from '../../store/transaction.ts';
import type { Actor } from '../actor.ts';
import { localKey } from '../address.ts';
import type { Page, Route, RouteKind } from '../entities.ts';
import { listRoutes, withTargets } from '../read/list.ts';
import { deleteRoute, putRoute, type PutRoute } from '../write/route.ts';
import { checkedAddress, checkedName, checkedTargets, type Office, type PageQuery } from './office.ts';

const targetsMax: Record<RouteKind, number> = { alias: 100, group: 2000, forward: 100 };

/** Names one alias, group or forward of an organisation. */
export interface RouteRef {
  readonly org: OrgId;
  readonly kind: RouteKind;
  readonly address: string;
}

export interface RouteInput {
  readonly targets: readonly string[];
  readonly displayName?: string;
}

/** The key that lists are sorted by: domain, then local part. */
function keyOf({ address }: Route): string {
  const at = address.lastIndexOf('@');
  return `${address.slice(at + 1)} ${address.slice(0, at)}`;
}

export class Routes {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  list(org: OrgId, kind: RouteKind, query: PageQuery = {}): Promise<Page<Route>> {
    return this.#office.page(listRoutes, `${org} ${kind}`, { query, keyOf });
  }

  async get({ org, kind, address }: RouteRef): Promise<Route> {
    const { local, domain } = checkedAddress(address, 'address');
    const found = await this.#office.store.read(function* () {
      const facts = yield* maybe<{ case_sensitive: number }>(
        'select case_sensitive from domain where name = ?',
        domain,
      );
      const row = yield* maybe<Parameters<typeof withTargets>[0]>(
        'select domain, local, org, kind, display_name, created_at from address where domain = ? and local = ? and org = ? and kind = ?',
        domain,
        localKey(local, facts?.case_sensitive === 1),
        org,
        kind,
      );
      return row && (yield* withTargets(row));
    });
    if (!found) throw new Refusal('notFound', `no such ${kind}`);
    return found;
  }

  create(actor: Actor, ref: RouteRef, input: RouteInput): Promise<Route> {
    return this.#put(actor, { ref, input, mode: 'create' });
  }

  replace(actor: Actor, ref: RouteRef, input: RouteInput): Promise<Route> {
    return this.#put(actor, { ref, input, mode: 'replace' });
  }

  async #put(
    actor: Actor,
    { ref, input, mode }: { ref: RouteRef; input: RouteInput; mode: PutRoute['mode'] },
  ): Promise<Route> {
    const { org, kind } = ref;
    const targets = checkedTargets(input.targets, 'targets', targetsMax[kind]);
    if (targets.length === 0 && kind !== 'group')
      throw new Refusal('invalid', 'must not be empty', { at: 'targets' });
    const address = await this.#office.write(putRoute, {
      change: this.#office.change(actor),
      org,
      kind,
      mode,
      targets,
      address: checkedAddress(ref.address, 'address'),
      displayName: checkedName(input.displayName ?? '', 'displayName', { optional: true }),
    });
    return this.get({ org, kind, address });
  }

  async delete(actor: Actor, { org, kind, address }: RouteRef): Promise<void> {
    const change = this.#office.change(actor);
    await this.#office.write(deleteRoute, { change, org, kind, address: checkedAddress(address, 'address') });
  }
}
