/**
 * Tables of certificates that an authority issued to us by ACME, so that every node of a cluster has them and one of them sees to them.
 *
 * `certificate_head` counts changes, so that a node can tell in one small read whether to load them anew, and says which node sees to them until
 * when. `certificate_plan` is what is known of a certificate that could not be had yet: when to try again, and what was wrong.
 * `certificate_proof` is what an authority will come to look for: by token over HTTP, by name over TLS.
 */
import type { Migration } from '../store/store.ts';

export const migrations: readonly Migration[] = [
  {
    part: 'certificate',
    version: 1,
    statements: [
      'create table certificate_head (id integer not null primary key, version integer not null, keeper text not null, until_at integer not null)',
      "insert into certificate_head (id, version, keeper, until_at) values (1, 1, '', 0)",
      'create table certificate_account (directory text not null primary key, url text not null, private_key text not null)',
      `create table certificate (name text not null primary key, names text not null, chain text not null, private_key text not null,
        renew_at integer not null, expires_at integer not null)`,
      `create table certificate_plan (name text not null primary key, failures integer not null, next_at integer not null,
        problem text not null)`,
      `create table certificate_proof (kind text not null, subject text not null, answer text not null, until_at integer not null,
        primary key (kind, subject))`,
    ],
  },
];
