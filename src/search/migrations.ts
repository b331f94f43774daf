/**
 * Tables of the index. All of it can be made again from the mail, so it lies in a database of its own, which backups leave out: `search.<table>` is in an attached file
 * (SQLite) or in a schema (PostgreSQL). A change of the format is a new version here, and the index is made anew.
 *
 * A segment is complete when it has its row; pieces without one are what a crash left.
 */
import type { Migration } from '../store/store.ts';

export const migrations: readonly Migration[] = [
  {
    part: 'search',
    version: 1,
    rebuildable: true,
    statements: [
      `create table search.account (
        account text not null primary key,
        watermark integer not null,
        segment_next integer not null
      )`,
      `create table search.segment (
        account text not null,
        id integer not null,
        stamp text not null,
        first integer not null,
        last integer not null,
        documents integer not null,
        text_bytes integer not null,
        bytes integer not null,
        heading blob not null,
        primary key (account, id)
      )`,
      `create table search.piece (
        account text not null,
        segment integer not null,
        kind text not null,
        number integer not null,
        data blob not null,
        primary key (account, segment, kind, number)
      )`,
      `create table search.lease (
        name text not null primary key,
        owner text not null,
        until integer not null
      )`,
      `create table search.attachment (
        account text not null,
        email integer not null,
        texts blob not null,
        primary key (account, email)
      )`,
    ],
  },
];
