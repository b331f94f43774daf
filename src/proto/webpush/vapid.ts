/** Who sends a push message, proved to the push service (RFC 8292): a token signed with the key of this server. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

/** How long a token holds: less than the day that RFC 8292, 2 allows. */
const tokenSeconds = 12 * 3600;

/** PEM, as it is kept. */
export const newVapidKey = (): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'pem',
    type: 'pkcs8',
  });

/** The public key as an uncompressed point in base64url, as clients subscribe with it (RFC 9749). */
export function applicationServerKey(privatePem: string): string {
  const { x = '', y = '' } = createPublicKey(privatePem).export({ format: 'jwk' });
  return Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]).toString(
    'base64url',
  );
}

export interface VapidToken {
  readonly privatePem: string;
  /** Scheme, host and port of the push service. */
  readonly origin: string;
  /** `mailto:` or `https:` of whoever runs this server. */
  readonly subject: string;
  readonly nowMs: number;
}

/** Value of the Authorization field. */
export function vapidAuthorization({ privatePem, origin, subject, nowMs }: VapidToken): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const head = part({ typ: 'JWT', alg: 'ES256' });
  const claims = part({ aud: origin, exp: Math.floor(nowMs / 1000) + tokenSeconds, sub: subject });
  const key = createPrivateKey(privatePem);
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), { key, dsaEncoding: 'ieee-p1363' });
  return `vapid t=${head}.${claims}.${signature.toString('base64url')}, k=${applicationServerKey(privatePem)}`;
}
