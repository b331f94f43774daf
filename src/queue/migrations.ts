/**
 * Tables of the queue. All lead with the shard; no transaction touches two.
 *
 * `queue_shard` is the head row: who owns the shard, until when, and how often it has changed hands; `wanted_until` is when the wish of the
 * thread whose own it is ends, if it found another in its place.
 *
 * `queue_entry` is one tree and no index beside it, because every accepted mail is put in and taken out once: its key is the order in which it is
 * read, by destination, lane (fairness, see rows/lane.ts) and due time. Whoever settles an entry knows its whole key. An entry that
 * is held has `heldDue` added to its due time, so that it is never due.
 *
 * `queue_quarantine` names, for each organisation, the entries that filters keep back (rows/quarantine.ts).
 *
 * `queue_message` has what the entries of one message share; `open` counts the entries left, and the row goes with the last one. `data` is
 * rows/message-row.ts; sender and organisation have columns because filters ask for them. `lanes` says where its entries are (JSON array:
 * lane, then destinations). The body stands last, so that reading the others does not touch its pages. It is a table with rowids: in one tree by key
 * the wide rows make it so deep that looking up messages here and there took four times as long, and accepting was no quicker (measured).
 */
import type { BodyReference } from '../store/references.ts';
import type { Migration } from '../store/store.ts';

const shard = `create table queue_shard (
  shard integer not null primary key,
  owner text not null,
  lease_until integer not null,
  epoch integer not null
)`;

const message = `create table queue_message (
  shard integer not null,
  id text not null,
  open integer not null,
  indexes integer not null,
  sender text not null,
  org text not null,
  lanes text not null,
  data text not null,
  body_file text,
  body blob,
  primary key (shard, id)
)`;

const entry = `create table queue_entry (
  shard integer not null,
  destination text not null,
  lane text not null,
  due integer not null,
  message text not null,
  idx integer not null,
  address text not null,
  tries integer not null,
  flags integer not null,
  dsn text,
  last text,
  primary key (shard, destination, lane, due, message, idx)
)`;

const quarantine = `create table queue_quarantine (
  shard integer not null,
  message text not null,
  org text not null,
  at integer not null,
  expires_at integer not null,
  sender text not null,
  recipients text not null,
  subject text not null,
  data text not null,
  primary key (shard, message, org)
)`;

/** Costs nothing for mail whose body is in its row. */
const bodyFiles =
  'create index queue_message_body_file on queue_message (body_file) where body_file is not null';

export const bodyReferences: readonly BodyReference[] = [{ table: 'queue_message', column: 'body_file' }];

export const migrations: readonly Migration[] = [
  {
    part: 'queue',
    version: 1,
    statements: [shard, message, bodyFiles],
    sqlite: [`${entry} without rowid`],
    postgres: [entry],
  },
  {
    part: 'queue',
    version: 2,
    statements: [],
    // What is said for one engine only is taken as it is written: PostgreSQL's integer has no room for a time.
    postgres: ['shard', 'due', 'idx', 'tries', 'flags'].map(
      (column) => `alter table queue_entry alter column ${column} type bigint`,
    ),
  },
  {
    part: 'queue',
    version: 3,
    statements: ['alter table queue_shard add column wanted_until integer not null default 0'],
  },
  {
    part: 'queue',
    version: 4,
    statements: [
      quarantine,
      'create index queue_quarantine_org on queue_quarantine (org, at, message)',
      'create index queue_quarantine_expiry on queue_quarantine (expires_at)',
    ],
  },
  {
    part: 'queue',
    version: 5,
    // `told`: somebody was told that it is kept.
    statements: [
      'alter table queue_quarantine add column told integer not null default 0',
      'create index queue_quarantine_untold on queue_quarantine (at) where told = 0',
    ],
  },
  {
    part: 'queue',
    version: 6,
    // By the scope of the key, not by shard: the same mail may come to any thread (rows/once.ts).
    statements: [
      `create table queue_once (
        scope text not null,
        key text not null,
        digest text not null,
        message text not null,
        answer text not null,
        expires_at integer not null,
        primary key (scope, key)
      )`,
      'create index queue_once_expiry on queue_once (expires_at)',
    ],
  },
  {
    part: 'queue',
    version: 7,
    // Orders of operators (orders.ts): of all shards.
    statements: [
      'create table queue_order (id text not null primary key, org text not null, until_at integer not null, data text not null)',
    ],
  },
  {
    part: 'queue',
    version: 8,
    // What is done to very many entries, in pieces (rows/sweep.ts).
    statements: [
      `create table queue_sweep (
        shard integer not null,
        id text not null,
        org text not null,
        data text not null,
        progress text not null,
        done integer not null,
        ended_at integer not null,
        primary key (shard, id)
      )`,
    ],
  },
  {
    part: 'queue',
    version: 9,
    // Which thread of which node has which shard for its own (rows/seat.ts).
    statements: [
      'create table queue_seat (shard integer not null primary key, node text not null, thread integer not null)',
      'create unique index queue_seat_thread on queue_seat (node, thread)',
    ],
  },
];
