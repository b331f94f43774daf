/** Makes keys, and reads those that administrators bring along. */
import { createPrivateKey, generateKeyPair, type KeyObject } from 'node:crypto';
import { Refusal } from '../../base/refusal.ts';
import type { DkimAlgorithm } from '../dkim-key.ts';

/** Enough for years, and its record fits a UDP answer (RFC 8301, 3.2). */
const rsaBits = 2048;
const rsaBitsMin = 1024;
const rsaBitsMax = 4096;

/** In Node.js's thread pool: an RSA key takes a tenth of a second or so. */
export function newKey(algorithm: DkimAlgorithm): Promise<KeyObject> {
  return new Promise((resolve, reject) => {
    const done = (error: Error | null, _: KeyObject, privateKey: KeyObject): void => {
      if (error) reject(error);
      else resolve(privateKey);
    };
    if (algorithm === 'rsa-sha256') generateKeyPair('rsa', { modulusLength: rsaBits }, done);
    else generateKeyPair('ed25519', {}, done);
  });
}

/** A private key in PEM, of a kind that DKIM knows. */
export function readKey(pem: string): { readonly key: KeyObject; readonly algorithm: DkimAlgorithm } {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch {
    throw new Refusal('invalid', 'is not a private key in PEM', { at: 'privateKey' });
  }
  if (key.asymmetricKeyType === 'ed25519') return { key, algorithm: 'ed25519-sha256' };
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
  if (key.asymmetricKeyType !== 'rsa')
    throw new Refusal('invalid', 'must be RSA or Ed25519', { at: 'privateKey' });
  if (bits < rsaBitsMin || bits > rsaBitsMax)
    throw new Refusal('invalid', `must have ${rsaBitsMin} to ${rsaBitsMax} bits`, { at: 'privateKey' });
  return { key, algorithm: 'rsa-sha256' };
}

/** `r20261124`, `e20261124`: from it one sees which is older. A letter more where that is taken. */
export function newSelector(algorithm: DkimAlgorithm, atMs: number, taken: ReadonlySet<string>): string {
  const day = new Date(atMs).toISOString().slice(0, 10).replaceAll('-', '');
  const first = `${algorithm === 'rsa-sha256' ? 'r' : 'e'}${day}`;
  if (!taken.has(first)) return first;
  for (let i = 0; ; i++) {
    const next = first + (i < 26 ? String.fromCharCode(97 + i) : `-${i}`);
    if (!taken.has(next)) return next;
  }
}
