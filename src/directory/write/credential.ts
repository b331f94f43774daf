/** Passwords, app passwords and API keys. What is stored cannot be turned back into what people type. */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { row, rows, type Transaction } from '../../store/transaction.ts';
import type { ApiKey } from '../entities.ts';
import { limitsColumn } from '../read/application.ts';
import { existing, recordChange, type Change } from './change.ts';

/** Id of an account's own password among its credentials. */
export const ownPassword = 'password';
/** App passwords of one account. */
const appPasswordsMax = 50;
/** API keys of one organisation. */
const apiKeysMax = 200;

export interface Secret {
  /** `password`, or the id of an app password. */
  readonly id: string;
  readonly kind: 'password' | 'app';
  readonly name: string;
  /** Argon2id (PHC string) of a password; SHA-256 in hex of an app password, which is random and long enough. */
  readonly hash: string;
  /** Comma-separated; `''` opens everything. */
  readonly services: string;
  readonly sha1: { readonly storedKey: Uint8Array; readonly serverKey: Uint8Array };
  readonly sha256: { readonly storedKey: Uint8Array; readonly serverKey: Uint8Array };
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export interface PutCredential {
  readonly account: string;
  readonly org: string;
  readonly secret: Secret;
}

export function* putCredential({ account, org, secret }: PutCredential): Transaction<void> {
  yield* rows('delete from credential where account = ? and id = ?', account, secret.id);
  yield* rows(
    `insert into credential (account, id, org, kind, name, hash, services, sha1_stored, sha1_server, sha256_stored, sha256_server,
     created_at, expires_at, last_used_at, last_used_ip, last_used_service) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', '')`,
    account,
    secret.id,
    org,
    secret.kind,
    secret.name,
    secret.hash,
    secret.services,
    secret.sha1.storedKey,
    secret.sha1.serverKey,
    secret.sha256.storedKey,
    secret.sha256.serverKey,
    secret.createdAtMs,
    secret.expiresAtMs,
  );
}

/** The login name of an account whose version goes up: caches of verified passwords go by the version. */
function* touchAccount(org: string, id: string): Transaction<string> {
  const { name } = yield* existing<{ name: string }>(
    'account',
    'update directory_account set version = version + 1 where org = ? and id = ? returning name',
    org,
    id,
  );
  return name;
}

/** Sets the account's own password, or adds an app password. */
export const setSecret = operation(
  'directory.setSecret',
  function* ({ change, account, org, secret }: PutCredential & { change: Change }): Transaction<void> {
    const name = yield* touchAccount(org, account);
    if (secret.kind === 'app') {
      const { total } = yield* row<{ total: number }>(
        "select count(*) as total from credential where account = ? and kind = 'app'",
        account,
      );
      if (total >= appPasswordsMax) throw new Refusal('limitReached', `${appPasswordsMax} app passwords`);
    }
    yield* putCredential({ account, org, secret });
    // Whoever knew the old password is signed out everywhere.
    if (secret.kind === 'password') yield* rows('delete from web_session where account = ?', account);
    const action = secret.kind === 'app' ? 'appPassword.create' : 'account.password';
    yield* recordChange(change, {
      org,
      action,
      subject: name,
      detail: { id: secret.id, name: secret.name, services: secret.services },
    });
  },
  { essential: true },
);

interface DeleteSecret {
  readonly change: Change;
  readonly org: string;
  readonly account: string;
  readonly id: string;
}

export const deleteSecret = operation(
  'directory.deleteSecret',
  function* ({ change, org, account, id }: DeleteSecret): Transaction<void> {
    const name = yield* touchAccount(org, account);
    yield* existing(
      'password',
      'delete from credential where account = ? and id = ? returning id',
      account,
      id,
    );
    const action = id === ownPassword ? 'account.password.delete' : 'appPassword.delete';
    yield* recordChange(change, { org, action, subject: name, detail: { id } });
  },
  { essential: true },
);

interface Used {
  readonly account: string;
  readonly id: string;
  readonly atMs: number;
  readonly ip: string;
  readonly service: string;
}

/** Notes when and where a credential was last used. Not a change: no audit, no new version. */
export const noteUse = operation(
  'directory.noteUse',
  function* ({ account, id, atMs, ip, service }: Used): Transaction<void> {
    yield* rows(
      'update credential set last_used_at = ?, last_used_ip = ?, last_used_service = ? where account = ? and id = ?',
      atMs,
      ip,
      service,
      account,
      id,
    );
  },
  { essential: true },
);

export const createApiKey = operation(
  'directory.createApiKey',
  function* ({ change, key, hash }: { change: Change; key: ApiKey; hash: string }): Transaction<void> {
    const { total } = yield* row<{ total: number }>(
      'select count(*) as total from api_key where org = ?',
      key.org,
    );
    if (total >= apiKeysMax) throw new Refusal('limitReached', `${apiKeysMax} API keys`);
    if (key.org !== '') yield* existing('organisation', 'select id from org where id = ?', key.org);
    if (key.account !== '') {
      yield* existing(
        'account',
        'select id from directory_account where org = ? and id = ?',
        key.org,
        key.account,
      );
    }
    yield* rows(
      `insert into api_key (id, org, account, name, hash, scopes, limits, created_by, created_at, expires_at, last_used_at)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
      key.id,
      key.org,
      key.account,
      key.name,
      hash,
      key.scopes.join(','),
      limitsColumn(key.limits),
      key.createdBy,
      key.createdAtMs,
      key.expiresAtMs,
    );
    const { id, scopes, limits, account } = key;
    yield* recordChange(change, {
      org: key.org,
      action: 'key.create',
      subject: key.name,
      detail: { id, scopes, limits, account },
    });
  },
);

export const deleteApiKey = operation(
  'directory.deleteApiKey',
  function* ({ change, org, id }: { change: Change; org: string; id: string }): Transaction<void> {
    const { name } = yield* existing<{ name: string }>(
      'API key',
      'delete from api_key where org = ? and id = ? returning name',
      org,
      id,
    );
    yield* recordChange(change, { org, action: 'key.delete', subject: name, detail: { id } });
  },
  { essential: true },
);

export const noteKeyUse = operation(
  'directory.noteKeyUse',
  function* ({ id, atMs }: { id: string; atMs: number }): Transaction<void> {
    yield* rows('update api_key set last_used_at = ? where id = ?', atMs, id);
  },
  { essential: true },
);

/** The secret from which invented SCRAM salts are made; the first caller's is kept. */
export const keepSecret = operation(
  'directory.keepSecret',
  function* ({ secret }: { secret: string }): Transaction<string> {
    yield* rows("update directory_head set secret = ? where id = 1 and secret = ''", secret);
    const kept = yield* row<{ secret: string }>('select secret from directory_head where id = 1');
    return kept.secret;
  },
);
