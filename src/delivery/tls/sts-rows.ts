/** MTA-STS policies in the store. */
import type { StsPolicy } from '../../proto/mta-sts/policy.ts';
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';

/** A policy as it was fetched. */
export interface KeptPolicy {
  readonly domain: string;
  /** Of the DNS record at that time. */
  readonly id: string;
  readonly policy: StsPolicy;
  readonly fetchedAtMs: number;
  readonly expiresAtMs: number;
}

interface PolicyRow {
  readonly domain: string;
  readonly id: string;
  readonly mode: StsPolicy['mode'];
  readonly mx: string;
  readonly max_age: number;
  readonly fetched_at: number;
  readonly expires_at: number;
}

export function* findPolicy(domain: string): Transaction<KeptPolicy | undefined> {
  const row = yield* maybe<PolicyRow>('select * from sts_policy where domain = ?', domain);
  if (row === undefined) return undefined;
  return {
    domain: row.domain,
    id: row.id,
    policy: { mode: row.mode, maxAgeSeconds: row.max_age, mx: JSON.parse(row.mx) as string[] },
    fetchedAtMs: row.fetched_at,
    expiresAtMs: row.expires_at,
  };
}

/** A fetch that ended earlier never replaces a later one. */
export const keepPolicy = operation('delivery.keepPolicy', function* (kept: KeptPolicy): Transaction<void> {
  const { domain, id, policy, fetchedAtMs, expiresAtMs } = kept;
  yield* rows(
    `insert into sts_policy (domain, id, mode, mx, max_age, fetched_at, expires_at) values (?, ?, ?, ?, ?, ?, ?)
      on conflict (domain) do update set id = excluded.id, mode = excluded.mode, mx = excluded.mx, max_age = excluded.max_age,
      fetched_at = excluded.fetched_at, expires_at = excluded.expires_at where sts_policy.fetched_at <= excluded.fetched_at`,
    domain,
    id,
    policy.mode,
    JSON.stringify(policy.mx),
    policy.maxAgeSeconds,
    fetchedAtMs,
    expiresAtMs,
  );
});
