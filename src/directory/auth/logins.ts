/**
 * Letting in: by password, by SCRAM, by bearer token.
 *
 * A user that does not exist takes the same time, the same brakes and the same answer as a wrong password. A password that was verified
 * lately is believed without asking the brakes, so that nobody is locked out of a running mailer by others who guess.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { sleep, type Clock } from '../../base/clock.ts';
import { newSecret } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { Metrics } from '../../base/metrics.ts';
import { Refusal } from '../../base/refusal.ts';
import type { ScramCredential, ScramHash, ScramKeys } from '../../proto/sasl/mechanism.ts';
import { saslprep } from '../../proto/sasl/saslprep.ts';
import { hashBytes } from '../../proto/sasl/scram-keys.ts';
import type { Store } from '../../store/store.ts';
import { maybe } from '../../store/transaction.ts';
import type { Account } from '../account.ts';
import { formatAddress, readAddress, type Address } from '../address.ts';
import type { LoginFrom, Principal } from '../principal.ts';
import type { ReadCache } from '../read/cache.ts';
import { findLogin, type CredentialRow, type LoginRecord } from '../read/login.ts';
import { keepSecret, noteUse } from '../write/credential.ts';
import type { Brakes, Standing } from './brakes.ts';
import { hashAppPassword, type PasswordHasher } from './hashing.ts';
import { scramIterations, saltBytes } from './secret.ts';
import { Turns } from './turns.ts';
import { Verdicts, type Shown } from './verdicts.ts';

/** Uses of one credential are noted at most this often. */
const noteEveryMs = 5 * 60_000;
/** The answer to a wrong password that was shown before: not counted, but not for free. */
const repeatDelayMs = 1000;
const notesMax = 10_000;
const nameMax = 320;

export interface LoginParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly cache: ReadCache;
  readonly brakes: Brakes;
  readonly hasher: PasswordHasher;
}

interface Named {
  readonly name: string;
  readonly record: LoginRecord | undefined;
}

type Outcome = { readonly principal: Principal } | { readonly delayMs: number };

export class Logins {
  readonly #parts: LoginParts;
  readonly #turns = new Turns();
  readonly #verdicts: Verdicts;
  readonly #noted = new Map<string, number>();
  readonly #count;
  #secret: Promise<string> | undefined;

