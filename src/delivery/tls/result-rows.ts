/** Counts of TLS sessions in the store, and what a reporter reads of them. */
import type { TlsProblem } from '../../events/event.ts';
import { operation } from '../../store/operation.ts';
import { batch, rows, type Statement, type Transaction } from '../../store/transaction.ts';

export interface TlsFailureCount {
  readonly result: TlsProblem;
  readonly sendingIp: string;
  readonly mxHost: string;
  readonly receivingIp: string;
  readonly code: string;
  sessions: number;
}

/** The sessions of one day to one domain under one policy. */
export interface TlsCounts {
  /** `2026-11-24`, UTC. */
  readonly day: string;
  readonly domain: string;
  /** A ReportedPolicy as JSON. */
  readonly policy: string;
  successes: number;
  failed: number;
  readonly failures: readonly TlsFailureCount[];
}

export const addTlsCounts = operation(
  'delivery.addTlsCounts',
  function* (counts: readonly TlsCounts[]): Transaction<void> {
    yield* batch(
      counts.flatMap((one) => [sessionStatement(one), ...one.failures.map((f) => failureStatement(one, f))]),
    );
  },
);

const sessionStatement = ({ day, domain, policy, successes, failed }: TlsCounts): Statement => ({
  sql: `insert into tls_session (day, domain, policy, successes, failures) values (?, ?, ?, ?, ?)
    on conflict (day, domain, policy) do update set successes = tls_session.successes + excluded.successes,
    failures = tls_session.failures + excluded.failures`,
  params: [day, domain, policy, successes, failed],
});

const failureStatement = ({ day, domain, policy }: TlsCounts, failure: TlsFailureCount): Statement => ({
  sql: `insert into tls_failure (day, domain, policy, result, sending_ip, mx_host, receiving_ip, code, sessions)
    values (?, ?, ?, ?, ?, ?, ?, ?, ?)
    on conflict (day, domain, policy, result, sending_ip, mx_host, receiving_ip, code)
    do update set sessions = tls_failure.sessions + excluded.sessions`,
  params: [
    day,
    domain,
    policy,
    failure.result,
    failure.sendingIp,
    failure.mxHost,
    failure.receivingIp,
    failure.code,
    failure.sessions,
  ],
});

export interface TlsDay {
  readonly day: string;
  /** Domains after this one, in the order of their names; `''` from the first. */
  readonly after: string;
  readonly domainsMax: number;
}

interface SessionRow {
  readonly domain: string;
  readonly policy: string;
  readonly successes: number;
  readonly failures: number;
}

interface FailureRow {
  readonly domain: string;
  readonly policy: string;
  readonly result: TlsProblem;
  readonly sending_ip: string;
  readonly mx_host: string;
  readonly receiving_ip: string;
  readonly code: string;
  readonly sessions: number;
}

/** What was counted on a day, all policies of a domain together; some domains at a time. */
export const tlsCountsOf = operation(
  'delivery.tlsCountsOf',
  function* ({ day, after, domainsMax }: TlsDay): Transaction<readonly TlsCounts[]> {
    const domains = yield* rows<{ domain: string }>(
      'select distinct domain from tls_session where day = ? and domain > ? order by domain limit ?',
      day,
      after,
      domainsMax,
    );
    const last = domains.at(-1)?.domain;
    if (last === undefined) return [];
    const sessions = yield* rows<SessionRow>(
      'select domain, policy, successes, failures from tls_session where day = ? and domain > ? and domain <= ? order by domain, policy',
      day,
      after,
      last,
    );
    const failures = yield* rows<FailureRow>(
      'select * from tls_failure where day = ? and domain > ? and domain <= ?',
      day,
      after,
      last,
    );
    return sessions.map(({ domain, policy, successes, failures: failed }) => ({
      day,
      domain,
      policy,
      successes,
      failed,
      failures: failures.filter((one) => one.domain === domain && one.policy === policy).map(failureOf),
    }));
  },
);

/** What was counted on a day of one domain. */
export const tlsCountsOfDomain = operation(
  'delivery.tlsCountsOfDomain',
  function* ({ day, domain }: { day: string; domain: string }): Transaction<readonly TlsCounts[]> {
    const sessions = yield* rows<SessionRow>(
      'select domain, policy, successes, failures from tls_session where day = ? and domain = ? order by policy',
      day,
      domain,
    );
    const failures = yield* rows<FailureRow>(
      'select * from tls_failure where day = ? and domain = ?',
      day,
      domain,
    );
    return sessions.map(({ policy, successes, failures: failed }) => ({
      day,
      domain,
      policy,
      successes,
      failed,
      failures: failures.filter((one) => one.policy === policy).map(failureOf),
    }));
  },
);

function failureOf(row: FailureRow): TlsFailureCount {
  const { result, sending_ip: sendingIp, mx_host: mxHost, receiving_ip: receivingIp, code, sessions } = row;
  return { result, sendingIp, mxHost, receivingIp, code, sessions };
}

/** Counts of days before `day`, and policies that ran out. */
export const forgetOldTls = operation(
  'delivery.forgetOldTls',
  function* ({ day, nowMs }: { readonly day: string; readonly nowMs: number }): Transaction<void> {
    yield* rows('delete from tls_failure where day < ?', day);
    yield* rows('delete from tls_session where day < ?', day);
    yield* rows('delete from sts_policy where expires_at < ?', nowMs);
  },
  { essential: true },
);
