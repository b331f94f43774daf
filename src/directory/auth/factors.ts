/**
 * What proves a person besides the password: one-time codes (RFC 6238) that count once, recovery codes, and passkeys. Guesses meet the same brakes as
 * passwords. Passkeys are verified by whoever speaks WebAuthn with the browser; here they are kept.
 */
import { createHash } from 'node:crypto';
import { Secret, TOTP } from 'otpauth';
import { sleep, type Clock } from '../../base/clock.ts';
import { newSecret, newSpokenSecret, type AccountId, type OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Store } from '../../store/store.ts';
import { maybe, rows } from '../../store/transaction.ts';
import type { Actor } from '../actor.ts';
import {
  addPasskey,
  beginTotp,
  confirmTotp,
  dropFactors,
  dropPasskey,
  dropTotp,
  notePasskeyUse,
  putRecoveryCodes,
  useRecoveryCode,
  useTotpStep,
  type NewPasskey,
} from '../write/factor.ts';
import type { Brakes } from './brakes.ts';

const secretBytes = 20;
const periodSeconds = 30;
/** Clocks of telephones go wrong: one step before and after. */
const stepsAside = 1;
const recoveryCodes = 10;
/** Two groups are read and typed well enough. */
const recoveryChars = 11;

export interface FactorOwner {
  readonly account: AccountId;
  readonly org: OrgId;
  /** Login address: what guesses are counted against. */
  readonly address: string;
}

export interface Passkey {
  readonly id: string;
  readonly account: AccountId;
  readonly org: OrgId;
  readonly name: string;
  readonly rp: string;
  readonly publicKey: Uint8Array;
  readonly counter: number;
  readonly transports: readonly string[];
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number;
}

export interface FactorState {
  readonly totp: boolean;
  readonly recoveryCodes: number;
  readonly passkeys: readonly Passkey[];
}

interface PasskeyRow {
  readonly id: string;
  readonly account: string;
  readonly org: string;
  readonly name: string;
  readonly rp: string;
  readonly public_key: Uint8Array;
  readonly counter: number;
  readonly transports: string;
  readonly created_at: number;
  readonly last_used_at: number;
}

const passkeyColumns =
  'id, account, org, name, rp, public_key, counter, transports, created_at, last_used_at';

export class Factors {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #brakes: Brakes;

  constructor({ store, clock, brakes }: { store: Store; clock: Clock; brakes: Brakes }) {
    this.#store = store;
    this.#clock = clock;
    this.#brakes = brakes;
  }

