/**
 * The directory's tables. What belongs to an organisation leads with it or carries it; `domain`, `address`, `directory_account`, `api_key` and
 * `rewrite` are also looked up without it, by a key that is unique in the whole system (reference tables on a sharded engine).
 * `directory_head` counts the changes of all of them, so that caches can tell in one small read whether they are current.
 */
import type { Migration } from '../store/store.ts';

export const migrations: readonly Migration[] = [
  {
    part: 'directory',
    version: 1,
    statements: [
      'create table directory_head (id integer primary key, version integer not null, secret text not null)',
      "insert into directory_head (id, version, secret) values (1, 1, '')",
      `create table org (id text primary key, name text not null, language text not null, operator integer not null,
        created_at integer not null)`,
      `create table domain (name text primary key, org text not null, alias_of text not null, separators text not null,
        catch_all text not null, legacy_local integer not null, case_sensitive integer not null, created_at integer not null)`,
      'create index domain_org on domain (org, name)',
      'create index domain_alias on domain (alias_of)',
      `create table directory_account (org text not null, id text not null, name text not null, display_name text not null,
        language text not null, quota integer not null, roles text not null, disabled integer not null, forward_keep integer not null,
        scram_salt blob not null, scram_iterations integer not null, created_at integer not null, version integer not null,
        primary key (org, id))`,
      'create unique index directory_account_id on directory_account (id)',
      'create unique index directory_account_name on directory_account (org, name)',
      `create table address (domain text not null, local text not null, org text not null, kind text not null, account text not null,
        display_name text not null, created_at integer not null, primary key (domain, local))`,
      'create index address_org on address (org, kind, domain, local)',
      'create index address_account on address (account)',
      `create table address_target (domain text not null, local text not null, position integer not null, target text not null,
        primary key (domain, local, position))`,
      'create index address_target_target on address_target (target)',
      `create table account_forward (account text not null, position integer not null, target text not null,
        primary key (account, position))`,
      `create table credential (account text not null, id text not null, org text not null, kind text not null, name text not null,
        hash text not null, services text not null, sha1_stored blob not null, sha1_server blob not null, sha256_stored blob not null,
        sha256_server blob not null, created_at integer not null, expires_at integer not null, last_used_at integer not null,
        last_used_ip text not null, last_used_service text not null, primary key (account, id))`,
      `create table api_key (id text primary key, org text not null, account text not null, name text not null, hash text not null,
        scopes text not null, created_by text not null, created_at integer not null, expires_at integer not null,
        last_used_at integer not null)`,
      'create index api_key_org on api_key (org, id)',
      'create index api_key_account on api_key (account)',
      `create table send_as (account text not null, address text not null, org text not null, primary key (account, address))`,
      `create table rewrite (direction text not null, source text not null, org text not null, target text not null,
        place text not null, created_at integer not null, primary key (direction, source))`,
      'create index rewrite_org on rewrite (org, direction, source)',
      `create table audit (org text not null, at integer not null, id text not null, actor text not null, ip text not null,
        action text not null, subject text not null, detail text not null, primary key (org, at, id))`,
      `create table login_failure (subject text primary key, failures integer not null, last_at integer not null,
        until_at integer not null)`,
      'create index login_failure_last on login_failure (last_at)',
    ],
  },
  {
    part: 'directory',
    version: 2,
    statements: [
      `create table account_task (org text not null, account text not null, task text not null, at integer not null,
        version integer not null, primary key (org, account, task))`,
      'create index account_forward_target on account_forward (target)',
    ],
  },
  {
    part: 'directory',
    version: 3,
    statements: [
      'create index directory_account_login on directory_account (name)',
      'create index audit_at on audit (at, id)',
    ],
  },
  {
    part: 'directory',
    version: 4,
    statements: [
      'create table login_place (name text not null, block text not null, last_at integer not null, primary key (name, block))',
      'create index login_place_last on login_place (last_at)',
    ],
  },
  {
    part: 'directory',
    version: 5,
    statements: [
      "alter table domain add column mta_sts text not null default ''",
      "alter table domain add column bimi_logo text not null default ''",
    ],
  },
  {
    part: 'directory',
    version: 6,
    // `domain`: '' for the rules of the whole organisation. `rules`: as JSON, only what is set otherwise than above it.
    statements: [
      'create table sender_rules (org text not null, domain text not null, rules text not null, primary key (org, domain))',
    ],
  },
  {
    part: 'directory',
    version: 7,
    // `rules`: as JSON, only what is set otherwise than the server has it.
    statements: ['create table filter_rules (org text not null primary key, rules text not null)'],
  },
  {
    part: 'directory',
    version: 8,
    // Times 0: not yet. `private`: see key-box.ts; '' once it is removed.
    statements: [
      `create table dkim_key (domain text not null, selector text not null, org text not null, algorithm text not null, state text not null,
        record text not null, private text not null, created_at integer not null, since_at integer not null, seen_at integer not null,
        primary key (domain, selector))`,
    ],
  },
  {
    part: 'directory',
    version: 9,
    // Of the server itself, by what they are for.
    statements: ['create table directory_secret (name text not null primary key, secret text not null)'],
  },
  {
    part: 'directory',
    version: 10,
    // `limits`: as JSON, see application.ts; '' for none.
    statements: [
      "alter table api_key add column limits text not null default ''",
      `create table stream (org text not null, name text not null, kind text not null, created_at integer not null, primary key (org, name))`,
      `create table submitter (id text not null primary key, org text not null, kind text not null, value text not null, name text not null,
        limits text not null, created_by text not null, created_at integer not null, expires_at integer not null)`,
      'create index submitter_org on submitter (org, id)',
      'create unique index submitter_value on submitter (kind, value)',
    ],
  },
  {
    part: 'directory',
    version: 11,
    // Sessions of browsers, and what proves a person besides the password. `web_session` is looked up by `hash` without its account, as `api_key` is.
    statements: [
      `create table web_session (account text not null, id text not null, org text not null, hash text not null, user_agent text not null,
        ip text not null, remembered integer not null, proved text not null, created_at integer not null, last_used_at integer not null,
        last_used_ip text not null, primary key (account, id))`,
      'create unique index web_session_hash on web_session (hash)',
      `create table totp (account text not null primary key, org text not null, secret text not null, confirmed integer not null,
        last_step integer not null, created_at integer not null)`,
      'create table recovery_code (account text not null, hash text not null, primary key (account, hash))',
      `create table passkey (id text not null primary key, account text not null, org text not null, name text not null, rp text not null,
        public_key blob not null, counter integer not null, transports text not null, created_at integer not null,
        last_used_at integer not null)`,
      'create index passkey_account on passkey (account)',
      'create table proof_used (id text not null primary key, expires_at integer not null)',
    ],
  },
  {
    part: 'directory',
    version: 12,
    // `pattern`: the part before the @, `*` for anything. `options`: as JSON, see entities.ts. `purpose`: `returnPath` or `tracking`.
    statements: [
      `create table inbound_route (id text not null primary key, org text not null, domain text not null, pattern text not null, url text not null,
        secret text not null, options text not null, created_at integer not null)`,
      'create index inbound_route_domain on inbound_route (domain, pattern)',
      'create index inbound_route_org on inbound_route (org, id)',
      `create table sending_domain (name text not null primary key, org text not null, purpose text not null, created_at integer not null)`,
      'create unique index sending_domain_purpose on sending_domain (org, purpose)',
    ],
  },
  {
    part: 'directory',
    version: 13,
    // `unsubscribe`: as in principal.ts.
    statements: [`alter table stream add column unsubscribe text not null default 'none'`],
  },
];
