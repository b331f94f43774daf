/** Signed requests as ACME wants them (RFC 8555, 6.2; RFC 7515): flattened JSON, ES256 with a key of P-256. */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  type KeyObject,
} from 'node:crypto';

export class AccountKey {
  readonly #key: KeyObject;
  readonly #jwk: Readonly<Record<string, string>>;

  /** PEM of a P-256 key. */
  constructor(pem: string) {
    this.#key = createPrivateKey(pem);
    const { crv = '', kty = '', x = '', y = '' } = createPublicKey(this.#key).export({ format: 'jwk' });
    // In this order: the thumbprint is a hash of it (RFC 7638, 3).
    this.#jwk = { crv, kty, x, y };
  }

  static make(): string {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    return privateKey.export({ format: 'pem', type: 'pkcs8' });
  }

  get jwk(): Readonly<Record<string, string>> {
    return this.#jwk;
  }

  /** What a challenge is answered with (RFC 8555, 8.1). */
  keyAuthorization(token: string): string {
    return `${token}.${createHash('sha256').update(JSON.stringify(this.#jwk)).digest('base64url')}`;
  }

  /** `kid` is the URL of the account; without one the key itself goes along. `payload` undefined asks only ("POST-as-GET"). */
  request(url: string, nonce: string, kid: string, payload: unknown): string {
    const header = { alg: 'ES256', nonce, url, ...(kid === '' ? { jwk: this.#jwk } : { kid }) };
    return flattened(header, payload, (input) =>
      sign('sha256', Buffer.from(input), { key: this.#key, dsaEncoding: 'ieee-p1363' }),
    );
  }
}

/** The key of the account, vouched for by an account that the authority knows otherwise (RFC 8555, 7.3.4). */
export function externalBinding(key: AccountKey, url: string, kid: string, macKey: string): unknown {
  const mac = (input: string): Buffer =>
    createHmac('sha256', Buffer.from(macKey, 'base64url')).update(input).digest();
  return JSON.parse(flattened({ alg: 'HS256', kid, url }, key.jwk, mac)) as unknown;
}

function flattened(header: object, payload: unknown, signed: (input: string) => Buffer): string {
  const protectedHeader = encoded(JSON.stringify(header));
  const body = payload === undefined ? '' : encoded(JSON.stringify(payload));
  const signature = signed(`${protectedHeader}.${body}`).toString('base64url');
  return JSON.stringify({ protected: protectedHeader, payload: body, signature });
}

const encoded = (text: string): string => Buffer.from(text).toString('base64url');