  constructor(parts: LoginParts) {
    this.#parts = parts;
    this.#verdicts = new Verdicts(parts.clock);
    this.#count = parts.metrics.counter('hikyaku_directory_logins_total', 'Logins by service and result.', [
      'service',
      'result',
    ]);
  }

  async password(username: string, password: string, from: LoginFrom): Promise<Principal> {
    const prepared = saslprep(password) ?? '';
    const { name, record } = await this.#find(username);
    const shown = { name, service: from.service, password: prepared };
    const known = this.#known(record, shown, from);
    if (known) return known;
    const outcome = await this.#turns.run(name, () => this.#verify({ name, record }, shown, from));
    return this.#conclude(outcome, name, from);
  }

  async scram(username: string, hash: ScramHash, from: LoginFrom): Promise<ScramCredential<Principal>> {
    const { name, record } = await this.#find(username);
    await this.#check(name, from);
    const usable = this.#usable(record, from);
    const salt = record?.salt ?? (await this.#inventedSalt(name));
    const settle = async (proved: number | undefined): Promise<Principal> => {
      const credential = proved === undefined ? undefined : usable[proved];
      const outcome = await this.#turns.run(name, () => this.#settle({ name, record }, credential, from));
      return this.#conclude(outcome, name, from);
    };
    const keys = usable.map((each) => scramKeys(each, hash));
    return {
      salt,
      iterations: record?.iterations ?? scramIterations,
      keys: keys.length > 0 ? keys : [unprovable[hash]],
      settle,
    };
  }

  /** The account behind a login name, for tokens. */
  async find(username: string): Promise<Account | undefined> {
    return (await this.#find(username)).record?.account;
  }

  async #find(username: string): Promise<Named> {
    const address = readLogin(username);
    if (!address) return { name: username.slice(0, nameMax).toLowerCase(), record: undefined };
    const spelled = formatAddress(address);
    const record = await this.#parts.cache.get(`login ${spelled}`, () => findLogin(address));
    return { name: record?.account.name ?? spelled.toLowerCase(), record };
  }

  #known(record: LoginRecord | undefined, shown: Shown, from: LoginFrom): Principal | undefined {
    if (!record || record.account.disabled) return undefined;
    const verdict = this.#verdicts.find(shown, record.account.version);
    if (verdict?.is !== 'right') return undefined;
    const credential = this.#usable(record, from).find(({ id }) => id === verdict.credential);
    return credential && this.#principal(record.account, credential, from);
  }

  async #verify({ name, record }: Named, shown: Shown, from: LoginFrom): Promise<Outcome> {
    const known = this.#known(record, shown, from);
    if (known) return { principal: known };
    const standing = await this.#check(name, from);
    const version = record?.account.version ?? 0;
    if (this.#verdicts.find(shown, version)?.is === 'wrong') return { delayMs: repeatDelayMs };
    const credential = await this.#match(record, shown.password, from);
    if (!record || !credential) {
      this.#verdicts.keep(shown, { is: 'wrong', version });
      return { delayMs: await this.#parts.brakes.failed({ name, ip: from.ip }, standing) };
    }
    this.#verdicts.keep(shown, { is: 'right', version, credential: credential.id });
    await this.#welcome(name, from, standing);
    return { principal: this.#principal(record.account, credential, from) };
  }

  /** The credential that this password is. One Argon2 computation for every wrong answer, whatever was wrong. */
  async #match(
    record: LoginRecord | undefined,
    password: string,
    from: LoginFrom,
  ): Promise<CredentialRow | undefined> {
    const { hasher } = this.#parts;
    const usable = this.#usable(record, from);
    const app = record ? hashAppPassword(record.account.id, password) : '';
    const found = usable.find(({ kind, hash }) => kind === 'app' && hash === app);
    if (found) return found;
    const own = usable.find(({ kind }) => kind === 'password');
    const right = own ? await hasher.verify(own.hash, password) : await hasher.verifyNobody(password);
    return right ? own : undefined;
  }

  /** The brakes are asked again when the proof comes: other guesses may have been made since the exchange began. */
  async #settle(
    { name, record }: Named,
    credential: CredentialRow | undefined,
    from: LoginFrom,
  ): Promise<Outcome> {
    const standing = await this.#check(name, from);
    if (!record || !credential)
      return { delayMs: await this.#parts.brakes.failed({ name, ip: from.ip }, standing) };
    await this.#welcome(name, from, standing);
    return { principal: this.#principal(record.account, credential, from) };
  }

  /** A login may do without the place being noted. */
  async #welcome(name: string, { ip }: LoginFrom, { nameFailed }: Standing): Promise<void> {
    const { brakes, log } = this.#parts;
    if (nameFailed) await brakes.forgive({ name, ip });
    await brakes
      .welcome({ name, ip })
      .catch((error: unknown) => log.warn({ error: String(error) }, 'place of a login not noted'));
  }

  async #check(name: string, from: LoginFrom): Promise<Standing> {
    try {
      return await this.#parts.brakes.check({ name, ip: from.ip });
    } catch (error) {
      if (error instanceof Refusal) this.#count.add(1, { service: from.service, result: 'locked' });
      throw error;
    }
  }

  async #conclude(outcome: Outcome, name: string, from: LoginFrom): Promise<Principal> {
    if ('principal' in outcome) return outcome.principal;
    this.#count.add(1, { service: from.service, result: 'failed' });
    this.#parts.log.info({ login: name, ip: from.ip, service: from.service }, 'login refused');
    if (outcome.delayMs > 0) await sleep(this.#parts.clock, outcome.delayMs);
    throw new Refusal('authenticationFailed', `wrong password or unknown user: ${name}`);
  }

  #usable(record: LoginRecord | undefined, { service }: LoginFrom): readonly CredentialRow[] {
    if (!record || record.account.disabled) return [];
    const now = this.#parts.clock.nowMs();
    return record.credentials.filter(
      ({ services, expires_at: expires }) =>
        (services === '' || services.split(',').includes(service)) && (expires === 0 || expires > now),
    );
  }

  #principal(account: Account, { id, kind, last_used_at }: CredentialRow, from: LoginFrom): Principal {
    this.#count.add(1, { service: from.service, result: 'accepted' });
    this.#noteUse(account.id, { id, lastUsedAtMs: last_used_at }, from);
    const credential = kind === 'app' ? `app:${id}` : 'password';
    return { account: account.id, org: account.org, address: account.name, roles: account.roles, credential };
  }

  /** In the background: a login does not wait for it, and may do without it. */
  #noteUse(
    account: string,
    { id, lastUsedAtMs }: { id: string; lastUsedAtMs: number },
    from: LoginFrom,
  ): void {
    const { store, clock, log } = this.#parts;
    const key = `${account} ${id}`;
    const atMs = clock.nowMs();
    if (atMs - Math.max(this.#noted.get(key) ?? 0, lastUsedAtMs) < noteEveryMs) return;
    if (this.#noted.size >= notesMax) this.#noted.clear();
    this.#noted.set(key, atMs);
    store
      .write(noteUse, { account, id, atMs, ip: from.ip, service: from.service })
      .catch((error: unknown) => log.warn({ error: String(error) }, 'use of a credential not noted'));
  }

  /** The same each time, so that a name that does not exist looks like one that does (RFC 5802, 9). */
  async #inventedSalt(name: string): Promise<Uint8Array> {
    this.#secret ??= this.#readSecret();
    return createHmac('sha256', await this.#secret)
      .update(name)
      .digest()
      .subarray(0, saltBytes);
  }

  async #readSecret(): Promise<string> {
    const { store } = this.#parts;
    try {
      const kept = await store.read(() =>
        maybe<{ secret: string }>('select secret from directory_head where id = 1'),
      );
      return kept?.secret || (await store.write(keepSecret, { secret: newSecret(32) }));
    } catch (error) {
      this.#secret = undefined;
      throw error;
    }
  }
}

/** A login name is an address; its spelling is as free as an address's. */
function readLogin(username: string): Address | undefined {
  return readAddress((saslprep(username) ?? '').trim());
}

function scramKeys(row: CredentialRow, hash: ScramHash): ScramKeys {
  return hash === 'sha1'
    ? { storedKey: row.sha1_stored, serverKey: row.sha1_server }
    : { storedKey: row.sha256_stored, serverKey: row.sha256_server };
}

/** No client key hashes to zeros. */
const unprovable: Record<ScramHash, ScramKeys> = {
  sha1: { storedKey: Buffer.alloc(hashBytes.sha1), serverKey: Buffer.alloc(hashBytes.sha1) },
  sha256: { storedKey: Buffer.alloc(hashBytes.sha256), serverKey: Buffer.alloc(hashBytes.sha256) },
};

export function sameSecret(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
