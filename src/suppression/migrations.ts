/**
 * Tables of suppression, partitioned by organisation (`''`: whoever runs the server). `until_at` 0: for good. A strike counts hard errors in sequence; `suppression_watch` tells
 * how far the event ledger was read for them.
 */
import type { Migration } from '../store/store.ts';

export const migrations: readonly Migration[] = [
  {
    part: 'suppression',
    version: 1,
    statements: [
      `create table suppression (org text not null, address text not null, scope text not null, cause text not null, reason text not null, phase text not null,
        reply text not null, message text not null, by_whom text not null, at integer not null, until_at integer not null, primary key (org, address, scope))`,
      'create index suppression_until on suppression (until_at)',
      `create table suppression_strike (org text not null, address text not null, count integer not null, at integer not null, primary key (org, address))`,
      'create table suppression_policy (org text not null primary key, policy text not null)',
      'create table suppression_watch (id integer primary key, seq integer not null)',
    ],
  },
];
