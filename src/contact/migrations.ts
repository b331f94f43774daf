/**
 * The tables of contacts. All are partitioned by the account that owns them.
 *
 * `contact_head` is the head row: every change bumps `version` in the transaction of its rows; `books_version` and `cards_version` are the versions of the last change of
 * each type, which are their JMAP states. The log `contact_change` is complete above `change_floor`. A card is kept as JSON with what is searched for beside it, folded.
 */
import type { Migration } from '../store/store.ts';

const clustered = [
  `create table contact_head (
    account text not null primary key,
    version integer not null,
    books_version integer not null,
    cards_version integer not null,
    change_floor integer not null,
    id_next integer not null,
    default_book integer not null,
    cards integer not null,
    used integer not null
  )`,
  `create table contact_book (
    account text not null,
    id integer not null,
    name text not null,
    description text not null,
    acl text not null,
    primary key (account, id)
  )`,
  // What somebody who sees a book has chosen for it; of the owner too.
  `create table contact_book_view (
    account text not null,
    book integer not null,
    who text not null,
    subscribed integer not null,
    sort_order integer not null,
    primary key (account, book, who)
  )`,
  `create table contact_in_book (
    account text not null,
    card integer not null,
    book integer not null,
    primary key (account, card, book)
  )`,
  `create table contact_change (
    account text not null,
    version integer not null,
    seq integer not null,
    type text not null,
    id integer not null,
    kind text not null,
    primary key (account, version, seq)
  )`,
  `create table contact_shared_by (
    account text not null,
    owner text not null,
    primary key (account, owner)
  )`,
];

export const findFields = [
  'name',
  'given',
  'surname',
  'surname2',
  'nickname',
  'organization',
  'email',
  'phone',
  'online',
  'address',
  'note',
  'other',
] as const;

const card = `create table contact_card (
  account text not null,
  id integer not null,
  uid text not null,
  kind text not null,
  created integer not null,
  updated integer not null,
  size integer not null,
  members text not null,
  sort_given text not null,
  sort_surname text not null,
  sort_surname2 text not null,
  ${findFields.map((field) => `find_${field} text not null`).join(', ')},
  data text not null,
  primary key (account, id)
)`;

const indexes = [
  'create unique index contact_card_uid on contact_card (account, uid)',
  'create index contact_in_book_book on contact_in_book (account, book, card)',
];

export const migrations: readonly Migration[] = [
  {
    part: 'contact',
    version: 1,
    statements: [card],
    sqlite: [...clustered.map((table) => `${table} without rowid`), ...indexes],
    postgres: [...clustered.map((table) => table.replaceAll(/\binteger\b/g, 'bigint')), ...indexes],
  },
];
