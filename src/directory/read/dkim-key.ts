/** DKIM keys, read from the store. */
import type { OrgId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { rows, type Transaction } from '../../store/transaction.ts';
import {
  dkimAlgorithms,
  type DkimAlgorithm,
  type DkimKey,
  type DkimState,
  type StoredSigningKey,
} from '../dkim-key.ts';

const columns = 'domain, selector, org, algorithm, state, record, created_at, since_at, seen_at';

interface KeyRow {
  readonly domain: string;
  readonly selector: string;
  readonly org: string;
  readonly algorithm: string;
  readonly state: string;
  readonly record: string;
  readonly created_at: number;
  readonly since_at: number;
  readonly seen_at: number;
}

const toKey = (row: KeyRow): DkimKey => ({
  domain: row.domain,
  selector: row.selector,
  org: row.org as OrgId,
  algorithm: row.algorithm as DkimAlgorithm,
  state: row.state as DkimState,
  record: row.record,
  createdAtMs: row.created_at,
  sinceMs: row.since_at,
  seenAtMs: row.seen_at,
});

/** All keys of a domain, the newest first. */
export function* dkimKeysOf(domain: string): Transaction<readonly DkimKey[]> {
  const found = yield* rows<KeyRow>(
    `select ${columns} from dkim_key where domain = ? order by created_at desc, selector`,
    domain,
  );
  return found.map(toKey);
}

/** The keys that sign for a domain now. */
export function* signingKeysOf(domain: string): Transaction<readonly StoredSigningKey[]> {
  const found = yield* rows<{ selector: string; private: string; seen_at: number }>(
    "select selector, private, seen_at from dkim_key where domain = ? and state = 'active' order by algorithm desc",
    domain,
  );
  return found.map(({ selector, private: kept, seen_at: seenAt }) => ({
    domain,
    selector,
    kept,
    seen: seenAt > 0,
  }));
}

export function* hasSigningKeys(): Transaction<boolean> {
  return (yield* rows("select domain from dkim_key where state = 'active' limit 1")).length > 0;
}

export function* keptKeyOf(domain: string, selector: string): Transaction<string | undefined> {
  const [found] = yield* rows<{ private: string }>(
    'select private from dkim_key where domain = ? and selector = ?',
    domain,
    selector,
  );
  return found?.private;
}

export interface DomainRow {
  readonly domain: string;
  readonly org: OrgId;
}

/** Domains that lack a key of some algorithm. */
export const domainsWithoutKeys = operation(
  'directory.domainsWithoutKeys',
  function* ({ limit }: { limit: number }): Transaction<readonly DomainRow[]> {
    const found = yield* rows<{ name: string; org: string }>(
      `select name, org from domain where
       (select count(distinct algorithm) from dkim_key where dkim_key.domain = domain.name and state <> 'removed') < ?
       order by name limit ?`,
      dkimAlgorithms.length,
      limit,
    );
    return found.map(({ name, org }) => ({ domain: name, org: org as OrgId }));
  },
);

export interface CareQuery {
  /** Active keys that were made before are to be followed by others. */
  readonly oldBeforeMs: number;
  /** `domain selector` of the last one of the page before; `''` for the first page. */
  readonly after: string;
  readonly limit: number;
}

/** Keys that are on their way from one state to the next, page by page. */
export const dkimKeysInMotion = operation(
  'directory.dkimKeysInMotion',
  function* ({ oldBeforeMs, after, limit }: CareQuery): Transaction<readonly DkimKey[]> {
    const found = yield* rows<KeyRow>(
      `select ${columns} from dkim_key where domain || ' ' || selector > ? and
       (state in ('prepared', 'published', 'retiring') or (state = 'active' and (seen_at = 0 or created_at < ?)))
       order by domain || ' ' || selector limit ?`,
      after,
      oldBeforeMs,
      limit,
    );
    return found.map(toKey);
  },
);

export type KeptKey = Omit<StoredSigningKey, 'seen'>;

/** Keys that lie in the store as they are, for whoever encrypts them. */
export const plainDkimKeys = operation(
  'directory.plainDkimKeys',
  function* ({ limit }: { limit: number }): Transaction<readonly KeptKey[]> {
    const found = yield* rows<{ domain: string; selector: string; private: string }>(
      "select domain, selector, private from dkim_key where private like 'plain:%' order by domain, selector limit ?",
      limit,
    );
    return found.map(({ private: kept, ...key }) => ({ ...key, kept }));
  },
);
