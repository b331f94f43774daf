/**
 * Private keys as they lie in the store: encrypted where the settings have a master key, else as they are, behind the same file permissions as all mail.
 *
 *   plain:<PKCS #8 in base64>
 *   sealed:<nonce>.<tag>.<ciphertext>      AES-256-GCM; domain and selector are authenticated with it, so that no row can stand in for another
 */
import {
  createCipheriv,
  createDecipheriv,
  createPrivateKey,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from 'node:crypto';

const nonceBytes = 12;
const keyBytes = 32;

export class KeyBox {
  readonly #key: Buffer | undefined;

  /** `masterKey`: any secret text; `''`: none. */
  constructor(masterKey: string) {
    this.#key =
      masterKey === ''
        ? undefined
        : Buffer.from(hkdfSync('sha256', masterKey, '', 'hikyaku signing keys', keyBytes));
  }

  get encrypts(): boolean {
    return this.#key !== undefined;
  }

  put(key: KeyObject, place: string): string {
    const der = key.export({ format: 'der', type: 'pkcs8' });
    if (this.#key === undefined) return `plain:${der.toString('base64')}`;
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce).setAAD(Buffer.from(place));
    const sealed = Buffer.concat([cipher.update(der), cipher.final()]);
    return `sealed:${[nonce, cipher.getAuthTag(), sealed].map((bytes) => bytes.toString('base64')).join('.')}`;
  }

  /** Throws when it was encrypted and the master key is missing or another. */
  take(kept: string, place: string): KeyObject {
    const der = kept.startsWith('plain:')
      ? Buffer.from(kept.slice('plain:'.length), 'base64')
      : this.#open(kept, place);
    return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  }

  #open(kept: string, place: string): Buffer {
    if (this.#key === undefined) throw new Error('the key is encrypted, and the settings have no master key');
    const [nonce, tag, sealed] = kept
      .slice('sealed:'.length)
      .split('.')
      .map((text) => Buffer.from(text, 'base64')) as [Buffer, Buffer, Buffer];
    const decipher = createDecipheriv('aes-256-gcm', this.#key, nonce)
      .setAAD(Buffer.from(place))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed), decipher.final()]);
  }
}
