/** Makes what is stored of a password: an Argon2id hash, and the keys of SCRAM for both hashes. */
import { randomBytes } from 'node:crypto';
import { Refusal } from '../../base/refusal.ts';
import { saslprep } from '../../proto/sasl/saslprep.ts';
import { deriveKeys } from '../../proto/sasl/scram-keys.ts';
import { isSecretSized } from '../../proto/sasl/text.ts';
import { ownPassword, type Secret } from '../write/credential.ts';
import { hashAppPassword, type PasswordHasher } from './hashing.ts';

export const saltBytes = 16;
/** RFC 7677 wants 4096 at least; each derivation runs in the client too, which may be an old telephone. */
export const scramIterations = 10_000;
/** NIST SP 800-63B, 3.1.1: length is what counts. */
const passwordCharsMin = 8;

export interface Salt {
  readonly salt: Uint8Array;
  readonly iterations: number;
}

export function newSalt(): Salt {
  return { salt: randomBytes(saltBytes), iterations: scramIterations };
}

/** The password in its one form, or a Refusal that says what is wrong with it. */
export function preparePassword(password: string, at: string): string {
  const prepared = saslprep(password);
  if (prepared === undefined)
    throw new Refusal('invalid', 'has characters that cannot be used in a password', { at });
  if (Array.from(prepared).length < passwordCharsMin) {
    throw new Refusal('invalid', `must have at least ${passwordCharsMin} characters`, { at });
  }
  if (!isSecretSized(prepared)) throw new Refusal('invalid', 'is too long', { at });
  return prepared;
}

/** The account's own password, prepared. */
export async function passwordSecret(
  hasher: PasswordHasher,
  { prepared, salt, atMs }: { prepared: string; salt: Salt; atMs: number },
): Promise<Secret> {
  const [hash, keys] = await Promise.all([hasher.hash(prepared), scramKeys(prepared, salt)]);
  const facts = { id: ownPassword, kind: 'password', name: '', services: '', expiresAtMs: 0 } as const;
  return { ...facts, ...keys, hash, createdAtMs: atMs };
}

export interface NewAppPassword {
  readonly id: string;
  readonly account: string;
  readonly shown: string;
  readonly salt: Salt;
  readonly name: string;
  readonly services: readonly string[];
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
}

export async function appSecret(app: NewAppPassword): Promise<Secret> {
  const { id, name, services, createdAtMs, expiresAtMs } = app;
  const keys = await scramKeys(app.shown, app.salt);
  const hash = hashAppPassword(app.account, app.shown);
  return { id, kind: 'app', name, services: services.join(','), ...keys, hash, createdAtMs, expiresAtMs };
}

async function scramKeys(password: string, salt: Salt): Promise<Pick<Secret, 'sha1' | 'sha256'>> {
  const [sha1, sha256] = await Promise.all([
    deriveKeys('sha1', { password, ...salt }),
    deriveKeys('sha256', { password, ...salt }),
  ]);
  return { sha1, sha256 };
}
