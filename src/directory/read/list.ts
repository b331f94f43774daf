/** Lists for administrators, page by page by their own key. They may scan, so they run off the protocol threads. */
import type { OrgId } from '../../base/ids.ts';
import { operation, type AnyOperation, type Operation } from '../../store/operation.ts';
import { rows, type Param, type Row, type Transaction } from '../../store/transaction.ts';
import type { AuditRecord, Route, RouteKind } from '../entities.ts';
import {
  accountColumns,
  apiKeyColumns,
  appPasswordColumns,
  domainColumns,
  orgColumns,
  toAccount,
  toApiKey,
  toAppPassword,
  toAuditRecord,
  toDomain,
  toOrg,
  toRewrite,
} from './entity.ts';

export interface PageArgs {
  /** The organisation, or the account for its app passwords; unused for the list of organisations. */
  readonly scope: string;
  /** The key of the last item of the page before; `''` for the first page. */
  readonly after: string;
  readonly limit: number;
  /** Only items whose name has this in it; `''`: all. */
  readonly q: string;
}

interface ListShape<R, T> {
  readonly table: string;
  readonly columns: string;
  /** What the list is sorted and continued by. */
  readonly key: string;
  readonly where: string;
  /** What `q` is searched in. */
  readonly name: string;
  readonly make: (row: R) => T;
}

type Listing<T> = Operation<PageArgs, readonly T[]>;

function listing<R, T>(name: string, shape: ListShape<R, T>): Listing<T> {
  const { table, columns, key, where, make } = shape;
  const head = `select ${columns} from ${table} where ${where} and ${key} > ?`;
  const tail = ` order by ${key} limit ?`;
  return operation(`directory.list${name}`, function* ({ scope, after, limit, q }: PageArgs) {
    const first: Param[] = where.includes('?') ? [scope, after] : [after];
    const found =
      q === ''
        ? yield* rows(head + tail, ...first, limit)
        : yield* rows(`${head} and ${shape.name} like ? escape '!'${tail}`, ...first, likePattern(q), limit);
    return found.map((each: Row) => make(each as R));
  });
}

function likePattern(q: string): string {
  return `%${q.toLowerCase().replaceAll(/[!%_]/g, '!$&')}%`;
}

export const listOrgs = listing('Orgs', {
  table: 'org',
  columns: orgColumns,
  key: 'id',
  where: '1 = 1',
  name: 'lower(name)',
  make: toOrg,
});
export const listDomains = listing('Domains', {
  table: 'domain',
  columns: domainColumns,
  key: 'name',
  where: 'org = ?',
  name: 'name',
  make: toDomain,
});
export const listAccounts = listing('Accounts', {
  table: 'directory_account',
  columns: accountColumns,
  key: 'name',
  where: 'org = ?',
  name: "lower(name || ' ' || display_name)",
  make: toAccount,
});
/** Of every organisation, for the operator. */
export const listAllDomains = listing('AllDomains', {
  table: 'domain',
  columns: domainColumns,
  key: 'name',
  where: '1 = 1',
  name: 'name',
  make: toDomain,
});
/** Of every organisation, for the operator. */
export const listAllAccounts = listing('AllAccounts', {
  table: 'directory_account',
  columns: accountColumns,
  key: 'name',
  where: '1 = 1',
  name: "lower(name || ' ' || display_name)",
  make: toAccount,
});
export const listAppPasswords = listing('AppPasswords', {
  table: 'credential',
  columns: appPasswordColumns,
  key: 'id',
  where: "kind = 'app' and account = ?",
  name: 'lower(name)',
  make: toAppPassword,
});
export const listApiKeys = listing('ApiKeys', {
  table: 'api_key',
  columns: apiKeyColumns,
  key: 'id',
  where: 'org = ?',
  name: 'lower(name)',
  make: toApiKey,
});
export const listRewrites = listing('Rewrites', {
  table: 'rewrite',
  columns: 'direction, source, org, target, place, created_at',
  key: "direction || ' ' || source",
  where: 'org = ?',
  name: "source || ' ' || target",
  make: toRewrite,
});

interface RouteRow {
  readonly domain: string;
  readonly local: string;
  readonly org: string;
  readonly kind: string;
  readonly display_name: string;
  readonly created_at: number;
}

/** Aliases, groups or forwards, by address; `scope` is `<org> <kind>`. */
export const listRoutes = operation(
  'directory.listRoutes',
  function* ({ scope, after, limit, q }: PageArgs): Transaction<readonly Route[]> {
    const [org = '', kind = ''] = scope.split(' ');
    const found = yield* rows<RouteRow>(
      `select domain, local, org, kind, display_name, created_at from address where org = ? and kind = ? and domain || ' ' || local > ?
       and lower(local || '@' || domain || ' ' || display_name) like ? escape '!' order by domain || ' ' || local limit ?`,
      org,
      kind,
      after,
      likePattern(q),
      limit,
    );
    const routes: Route[] = [];
    for (const each of found) routes.push(yield* withTargets(each));
    return routes;
  },
);

export function* withTargets(row: RouteRow): Transaction<Route> {
  const targets = yield* rows<{ target: string }>(
    'select target from address_target where domain = ? and local = ? order by position',
    row.domain,
    row.local,
  );
  return {
    address: `${row.local}@${row.domain}`,
    org: row.org as OrgId,
    kind: row.kind as RouteKind,
    displayName: row.display_name,
    targets: targets.map(({ target }) => target),
    createdAtMs: row.created_at,
  };
}

/** The newest first. `after` is `<at> <id>` of the last record seen. */
export const listAudit = operation('directory.listAudit', ({ scope, ...page }: PageArgs) =>
  auditPage('org = ?', [scope], page),
);
/** Of every organisation, and of none. */
export const listAllAudit = operation('directory.listAllAudit', (page: PageArgs) =>
  auditPage('1 = 1', [], page),
);

function* auditPage(
  where: string,
  params: readonly string[],
  { after, limit, q }: Omit<PageArgs, 'scope'>,
): Transaction<readonly AuditRecord[]> {
  const [at = '', id = ''] = after.split(' ');
  const atMs = at === '' ? Number.MAX_SAFE_INTEGER : Number(at);
  const found = yield* rows<Parameters<typeof toAuditRecord>[0]>(
    `select org, at, id, actor, ip, action, subject, detail from audit where ${where} and (at < ? or (at = ? and id < ?))
       and lower(action || ' ' || subject || ' ' || actor) like ? escape '!' order by at desc, id desc limit ?`,
    ...params,
    atMs,
    atMs,
    id,
    likePattern(q),
    limit,
  );
  return found.map(toAuditRecord);
}

export const listOperations: readonly AnyOperation[] = [
  listOrgs,
  listDomains,
  listAllDomains,
  listAccounts,
  listAllAccounts,
  listAppPasswords,
  listApiKeys,
  listRewrites,
  listRoutes,
  listAudit,
  listAllAudit,
];
