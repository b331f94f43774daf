/** Routes of mail to programs, and domains that stand in mail, as rows. */
import type { CredentialId, OrgId } from '../../base/ids.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import type {
  InboundOptions,
  InboundRoute,
  PreviousSecret,
  SendingDomain,
  SendingPurpose,
} from '../entities.ts';
import { patternFits } from '../inbound.ts';

/** Routes of one domain: each address that is looked up is held against all of them. */
export const routesOfDomainMax = 200;

interface RouteRow {
  readonly id: string;
  readonly org: string;
  readonly domain: string;
  readonly pattern: string;
  readonly url: string;
  readonly secret: string;
  readonly options: string;
  readonly created_at: number;
}

const columns = 'id, org, domain, pattern, url, secret, options, created_at';

/** The column `options`: what holds of the route, and the secret it had before. */
type Options = InboundOptions & { readonly previous?: PreviousSecret };

function toRoute(row: RouteRow): InboundRoute {
  const { previous, ...options } = JSON.parse(row.options) as Options;
  return {
    id: row.id as CredentialId,
    org: row.org as OrgId,
    domain: row.domain,
    pattern: row.pattern,
    url: row.url,
    secret: row.secret,
    ...(previous && { previous }),
    options,
    createdAtMs: row.created_at,
  };
}

export function* inboundRoutesOf(org: string): Transaction<readonly InboundRoute[]> {
  const found = yield* rows<RouteRow>(
    `select ${columns} from inbound_route where org = ? order by domain, pattern`,
    org,
  );
  return found.map(toRoute);
}

export function* inboundRoute(id: string): Transaction<InboundRoute | undefined> {
  const found = yield* maybe<RouteRow>(`select ${columns} from inbound_route where id = ?`, id);
  return found && toRoute(found);
}

/** The one whose pattern says most: a whole name before any with `*`, and of those the longest. */
export function* inboundRouteFor(domain: string, local: string): Transaction<InboundRoute | undefined> {
  const found = yield* rows<RouteRow>(
    `select ${columns} from inbound_route where domain = ? order by pattern limit ?`,
    domain,
    routesOfDomainMax,
  );
  const fitting = found.filter(({ pattern }) => patternFits(pattern, local));
  const weight = ({ pattern }: RouteRow): number => (pattern.includes('*') ? 0 : 1000) + pattern.length;
  const best = fitting.sort((a, b) => weight(b) - weight(a))[0];
  return best && toRoute(best);
}

export function* sendingDomainsOf(org: string): Transaction<readonly SendingDomain[]> {
  const found = yield* rows<{ name: string; purpose: string; created_at: number }>(
    'select name, purpose, created_at from sending_domain where org = ? order by purpose',
    org,
  );
  return found.map(({ name, purpose, created_at }) => ({
    name,
    org: org as OrgId,
    purpose: purpose as SendingPurpose,
    createdAtMs: created_at,
  }));
}

export function* sendingDomainNamed(name: string): Transaction<SendingDomain | undefined> {
  const found = yield* maybe<{ org: string; purpose: string; created_at: number }>(
    'select org, purpose, created_at from sending_domain where name = ?',
    name,
  );
  return (
    found && {
      name,
      org: found.org as OrgId,
      purpose: found.purpose as SendingPurpose,
      createdAtMs: found.created_at,
    }
  );
}
