/** Endpoints in the store: made, changed, read. */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { hint, maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import { endpointsMax, type Endpoint, type EndpointSettings, type EndpointState } from '../endpoint.ts';

/** Hint: endpoints have changed; the key is the endpoint. */
export const endpointTopic = 'webhook.endpoint';

export interface EndpointRow {
  readonly id: string;
  readonly org: string;
  readonly settings: string;
  readonly secrets: string;
  readonly made_at: number;
  readonly made_by: string;
  readonly state: EndpointState;
  readonly reason: string;
  readonly position: number;
  readonly failing_since: number;
  readonly next_try: number;
  readonly tries: number;
  readonly epoch: number;
}

const fields =
  'id, org, settings, secrets, made_at, made_by, state, reason, position, failing_since, next_try, tries, epoch';

export function endpointOf(found: EndpointRow): Endpoint {
  return {
    id: found.id,
    org: found.org,
    settings: JSON.parse(found.settings) as EndpointSettings,
    madeAtMs: found.made_at,
    madeBy: found.made_by,
    state: found.state,
    reason: found.reason,
    cursor: found.position,
    failingSinceMs: found.failing_since,
    nextTryAtMs: found.next_try,
    tries: found.tries,
  };
}

export function* endpointsOf(org: string): Transaction<readonly EndpointRow[]> {
  return yield* rows<EndpointRow>(`select ${fields} from webhook_endpoint where org = ? order by id`, org);
}

export function* endpointNamed(org: string, id: string): Transaction<EndpointRow | undefined> {
  return yield* maybe<EndpointRow>(
    `select ${fields} from webhook_endpoint where org = ? and id = ?`,
    org,
    id,
  );
}

/** Refusal `limitReached`. It is told what happens from now on. */
export const addEndpoint = operation(
  'webhook.add',
  function* (made: {
    id: string;
    org: string;
    settings: string;
    secrets: string;
    atMs: number;
    by: string;
  }): Transaction<void> {
    const { count } = yield* row<{ count: number }>(
      'select count(*) as count from webhook_endpoint where org = ?',
      made.org,
    );
    if (count >= endpointsMax)
      throw new Refusal('limitReached', `an organisation has ${endpointsMax} endpoints`);
    const { seq } = yield* row<{ seq: number | null }>('select max(seq) as seq from events.event');
    yield* rows(
      `insert into webhook_endpoint (${fields}, owner, lease_until) values (?, ?, ?, ?, ?, ?, 'active', '', ?, 0, 0, 0, 0, '', 0)`,
      made.id,
      made.org,
      made.settings,
      made.secrets,
      made.atMs,
      made.by,
      seq ?? 0,
    );
    yield* hint(endpointTopic, made.id);
  },
);

export interface EndpointEdit {
  readonly org: string;
  readonly id: string;
  readonly settings?: string;
  readonly secrets?: string;
  readonly state?: EndpointState;
  /** Told again from behind this event. */
  readonly position?: number;
}

/** Refusal `notFound`. Whatever is done to an endpoint, it is tried again at once. */
export const editEndpoint = operation(
  'webhook.edit',
  function* ({ org, id, ...edit }: EndpointEdit): Transaction<void> {
    const now = yield* endpointNamed(org, id);
    if (!now) throw new Refusal('notFound', 'no such endpoint');
    const state = edit.state ?? now.state;
    yield* rows(
      `update webhook_endpoint set settings = ?, secrets = ?, state = ?, reason = ?, position = ?, failing_since = 0, next_try = 0, tries = 0, epoch = epoch + 1, lease_until = 0
        where org = ? and id = ?`,
      edit.settings ?? now.settings,
      edit.secrets ?? now.secrets,
      state,
      state === 'active' ? '' : edit.state === 'paused' ? 'operator' : now.reason,
      edit.position ?? now.position,
      org,
      id,
    );
    yield* hint(endpointTopic, id);
  },
);

export const dropEndpoint = operation(
  'webhook.drop',
  function* ({ org, id }: { org: string; id: string }): Transaction<void> {
    const gone = yield* rows('delete from webhook_endpoint where org = ? and id = ? returning id', org, id);
    if (gone.length === 0) throw new Refusal('notFound', 'no such endpoint');
    for (const table of ['webhook_parked', 'webhook_dead', 'events.webhook_attempt'])
      yield* rows(`delete from ${table} where endpoint = ?`, id);
    yield* hint(endpointTopic, id);
  },
);

export const leaseMs = 30_000;

/**
 * Takes all endpoints that nobody has, or that are the taker's already, and gives those it has now with their epochs. What is settled with another epoch is refused, so
 * an endpoint has one sender.
 */
export const claimEndpoints = operation(
  'webhook.claim',
  function* ({ owner }: { owner: string }): Transaction<readonly EndpointRow[]> {
    yield* rows(
      `update webhook_endpoint set owner = ?, epoch = epoch + 1 where owner <> ? and lease_until < now_ms() and state = 'active'`,
      owner,
      owner,
    );
    return yield* rows<EndpointRow>(
      `update webhook_endpoint set lease_until = now_ms() + ${leaseMs} where owner = ? and state = 'active' returning ${fields}`,
      owner,
    );
  },
  { essential: true },
);

export const releaseEndpoints = operation(
  'webhook.release',
  function* ({ owner }: { owner: string }): Transaction<void> {
    yield* rows(`update webhook_endpoint set lease_until = 0 where owner = ?`, owner);
  },
  { essential: true },
);
