/** Accounts: made with their address, changed, forwarded, unmade with all that hangs on them. */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import type { AccountId, OrgId } from '../../base/ids.ts';
import { batch, maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { Account, Language, Role } from '../account.ts';
import { isLegacyLocal, localKey, type Address } from '../address.ts';
import { forgetPlaces } from './brake.ts';
import { existing, ownDomain, recordChange, type Change } from './change.ts';
import { putCredential, type Secret } from './credential.ts';
import { canonicalTargets, dropMentions, renameMentions } from './mention.ts';
import { noteTask } from './task.ts';

export interface NewAccount {
  readonly change: Change;
  readonly account: Omit<Account, 'name' | 'version'>;
  readonly address: Address;
  readonly salt: Uint8Array;
  readonly iterations: number;
  /** Absent: no login with a password (yet). */
  readonly secret?: Secret;
}

export interface AccountEdit {
  readonly displayName?: string;
  readonly language?: Language;
  readonly quotaBytes?: number;
  readonly roles?: readonly Role[];
  readonly disabled?: boolean;
}

export interface AccountFacts {
  readonly name: string;
  readonly display_name: string;
  readonly language: string;
  readonly quota: number;
  readonly roles: string;
  readonly disabled: number;
  readonly version: number;
}

const accountFacts =
  'select name, display_name, language, quota, roles, disabled, version from directory_account where org = ? and id = ?';

export function ownAccount(org: string, id: string): Transaction<AccountFacts> {
  return existing<AccountFacts>('account', accountFacts, org, id);
}

/** The key of a new address, once it is known that its domain may have it and nobody else has. */
export function* freeAddress(org: string, { local, domain }: Address, at: string): Transaction<string> {
  const facts = yield* ownDomain(org, domain, at);
  if (facts.alias_of !== '') {
    throw new Refusal('invalid', `${domain} is an alias of ${facts.alias_of}: make the address there`, {
      at,
    });
  }
  if (isLegacyLocal(local) && facts.legacy_local === 0) {
    throw new Refusal('invalid', `${domain} does not allow dots at the ends or side by side`, { at });
  }
  const key = localKey(local, facts.case_sensitive === 1);
  const taken = yield* maybe('select kind from address where domain = ? and local = ?', domain, key);
  if (taken) throw new Refusal('conflict', `${key}@${domain} is taken`, { at });
  return key;
}

/** Gives the login address as it is kept. */
export const createAccount = operation(
  'directory.createAccount',
  function* ({ change, account, address, salt, iterations, secret }: NewAccount): Transaction<string> {
    const { id, org } = account;
    yield* existing('organisation', 'select id from org where id = ?', org);
    const local = yield* freeAddress(org, address, 'name');
    const name = `${local}@${address.domain}`;
    yield* rows(
      `insert into directory_account (org, id, name, display_name, language, quota, roles, disabled, forward_keep, scram_salt,
       scram_iterations, created_at, version) values (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, 1)`,
      org,
      id,
      name,
      account.displayName,
      account.language,
      account.quotaBytes,
      account.roles.join(','),
      account.disabled ? 1 : 0,
      salt,
      iterations,
      account.createdAtMs,
    );
    yield* rows(
      "insert into address (domain, local, org, kind, account, display_name, created_at) values (?, ?, ?, 'account', ?, '', ?)",
      address.domain,
      local,
      org,
      id,
      account.createdAtMs,
    );
    if (secret) yield* putCredential({ account: id, org, secret });
    const { roles, quotaBytes, language } = account;
    if (quotaBytes > 0) yield* noteTask({ org, account: id, task: 'quota', atMs: change.atMs });
    yield* recordChange(change, {
      org,
      action: 'account.create',
      subject: name,
      detail: { id, roles, quotaBytes, language },
    });
    return name;
  },
);

interface UpdateAccount {
  readonly change: Change;
  readonly org: string;
  readonly id: string;
  readonly edit: AccountEdit;
  readonly ifVersion?: number;
}

export const updateAccount = operation(
  'directory.updateAccount',
  function* ({ change, org, id, edit, ifVersion }: UpdateAccount): Transaction<void> {
    const now = yield* ownAccount(org, id);
    if (ifVersion !== undefined && ifVersion !== now.version) {
      throw new Refusal('conflict', 'was changed meanwhile', { at: 'version' });
    }
    const roles = edit.roles?.join(',') ?? now.roles;
    const disabled = edit.disabled === undefined ? now.disabled : edit.disabled ? 1 : 0;
    if (!isOwner(roles) || disabled === 1) yield* keepAnOwner(org, id, now);
    yield* rows(
      `update directory_account set display_name = ?, language = ?, quota = ?, roles = ?, disabled = ?, version = version + 1
       where org = ? and id = ?`,
      edit.displayName ?? now.display_name,
      edit.language ?? now.language,
      edit.quotaBytes ?? now.quota,
      roles,
      disabled,
      org,
      id,
    );
    if (disabled === 1) yield* rows('delete from web_session where account = ?', id);
    if (edit.quotaBytes !== undefined && edit.quotaBytes !== now.quota)
      yield* noteTask({ org: org as OrgId, account: id as AccountId, task: 'quota', atMs: change.atMs });
    yield* recordChange(change, { org, action: 'account.update', subject: now.name, detail: { ...edit } });
  },
  { essential: true },
);

function isOwner(roles: string): boolean {
  return roles.split(',').includes('owner');
}

/** An organisation that has an owner keeps one: else nobody could let anyone in again. */
function* keepAnOwner(org: string, id: string, now: AccountFacts): Transaction<void> {
  if (!isOwner(now.roles) || now.disabled === 1) return;
  const others = yield* rows<{ roles: string }>(
    'select roles from directory_account where org = ? and id <> ? and disabled = 0',
    org,
    id,
  );
  if (others.some(({ roles }) => isOwner(roles))) return;
  throw new Refusal('conflict', 'the last owner of the organisation', { at: 'roles' });
}

interface RenameAccount {
  readonly change: Change;
  readonly org: string;
  readonly id: string;
  readonly address: Address;
  /** The old address stays as an alias. */
  readonly keepOld: boolean;
}

/** Gives the new login address as it is kept. */
export const renameAccount = operation(
  'directory.renameAccount',
  function* ({ change, org, id, address, keepOld }: RenameAccount): Transaction<string> {
    const now = yield* ownAccount(org, id);
    const local = yield* freeAddress(org, address, 'name');
    const name = `${local}@${address.domain}`;
    yield* rows(
      "update address set domain = ?, local = ? where account = ? and kind = 'account'",
      address.domain,
      local,
      id,
    );
    yield* rows(
      'update directory_account set name = ?, version = version + 1 where org = ? and id = ?',
      name,
      org,
      id,
    );
    yield* renameMentions(org, now.name, name);
    if (keepOld) yield* oldAddressAsAlias(org, now.name, { target: name, atMs: change.atMs });
    else yield* forgetPlaces(now.name);
    yield* recordChange(change, {
      org,
      action: 'account.rename',
      subject: now.name,
      detail: { name, keepOld },
    });
    return name;
  },
);

function* oldAddressAsAlias(
  org: string,
  old: string,
  { target, atMs }: { target: string; atMs: number },
): Transaction<void> {
  const at = old.lastIndexOf('@');
  const [local, domain] = [old.slice(0, at), old.slice(at + 1)];
  yield* batch([
    {
      sql: "insert into address (domain, local, org, kind, account, display_name, created_at) values (?, ?, ?, 'alias', '', '', ?)",
      params: [domain, local, org, atMs],
    },
    {
      sql: 'insert into address_target (domain, local, position, target) values (?, ?, 0, ?)',
      params: [domain, local, target],
    },
  ]);
}

/** What goes with an account, by its id. */
const tablesOfAccount = [
  'address',
  'account_forward',
  'credential',
  'api_key',
  'send_as',
  'web_session',
  'totp',
  'recovery_code',
  'passkey',
] as const;

export const deleteAccount = operation(
  'directory.deleteAccount',
  function* ({ change, org, id }: { change: Change; org: string; id: string }): Transaction<void> {
    const now = yield* ownAccount(org, id);
    const others = yield* rows('select id from directory_account where org = ? and id <> ? limit 1', org, id);
    if (others.length > 0) yield* keepAnOwner(org, id, now);
    for (const table of tablesOfAccount) {
      yield* rows(`delete from ${table} where account = ?`, id);
    }
    yield* rows('delete from directory_account where org = ? and id = ?', org, id);
    yield* rows("delete from account_task where org = ? and account = ? and task = 'quota'", org, id);
    yield* noteTask({ org: org as OrgId, account: id as AccountId, task: 'remove', atMs: change.atMs });
    const { left, removed, forwards, catchAlls } = yield* dropMentions(org, now.name);
    yield* recordChange(change, {
      org,
      action: 'account.delete',
      subject: now.name,
      detail: { id, left, removed, forwards, catchAlls },
    });
  },
  { essential: true },
);

interface SetForward {
  readonly change: Change;
  readonly org: string;
  readonly id: string;
  readonly targets: readonly string[];
  readonly keepCopy: boolean;
}

/** Gives the targets as they are kept. */
export const setForward = operation(
  'directory.setForward',
  function* ({ change, org, id, targets, keepCopy }: SetForward): Transaction<readonly string[]> {
    const now = yield* ownAccount(org, id);
    const spelled = yield* canonicalTargets(targets);
    yield* rows('delete from account_forward where account = ?', id);
    yield* batch(
      spelled.map((target, position) => ({
        sql: 'insert into account_forward (account, position, target) values (?, ?, ?)',
        params: [id, position, target],
      })),
    );
    yield* rows(
      'update directory_account set forward_keep = ?, version = version + 1 where org = ? and id = ?',
      keepCopy ? 1 : 0,
      org,
      id,
    );
    yield* recordChange(change, {
      org,
      action: 'account.forward',
      subject: now.name,
      detail: { targets: spelled, keepCopy },
    });
    return spelled;
  },
);
