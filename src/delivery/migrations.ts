/**
 * Tables of delivery: what it has to remember of other domains beyond a restart.
 *
 * `sts_policy` holds MTA-STS policies (RFC 8461) as they were last fetched: forgetting one would let an attacker who blocks it for a moment have
 * his way. `tls_session` and `tls_failure` count TLS sessions by day and domain, for reports to those domains (RFC 8460); `policy` is
 * the policy they were held to, in the words of a report, as JSON.
 */
import type { Migration } from '../store/store.ts';

export const migrations: readonly Migration[] = [
  {
    part: 'delivery',
    version: 1,
    statements: [
      `create table sts_policy (domain text not null primary key, id text not null, mode text not null, mx text not null,
        max_age integer not null, fetched_at integer not null, expires_at integer not null)`,
      'create index sts_policy_expires on sts_policy (expires_at)',
      `create table tls_session (day text not null, domain text not null, policy text not null, successes integer not null,
        failures integer not null, primary key (day, domain, policy))`,
      `create table tls_failure (day text not null, domain text not null, policy text not null, result text not null,
        sending_ip text not null, mx_host text not null, receiving_ip text not null, code text not null, sessions integer not null,
        primary key (day, domain, policy, result, sending_ip, mx_host, receiving_ip, code))`,
    ],
  },
];
