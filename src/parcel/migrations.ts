/**
 * Large files that are handed out by link. A file is a row and its pieces, each a body of its own; all is partitioned by the account that hands it out. The id is
 * the secret of the link.
 */
import type { BodyReference } from '../store/references.ts';
import type { Migration } from '../store/store.ts';

const tables = [
  `create table parcel (
    account text not null,
    id text not null,
    org text not null,
    name text not null,
    size integer not null,
    ready integer not null,
    created integer not null,
    expires integer not null,
    password text not null,
    downloads integer not null,
    downloads_max integer not null,
    wrong integer not null,
    wrong_from integer not null,
    primary key (account, id)
  )`,
  `create table parcel_piece (
    account text not null,
    parcel text not null,
    number integer not null,
    size integer not null,
    body_file text,
    body blob,
    primary key (account, parcel, number)
  )`,
];

export const migrations: readonly Migration[] = [
  {
    part: 'parcel',
    version: 1,
    statements: [
      ...tables,
      'create index parcel_expires on parcel (expires)',
      'create index parcel_piece_body_file on parcel_piece (body_file) where body_file is not null',
    ],
  },
];

export const bodyReferences: readonly BodyReference[] = [{ table: 'parcel_piece', column: 'body_file' }];
