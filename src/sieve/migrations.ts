/**
 * The tables of scripts and of what running them leaves behind. All are partitioned by owner or account.
 *
 * `sieve_head` counts the changes of all scripts, so that caches can tell in one small read whether they are current. The others are memory with an end: who was
 * answered by vacation, what was seen by duplicate, and what a delivery had decided when it was cut short.
 */
import type { BodyReference } from '../store/references.ts';
import type { Migration } from '../store/store.ts';

const clustered = [
  `create table sieve_script (
    owner text not null,
    name text not null,
    stage text not null,
    size integer not null,
    changed integer not null,
    source blob not null,
    primary key (owner, name)
  )`,
  `create table sieve_reply (
    account text not null,
    hash text not null,
    until integer not null,
    primary key (account, hash)
  )`,
  `create table sieve_seen (
    account text not null,
    hash text not null,
    until integer not null,
    primary key (account, hash)
  )`,
  `create table sieve_decision (
    account text not null,
    key text not null,
    at integer not null,
    decision text not null,
    primary key (account, key)
  )`,
  `create table sieve_hit (
    owner text not null,
    script text not null,
    line integer not null,
    account text not null,
    count integer not null,
    at integer not null,
    primary key (owner, script, line, account)
  )`,
];

const indexes = [
  'create index sieve_reply_until on sieve_reply (until)',
  'create index sieve_seen_until on sieve_seen (until)',
  'create index sieve_decision_at on sieve_decision (at)',
];

export const migrations: readonly Migration[] = [
  {
    part: 'sieve',
    version: 1,
    statements: [
      'create table sieve_head (id integer primary key, version integer not null)',
      'insert into sieve_head (id, version) values (1, 1)',
      ...clustered,
      ...indexes,
    ],
  },
  {
    part: 'sieve',
    version: 2,
    statements: [
      `create table sieve_decision_body (
        account text not null,
        key text not null,
        body_file text not null,
        primary key (account, key, body_file)
      )`,
      'create index sieve_decision_body_file on sieve_decision_body (body_file)',
    ],
  },
];

/** Where a body is named that a decision is still to send. */
export const bodyReferences: readonly BodyReference[] = [
  { table: 'sieve_decision_body', column: 'body_file' },
];
