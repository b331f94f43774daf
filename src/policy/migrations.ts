/**
 * Tables of policy: whom greylisting has seen (rows/greylist.ts), and what was learned of mail (classifier/lesson-rows.ts).
 *
 * Lessons are partitioned by scope: an account or an organisation. A lesson is one mail that somebody called spam or wanted: the hashes of its tokens, under a key by which it
 * is never learned twice. `classifier_head` counts them, and its version rises with each change.
 */
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
  {
    part: 'policy',
    version: 2,
    statements: [
      `create table classifier_lesson (
        scope text not null,
        mail text not null,
        label text not null,
        at integer not null,
        tokens blob not null,
        primary key (scope, mail)
      )`,
      'create index classifier_lesson_at on classifier_lesson (scope, label, at)',
      'create table classifier_head (scope text not null primary key, version integer not null, spam integer not null, ham integer not null)',
    ],
  },
  {
    part: 'policy',
    version: 3,
    // What our own users send (sending/): limits, how far they are used, what is usual, and who may not for now.
    statements: [
      'create table sending_pace (scope text not null, subject text not null, level integer not null, at integer not null, primary key (scope, subject))',
      'create table sending_limit (org text not null, subject text not null, per_day integer not null, primary key (org, subject))',
      `create table sending_pause (account text not null, credential text not null, org text not null, at integer not null, why text not null,
        by_whom text not null, told integer not null, primary key (account, credential))`,
      'create table sending_profile (account text not null primary key, profile text not null)',
      'create table sending_watch (id integer primary key, seq integer not null)',
    ],
  },
  {
    part: 'policy',
    version: 4,
    statements: ['alter table sending_pause add column operator integer not null default 0'],
  },
];
