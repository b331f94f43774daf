/**
 * Tables of the event ledger. `outbox` is in the mail store, so that an event commits with what it tells of; `events.event` is the ledger.
 * The outbox is never emptied wholly: its last row stays, so that its numbers only rise (see ledger.ts).
 */
import type { Migration } from '../store/store.ts';

const columns = `
  at integer not null,
  message text not null,
  org text not null,
  kind text not null,
  recipient text not null,
  sender text,
  header_id text,
  data text not null`;

export const migrations: readonly Migration[] = [
  {
    part: 'events',
    version: 1,
    statements: [],
    sqlite: [
      `create table outbox (seq integer primary key, ${columns})`,
      `create table events.event (seq integer primary key, ${columns})`,
      `create index events.event_message on event (message) where message <> ''`,
      `create index events.event_recipient on event (recipient, at) where recipient <> ''`,
      `create index events.event_sender on event (sender, at) where sender is not null`,
      `create index events.event_header_id on event (header_id) where header_id is not null`,
      `create index events.event_at on event (at)`,
    ],
    postgres: [
      `create table outbox (seq bigint generated always as identity primary key, ${columns})`,
      `create table events.event (seq bigint primary key, ${columns})`,
      `create index event_message on events.event (message) where message <> ''`,
      `create index event_recipient on events.event (recipient, at) where recipient <> ''`,
      `create index event_sender on events.event (sender, at) where sender is not null`,
      `create index event_header_id on events.event (header_id) where header_id is not null`,
      `create index event_at on events.event (at)`,
    ],
  },
  {
    part: 'events',
    version: 2,
    statements: [],
    // What is said for one engine only is taken as it is written: PostgreSQL's integer has no room for a time.
    postgres: ['outbox', 'events.event'].map((table) => `alter table ${table} alter column at type bigint`),
  },
  {
    part: 'events',
    version: 3,
    // Numbers of the outbox that are in the ledger. Until now an event had the same number in both.
    statements: [
      'create table events.moved (source integer not null primary key)',
      'insert into events.moved (source) select seq from outbox where seq in (select seq from events.event)',
    ],
  },
  {
    part: 'events',
    version: 4,
    // What became of each recipient of each message, for searches (trace.ts), as far as `trace_mark` of the ledger.
    statements: [
      `create table events.trace (
        id integer not null primary key,
        message text not null,
        org text not null,
        recipient text not null,
        sender text not null,
        subject text not null,
        header_id text not null,
        stream text not null,
        labels text not null,
        status text not null,
        reply text not null,
        host text not null,
        accepted_at integer not null,
        changed_at integer not null
      )`,
      'create table events.trace_mark (one integer not null, seq integer not null)',
      'insert into events.trace_mark (one, seq) values (1, 0)',
      `create table events.retention (
        org text not null,
        stream text not null,
        days integer not null,
        primary key (org, stream)
      )`,
      `create table events.saved_view (
        org text not null,
        name text not null,
        made_by text not null,
        query text not null,
        made_at integer not null,
        primary key (org, name)
      )`,
    ],
    sqlite: [
      'create index events.trace_message on trace (message)',
      'create index events.trace_accepted on trace (accepted_at)',
      `create virtual table events.trace_text using fts5(words, content='', contentless_delete=1, detail=none, tokenize='unicode61 remove_diacritics 0')`,
    ],
    postgres: [
      'create index trace_message on events.trace (message)',
      'create index trace_accepted on events.trace (accepted_at)',
      'alter table events.trace add column words tsvector not null',
      'create index trace_words on events.trace using gin (words)',
    ],
  },
  {
    part: 'events',
    version: 5,
    // How far the ledger was shipped, by where to (line-shipper.ts).
    statements: ['create table events.shipped (target text not null primary key, seq integer not null)'],
  },
  {
    part: 'events',
    version: 6,
    // Which node keeps the ledger (ledger-lease.ts).
    statements: [
      'create table events.keeper (one integer not null primary key, owner text not null, lease_until integer not null)',
      "insert into events.keeper (one, owner, lease_until) values (1, '', 0)",
    ],
  },
];
