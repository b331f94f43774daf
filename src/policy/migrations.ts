/** Tables of policy: whom greylisting has seen (rows/greylist.ts). */
import type { Migration } from '../store/store.ts';

export const migrations: readonly Migration[] = [
  {
    part: 'policy',
    version: 1,
    statements: [
      `create table greylist (block text not null, triplet text not null, first_at integer not null, last_at integer not null,
        passes integer not null, primary key (block, triplet))`,
      'create index greylist_last on greylist (last_at)',
      'create table greylist_block (block text not null primary key, passes integer not null, last_at integer not null)',
    ],
  },
];
