/** Secrets of endpoints as they are kept: encrypted with the server's master key (AES-256-GCM), bound to their endpoint; as they are where there is none. */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const keyBytes = 32;
const nonceBytes = 12;
const algorithm = 'aes-256-gcm';

export class SecretBox {
  readonly #key: Buffer | undefined;

  /** `masterKey`: any secret text; `''`: none. */
  constructor(masterKey: string) {
    this.#key =
      masterKey === ''
        ? undefined
        : Buffer.from(hkdfSync('sha256', masterKey, '', 'hikyaku webhook secrets', keyBytes));
  }

  put(text: string, place: string): string {
    if (this.#key === undefined) return `plain:${text}`;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(text), cipher.final()]);
    return `sealed:${[nonce, cipher.getAuthTag(), sealed].map((bytes) => bytes.toString('base64')).join('.')}`;
  }

  /** Throws when it was encrypted and the master key is missing or another. */
  take(kept: string, place: string): string {
    if (kept.startsWith('plain:')) return kept.slice('plain:'.length);
    const [nonce, tag, sealed] = kept
      .slice('sealed:'.length)
      .split('.')
      .map((text) => Buffer.from(text, 'base64'));
    if (this.#key === undefined || !nonce || !tag || !sealed)
      throw new Error('a webhook secret is encrypted, and the master key is missing');
    const decipher = createDecipheriv(algorithm, this.#key, nonce).setAAD(Buffer.from(place)).setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]).toString();
  }
}
