/** A private key with the name that its public half has in DNS. Signs in Node.js's thread pool: an RSA signature takes as long as relaying a mail. */
import { createPublicKey, hash, sign, type KeyObject } from 'node:crypto';
import type { Algorithm } from './signature.ts';

export interface SigningKey {
  readonly domain: string;
  readonly selector: string;
  readonly algorithm: Algorithm;
  sign(data: Buffer): Promise<Buffer>;
}

export function signingKey(domain: string, selector: string, key: KeyObject): SigningKey {
  const rsa = key.asymmetricKeyType === 'rsa';
  return {
    domain,
    selector,
    algorithm: rsa ? 'rsa-sha256' : 'ed25519-sha256',
    // RFC 8463, 3: Ed25519 signs the hash of the data.
    sign: (data) => (rsa ? signed('sha256', data, key) : signed(null, hash('sha256', data, 'buffer'), key)),
  };
}

function signed(digest: string | null, data: Buffer, key: KeyObject): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    sign(digest, data, key, (error, signature) => {
      if (error) reject(error);
      else resolve(signature);
    });
  });
}

const ed25519KeyBytes = 32;

/** The TXT record of a key (RFC 6376, 3.6.1; RFC 8463, 4.2). Longer than one string of DNS: whoever publishes it cuts it at 255 octets. */
export function keyRecordText(privateKey: KeyObject): string {
  const der = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  if (privateKey.asymmetricKeyType === 'rsa') return `v=DKIM1; k=rsa; p=${der.toString('base64')}`;
  return `v=DKIM1; k=ed25519; p=${der.subarray(-ed25519KeyBytes).toString('base64')}`;
}