  async state(account: AccountId): Promise<FactorState> {
    return this.#store.read(function* () {
      const totp = yield* maybe('select account from totp where account = ? and confirmed = 1', account);
      const codes = yield* rows('select hash from recovery_code where account = ?', account);
      const passkeys = yield* rows<PasskeyRow>(
        `select ${passkeyColumns} from passkey where account = ? order by created_at`,
        account,
      );
      return { totp: totp !== undefined, recoveryCodes: codes.length, passkeys: passkeys.map(toPasskey) };
    });
  }

  /** Whether a password alone is not enough. */
  async isOn(account: AccountId): Promise<boolean> {
    const { totp, passkeys } = await this.state(account);
    return totp || passkeys.length > 0;
  }

  /** A new secret in base 32, and the address for an authenticator. It counts when a code of it was shown. */
  async beginTotp({ account, org, address }: FactorOwner): Promise<{ secret: string; uri: string }> {
    const secret = new Secret({ size: secretBytes });
    await this.#store.write(beginTotp, { account, org, secret: secret.base32, atMs: this.#clock.nowMs() });
    const uri = new TOTP({ issuer: 'Hikyaku', label: address, secret, period: periodSeconds }).toString();
    return { secret: secret.base32, uri };
  }

  /** Refusal: `invalid` for a wrong code. */
  async confirmTotp(actor: Actor, owner: FactorOwner, code: string): Promise<void> {
    const step = await this.#stepOf(owner.account, code, 0);
    if (step === undefined) throw new Refusal('invalid', 'is not the code of now', { at: 'code' });
    await this.#store.write(confirmTotp, { ...this.#of(actor, owner), step });
  }

  async dropTotp(actor: Actor, owner: FactorOwner): Promise<void> {
    await this.#store.write(dropTotp, this.#of(actor, owner));
  }

  /** New recovery codes in place of those before: told once. */
  async newRecoveryCodes(actor: Actor, owner: FactorOwner): Promise<readonly string[]> {
    const codes = Array.from({ length: recoveryCodes }, () => newSpokenSecret().slice(0, recoveryChars));
    const hashes = codes.map((code) => hashCode(owner.account, code));
    await this.#store.write(putRecoveryCodes, { ...this.#of(actor, owner), hashes });
    return codes;
  }

  /** Takes a one-time code or a recovery code, each once. Refusal: `authenticationFailed`, and that of the brakes. */
  async prove(owner: FactorOwner, code: string, ip: string): Promise<'totp' | 'recovery'> {
    const standing = await this.#brakes.check({ name: owner.address, ip });
    if (/^\d{6}$/.test(code)) {
      const step = await this.#stepOf(owner.account, code, 1);
      if (step !== undefined && (await this.#store.write(useTotpStep, { account: owner.account, step })))
        return 'totp';
    } else {
      const actor = { by: `account:${owner.account}`, ip };
      const hash = hashCode(owner.account, code);
      if (await this.#store.write(useRecoveryCode, { ...this.#of(actor, owner), hash })) return 'recovery';
    }
    const delayMs = await this.#brakes.failed({ name: owner.address, ip }, standing);
    if (delayMs > 0) await sleep(this.#clock, delayMs);
    throw new Refusal('authenticationFailed', 'not a code of now');
  }

  async passkey(id: string): Promise<Passkey | undefined> {
    const found = await this.#store.read(() =>
      maybe<PasskeyRow>(`select ${passkeyColumns} from passkey where id = ?`, id),
    );
    return found && toPasskey(found);
  }

  async addPasskey(actor: Actor, owner: FactorOwner, passkey: NewPasskey): Promise<void> {
    await this.#store.write(addPasskey, { ...this.#of(actor, owner), passkey });
  }

  async dropPasskey(actor: Actor, owner: FactorOwner, id: string): Promise<void> {
    await this.#store.write(dropPasskey, { ...this.#of(actor, owner), id });
  }

  /** Refusal: `authenticationFailed` when its counter went back. */
  async noteUse(id: string, counter: number): Promise<void> {
    if (await this.#store.write(notePasskeyUse, { id, counter, atMs: this.#clock.nowMs() })) return;
    throw new Refusal('authenticationFailed', 'the counter of the passkey went back');
  }

  /** Counts a passkey that did not prove anything. */
  async failed(ip: string): Promise<void> {
    await this.#brakes.failed({ name: '', ip }, { known: false });
  }

  /** Takes all of them from an account. Whoever does it notes it. */
  async reset(owner: Omit<FactorOwner, 'address'>): Promise<void> {
    await this.#store.write(dropFactors, { account: owner.account, org: owner.org });
  }

  async #stepOf(account: AccountId, code: string, confirmed: 0 | 1): Promise<number | undefined> {
    const found = await this.#store.read(() =>
      maybe<{ secret: string }>(
        'select secret from totp where account = ? and confirmed = ?',
        account,
        confirmed,
      ),
    );
    if (!found) return undefined;
    const timestamp = this.#clock.nowMs();
    const totp = new TOTP({ secret: Secret.fromBase32(found.secret), period: periodSeconds });
    const aside = totp.validate({ token: code, timestamp, window: stepsAside });
    return aside === null ? undefined : Math.floor(timestamp / 1000 / periodSeconds) + aside;
  }

  #of({ by, ip }: Actor, { account, org }: Pick<FactorOwner, 'account' | 'org'>) {
    return { change: { id: newSecret(12), atMs: this.#clock.nowMs(), by, ip }, account, org };
  }
}

function hashCode(account: string, code: string): string {
  const plain = code.toLowerCase().replaceAll(/[\s-]/g, '');
  return createHash('sha256').update(`recovery:${account}:${plain}`).digest('hex');
}

function toPasskey(found: PasskeyRow): Passkey {
  return {
    id: found.id,
    account: found.account as AccountId,
    org: found.org as OrgId,
    name: found.name,
    rp: found.rp,
    publicKey: found.public_key,
    counter: found.counter,
    transports: found.transports === '' ? [] : found.transports.split(','),
    createdAtMs: found.created_at,
    lastUsedAtMs: found.last_used_at,
  };
}
