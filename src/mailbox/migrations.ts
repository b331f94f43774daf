/**
 * The tables of mailboxes. Every one is partitioned by account; nothing refers across partitions.
 *
 * Small rows that are read in ranges (memberships, changes) are clustered by their key; emails are not, since they are fat: details first, the body last, so
 * that reading details does not touch the body's pages. Size, date and thread stand in the membership too: the index of a mailbox is read from one table.
 *
 * What a placement costs is the number of pages it touches, as accounts lie scattered: head, mailbox, membership with its one index, email with its key, one
 * message id. The index by thread and email serves both questions; new messages are not logged (their uids tell); keys of placements come in
 * time order, so they lead their table and share a page (docs/decisions/0010).
 */
import { migrations as search } from '../search/migrations.ts';
import type { BodyReference } from '../store/references.ts';
import type { Migration } from '../store/store.ts';

/** Created clustered in SQLite; PostgreSQL has no such thing. */
const clustered = [
  `create table account_store (
    account text not null primary key,
    version integer not null,
    used integer not null,
    emails integer not null,
    quota integer not null,
    uid_validity integer not null,
    mailbox_next integer not null,
    email_next integer not null,
    change_floor integer not null,
    generation integer not null
  )`,
  `create table mailbox (
    account text not null,
    id integer not null,
    name text not null,
    role text not null,
    subscribed integer not null,
    uid_validity integer not null,
    uid_next integer not null,
    recent_from integer not null,
    total integer not null,
    unseen integer not null,
    deleted integer not null,
    size integer not null,
    modseq integer not null,
    created integer not null,
    keywords text not null,
    primary key (account, id)
  )`,
  `create table subscription (
    account text not null,
    name text not null,
    primary key (account, name)
  )`,
  `create table membership (
    account text not null,
    mailbox integer not null,
    uid integer not null,
    email integer not null,
    thread integer not null,
    modseq integer not null,
    created integer not null,
    flags integer not null,
    keywords text not null,
    size integer not null,
    received integer not null,
    saved integer not null,
    primary key (account, mailbox, uid)
  )`,
  `create table change (
    account text not null,
    version integer not null,
    seq integer not null,
    mailbox integer not null,
    kind text not null,
    uids text not null,
    emails text not null,
    primary key (account, version, seq)
  )`,
  `create table placement (
    account text not null,
    key text not null,
    mailbox integer not null,
    uid integer not null,
    modseq integer not null,
    email integer not null,
    at integer not null,
    primary key (key, account)
  )`,
  `create table thread_ref (
    account text not null,
    hash integer not null,
    subject integer not null,
    thread integer not null,
    primary key (account, hash, subject)
  )`,
  `create table mailbox_purge (
    account text not null,
    mailbox integer not null,
    primary key (account, mailbox)
  )`,
];

const indexes = [
  'create unique index mailbox_name on mailbox (account, name)',
  'create index membership_thread on membership (account, thread, email)',
  'create index placement_at on placement (at)',
];

/** Tables of version 3, made clustered where the engine can. */
const sharing = [
  `create table metadata (
    account text not null,
    mailbox integer not null,
    who text not null,
    entry text not null,
    value blob not null,
    primary key (account, mailbox, who, entry)
  )`,
  `create table shared_by (
    account text not null,
    owner text not null,
    primary key (account, owner)
  )`,
  `create table access_setting (
    account text not null,
    name text not null,
    value text not null,
    primary key (account, name)
  )`,
  `create table pop3_uidl (
    account text not null,
    mailbox integer not null,
    uid integer not null,
    uidl text not null,
    primary key (account, mailbox, uid)
  )`,
];

/** Which messages of which source came in by an import: see rules/import.ts. */
const imported = `create table imported (
  account text not null,
  source text not null,
  key text not null,
  mailbox integer not null,
  uid integer not null,
  hash text not null,
  flags integer not null,
  keywords text not null,
  primary key (account, source, key)
)`;

/** What clients of JMAP uploaded and have not used yet, for a while. */
const upload = `create table upload (
  account text not null,
  id text not null,
  type text not null,
  size integer not null,
  at integer not null,
  body_file text,
  body blob,
  primary key (account, id)
)`;

const importedIndex = 'create index imported_hash on imported (account, hash)';

export const migrations: readonly Migration[] = [
  {
    part: 'mailbox',
    version: 1,
    statements: [
      `create table email (
        account text not null,
        id integer not null,
        size integer not null,
        received integer not null,
        sent integer,
        thread integer not null,
        created integer not null,
        details text not null,
        body_file text,
        body blob,
        primary key (account, id)
      )`,
      'create index email_body_file on email (body_file) where body_file is not null',
    ],
    sqlite: [...clustered.map((table) => `${table} without rowid`), ...indexes],
    postgres: [...clustered.map((table) => table.replaceAll(/\binteger\b/g, 'bigint')), ...indexes],
  },
  {
    part: 'mailbox',
    version: 2,
    statements: [
      `create table mailbox_snapshot (
        account text not null,
        mailbox integer not null,
        version integer not null,
        uid_next integer not null,
        modseq integer not null,
        data blob not null,
        primary key (account, mailbox)
      )`,
    ],
  },
  {
    part: 'mailbox',
    version: 3,
    statements: [
      // Lines of identifier and rights: small, and read with the mailbox.
      `alter table mailbox add column acl text not null default ''`,
      'alter table account_store add column quota_emails integer not null default 0',
    ],
    sqlite: sharing.map((table) => `${table} without rowid`),
    postgres: sharing.map((table) =>
      table.replaceAll(/\binteger\b/g, 'bigint').replaceAll(/\bblob\b/g, 'bytea'),
    ),
  },
  {
    part: 'mailbox',
    version: 4,
    statements: ['create index pop3_uidl_uidl on pop3_uidl (account, mailbox, uidl)'],
    sqlite: [`${imported} without rowid`, importedIndex],
    postgres: [imported.replaceAll(/\binteger\b/g, 'bigint'), importedIndex],
  },
  {
    part: 'mailbox',
    version: 5,
    statements: [
      // What owners have said about mail, until somebody has learned from it (rules/junk-vote.ts).
      `create table junk_vote (
        account text not null,
        email integer not null,
        says text not null,
        version integer not null,
        primary key (account, email)
      )`,
    ],
  },
  {
    part: 'mailbox',
    version: 6,
    statements: [
      // Threads of what was expunged, in step with `emails`: nothing else tells them once the emails are gone.
      `alter table change add column threads text not null default ''`,
      'alter table mailbox add column sort_order integer not null default 0',
      upload,
      'create index upload_body_file on upload (body_file) where body_file is not null',
      'create index upload_at on upload (at)',
    ],
  },
  {
    part: 'mailbox',
    version: 7,
    statements: [
      // Mail that comes back into `back` at a time (rules/snooze.ts).
      `create table snoozed (
        account text not null,
        email integer not null,
        until bigint not null,
        back integer not null,
        primary key (account, email)
      )`,
      'create index snoozed_until on snoozed (until)',
    ],
  },
  ...search,
];

/** Where emails and uploads name bodies that are files: for the sweep, backup and check of the store. */
export const bodyReferences: readonly BodyReference[] = [
  { table: 'email', column: 'body_file' },
  { table: 'upload', column: 'body_file' },
];
