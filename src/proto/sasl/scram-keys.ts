/** The keys of SCRAM (RFC 5802, 3): what a server keeps in place of a password, and the arithmetic of proofs. */
import { createHash, createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import type { ScramHash, ScramKeys } from './mechanism.ts';

const pbkdf2Async = promisify(pbkdf2);

/** RFC 7677, 4: at least 4096. */
export const iterationsMin = 4096;
export const hashBytes: Record<ScramHash, number> = { sha1: 20, sha256: 32 };

export interface Salted {
  readonly password: string;
  readonly salt: Uint8Array;
  readonly iterations: number;
}

/** What a client holds: with it the proof is made. */
export interface ClientKeys extends ScramKeys {
  readonly clientKey: Uint8Array;
}

/** Derives all keys from a password that has been through SASLprep. Runs off the calling thread. */
export async function deriveKeys(
  hash: ScramHash,
  { password, salt, iterations }: Salted,
): Promise<ClientKeys> {
  const salted = await pbkdf2Async(password, salt, iterations, hashBytes[hash], hash);
  const clientKey = hmac(hash, salted, 'Client Key');
  return { clientKey, storedKey: digest(hash, clientKey), serverKey: hmac(hash, salted, 'Server Key') };
}

export function hmac(hash: ScramHash, key: Uint8Array, data: Uint8Array | string): Buffer {
  return createHmac(hash, key).update(data).digest();
}

function digest(hash: ScramHash, data: Uint8Array): Buffer {
  return createHash(hash).update(data).digest();
}

/** ClientProof = ClientKey XOR HMAC(StoredKey, AuthMessage). */
export function clientProof(hash: ScramHash, keys: ClientKeys, authMessage: string): Uint8Array {
  return xor(keys.clientKey, hmac(hash, keys.storedKey, authMessage));
}

/** Whether the proof was made with the client key behind `storedKey`. In constant time; the proof has the hash's length. */
export function proves(
  hash: ScramHash,
  storedKey: Uint8Array,
  authMessage: string,
  proof: Uint8Array,
): boolean {
  const clientKey = xor(proof, hmac(hash, storedKey, authMessage));
  return timingSafeEqual(digest(hash, clientKey), storedKey);
}

function xor(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte ^ b[i]!);
}
