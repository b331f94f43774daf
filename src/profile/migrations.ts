/**
 * Small records that an account keeps beside its mail: identities, submissions, push subscriptions, notifications of shares. All are partitioned by the account.
 *
 * Each type has a head of its own with its version, which is its JMAP state; the log of a type is complete above `change_floor`.
 */
import type { Migration } from '../store/store.ts';

const clustered = [
  `create table profile_head (
    account text not null,
    type text not null,
    version integer not null,
    change_floor integer not null,
    id_next integer not null,
    primary key (account, type)
  )`,
  `create table profile_record (
    account text not null,
    type text not null,
    id integer not null,
    data text not null,
    primary key (account, type, id)
  )`,
  `create table profile_change (
    account text not null,
    type text not null,
    version integer not null,
    id integer not null,
    kind text not null,
    primary key (account, type, version, id)
  )`,
];

export const migrations: readonly Migration[] = [
  {
    part: 'profile',
    version: 1,
    statements: [],
    sqlite: clustered.map((table) => `${table} without rowid`),
    postgres: clustered.map((table) => table.replaceAll(/\binteger\b/g, 'bigint')),
  },
];
