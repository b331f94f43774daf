/** What a login needs of the store: the account behind a name, and its credentials. */
import { operation } from '../../store/operation.ts';
import { maybe, rows, type Transaction } from '../../store/transaction.ts';
import { localKey, readAddress, type Address } from '../address.ts';
import { accountColumns, toAccount, type AccountRow } from './entity.ts';
import type { Account } from '../account.ts';
import { findDomain } from './resolve.ts';

export interface CredentialRow {
  readonly id: string;
  readonly kind: 'password' | 'app';
  readonly hash: string;
  readonly services: string;
  readonly expires_at: number;
  readonly last_used_at: number;
  readonly sha1_stored: Uint8Array;
  readonly sha1_server: Uint8Array;
  readonly sha256_stored: Uint8Array;
  readonly sha256_server: Uint8Array;
}

export interface LoginRecord {
  readonly account: Account;
  readonly salt: Uint8Array;
  readonly iterations: number;
  readonly credentials: readonly CredentialRow[];
}

/** Aliases of aliases that are followed from a login name. */
const aliasDepthMax = 4;

/** The account that logs in by this name: its address, or an alias that leads to nobody else. */
export function* findLogin(address: Address): Transaction<LoginRecord | undefined> {
  let at: Address | undefined = address;
  for (let depth = 0; at && depth <= aliasDepthMax; depth++) {
    const found: Found | undefined = yield* findAddress(at);
    if (!found) return undefined;
    if (found.kind === 'account') return yield* loginOf(found.account);
    if (found.kind !== 'alias') return undefined;
    const targets: readonly { target: string }[] = yield* rows<{ target: string }>(
      'select target from address_target where domain = ? and local = ? limit 2',
      found.domain,
      found.local,
    );
    at = targets.length === 1 ? readAddress(targets[0]!.target) : undefined;
  }
  return undefined;
}

interface Found {
  readonly domain: string;
  readonly local: string;
  readonly kind: string;
  readonly account: string;
}

function* findAddress({ local, domain }: Address): Transaction<Found | undefined> {
  const facts = yield* findDomain(domain);
  if (!facts) return undefined;
  const key = localKey(local, facts.case_sensitive === 1);
  const sql = 'select domain, local, kind, account from address where domain = ? and local = ?';
  const here = yield* maybe<Found>(sql, domain, key);
  if (here || facts.alias_of === '') return here;
  return yield* maybe<Found>(sql, facts.alias_of, key);
}

function* loginOf(id: string): Transaction<LoginRecord | undefined> {
  const found = yield* maybe<AccountRow & { scram_salt: Uint8Array; scram_iterations: number }>(
    `select ${accountColumns}, scram_salt, scram_iterations from directory_account where id = ?`,
    id,
  );
  if (!found) return undefined;
  const credentials = yield* rows<CredentialRow>(
    `select id, kind, hash, services, expires_at, last_used_at, sha1_stored, sha1_server, sha256_stored, sha256_server
     from credential where account = ? order by id`,
    id,
  );
  const { scram_salt: salt, scram_iterations: iterations } = found;
  return { account: toAccount(found), salt, iterations, credentials };
}

export interface KeyFound {
  readonly id: string;
  readonly org: string;
  readonly account: string;
  readonly name: string;
  readonly hash: string;
  readonly scopes: string;
  readonly limits: string;
  readonly expires_at: number;
  readonly last_used_at: number;
}

export function findKey(id: string): Transaction<KeyFound | undefined> {
  return maybe<KeyFound>(
    'select id, org, account, name, hash, scopes, limits, expires_at, last_used_at from api_key where id = ?',
    id,
  );
}

/** The account that has exactly this address. */
export function* accountAt(address: Address): Transaction<Account | undefined> {
  const found = yield* findAddress(address);
  return found?.kind === 'account' ? yield* findAccount(found.account) : undefined;
}

/** The account of an id or an address, as operators name it. */
export const accountCalled = operation('directory.accountCalled', function* (name: string): Transaction<
  Account | undefined
> {
  const address = readAddress(name);
  return address === undefined ? yield* findAccount(name) : yield* accountAt(address);
});

export function* findAccount(id: string): Transaction<Account | undefined> {
  const found = yield* maybe<AccountRow>(`select ${accountColumns} from directory_account where id = ?`, id);
  return found && toAccount(found);
}
