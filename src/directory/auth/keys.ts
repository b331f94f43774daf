/**
 * API keys: `hk_<id>_<secret>`. Only a hash of the secret is kept; 192 random bits need no slow one.
 *
 * A key that is bound to an account and has the scope `mail:<service>` is also a bearer token for that account's mail.
 */
import type { Clock } from '../../base/clock.ts';
import type { AccountId, CredentialId, OrgId } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import { sleep } from '../../base/clock.ts';
import type { Store } from '../../store/store.ts';
import { comesFrom, programOf } from '../application.ts';
import type { KeyScope, SendLimits } from '../entities.ts';
import type { LoginFrom, Principal } from '../principal.ts';
import type { ReadCache } from '../read/cache.ts';
import { limitsOf, streamsOf } from '../read/application.ts';
import { listOf } from '../read/entity.ts';
import { findAccount, findKey, type KeyFound } from '../read/login.ts';
import { noteKeyUse } from '../write/credential.ts';
import type { Brakes } from './brakes.ts';
import { hashApiKey } from './hashing.ts';
import { sameSecret, type Logins } from './logins.ts';

const keyShape = /^hk_([0-9a-z]{16})_([A-Za-z0-9_-]{32})$/;
const noteEveryMs = 5 * 60_000;
const notesMax = 10_000;

/** Whether a password is one of our keys. */
export const isKey = (text: string): boolean => keyShape.test(text);

/** The holder of an API key. */
export interface KeyHolder {
  readonly id: CredentialId;
  /** `''`: the operator's, for every organisation. */
  readonly org: OrgId | '';
  readonly account: AccountId | '';
  readonly scopes: readonly KeyScope[];
  readonly limits: SendLimits;
}

export interface KeyParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly cache: ReadCache;
  readonly brakes: Brakes;
  readonly logins: Logins;
}

export class Keys {
  readonly #parts: KeyParts;
  readonly #noted = new Map<string, number>();

  constructor(parts: KeyParts) {
    this.#parts = parts;
  }

  /** Who shows this key, or Refusal. Failures count against the address only: a key has no name to lock. */
  async holder(key: string, ip: string): Promise<KeyHolder> {
    await this.#parts.brakes.check({ name: '', ip });
    const found = await this.#find(key, ip);
    if (found) return toHolder(found);
    return this.#refuse(ip);
  }

  /** The login of a program with a key as its password, whatever user name it gives. */
  async program(key: string, ip: string): Promise<Principal> {
    const { id, org, scopes, limits } = await this.holder(key, ip);
    if (org === '' || !(scopes.includes('send') || scopes.includes('all'))) return this.#refuse(ip);
    const streams = await this.#parts.cache.get(`streams ${org}`, () => streamsOf(org));
    return programOf({ id, org, is: 'key', limits }, streams);
  }

  /** The login of an account with one of its keys (OAUTHBEARER, XOAUTH2). */
  async token(username: string, token: string, from: LoginFrom): Promise<Principal> {
    const { brakes, cache, logins } = this.#parts;
    await brakes.check({ name: '', ip: from.ip });
    const found = await this.#find(token, from.ip);
    const mayLogIn = found && (listOf(found.scopes) as readonly KeyScope[]).includes(`mail:${from.service}`);
    if (mayLogIn) {
      const account = await cache.get(`account ${found.account}`, () => findAccount(found.account));
      const named = username === '' ? account : await logins.find(username);
      if (account && !account.disabled && named?.id === account.id) {
        const { id, org, name: address, roles } = account;
        return { account: id, org, address, roles, credential: `key:${found.id}` };
      }
    }
    return this.#refuse(from.ip);
  }

  async #find(key: string, ip: string): Promise<KeyFound | undefined> {
    const [, id = '', secret = ''] = keyShape.exec(key) ?? [];
    if (id === '') return undefined;
    const { cache, clock } = this.#parts;
    const found = await cache.get(`key ${id}`, () => findKey(id));
    if (!found || !sameSecret(found.hash, hashApiKey(secret))) return undefined;
    if (found.expires_at !== 0 && found.expires_at <= clock.nowMs()) return undefined;
    if (!comesFrom(limitsOf(found.limits), ip)) return undefined;
    this.#noteUse(found);
    return found;
  }

  #noteUse({ id, last_used_at: lastMs }: KeyFound): void {
    const { store, clock, log } = this.#parts;
    const atMs = clock.nowMs();
    if (atMs - Math.max(this.#noted.get(id) ?? 0, lastMs) < noteEveryMs) return;
    if (this.#noted.size >= notesMax) this.#noted.clear();
    this.#noted.set(id, atMs);
    store
      .write(noteKeyUse, { id, atMs })
      .catch((error: unknown) => log.warn({ error: String(error) }, 'use of a key not noted'));
  }

  async #refuse(ip: string): Promise<never> {
    const delayMs = await this.#parts.brakes.failed({ name: '', ip }, { known: false });
    if (delayMs > 0) await sleep(this.#parts.clock, delayMs);
    throw new Refusal('authenticationFailed', 'not a valid key');
  }
}

function toHolder(found: KeyFound): KeyHolder {
  return {
    id: found.id as CredentialId,
    org: found.org as OrgId | '',
    account: found.account as AccountId | '',
    scopes: listOf(found.scopes) as readonly KeyScope[],
    limits: limitsOf(found.limits),
  };
}
