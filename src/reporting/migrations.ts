/**
 * Tables of reports. Those received lead with organisation and domain: who gets a domain later does not see them. `dmarc_row` is asked by time, as sources are summed
 * over days. Those that are sent lead with the day (UTC): counts of what was seen, and for each day and domain one job, which is claimed by moving its `due`.
 */
import type { Migration } from '../store/store.ts';

const received = [
  `create table dmarc_report (
    org text not null,
    domain text not null,
    ended_at integer not null,
    id text not null,
    reporter text not null,
    report_id text not null,
    began_at integer not null,
    received_at integer not null,
    messages integer not null,
    passed integer not null,
    policy text not null,
    primary key (org, domain, ended_at, id)
  )`,
  'create unique index dmarc_report_once on dmarc_report (org, domain, reporter, report_id, began_at)',
  `create table dmarc_row (
    org text not null,
    domain text not null,
    ended_at integer not null,
    report text not null,
    idx integer not null,
    source_ip text not null,
    count integer not null,
    disposition text not null,
    dkim text not null,
    spf text not null,
    header_from text not null,
    data text not null,
    primary key (org, domain, ended_at, report, idx)
  )`,
  `create table tls_report (
    org text not null,
    domain text not null,
    ended_at integer not null,
    id text not null,
    reporter text not null,
    report_id text not null,
    began_at integer not null,
    received_at integer not null,
    successes integer not null,
    failures integer not null,
    policies text not null,
    primary key (org, domain, ended_at, id)
  )`,
  'create unique index tls_report_once on tls_report (org, domain, reporter, report_id, began_at)',
];

const sent = [
  `create table dmarc_counted (
    day text not null,
    domain text not null,
    policy text not null,
    lines integer not null,
    left_out integer not null,
    primary key (day, domain)
  )`,
  `create table dmarc_line (
    day text not null,
    domain text not null,
    hash text not null,
    facts text not null,
    count integer not null,
    primary key (day, domain, hash)
  )`,
  `create table report_job (
    kind text not null,
    day text not null,
    domain text not null,
    due integer not null,
    tries integer not null,
    state text not null,
    detail text not null,
    primary key (kind, day, domain)
  )`,
  'create index report_job_due on report_job (state, due)',
];

export const migrations: readonly Migration[] = [
  { part: 'reporting', version: 1, statements: [...received, ...sent] },
];
