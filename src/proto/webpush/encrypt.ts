/** Encryption of push messages (RFC 8291) in the aes128gcm coding (RFC 8188): one record, for the holder of the keys of a subscription alone. */
import { createCipheriv, createECDH, hkdfSync } from 'node:crypto';

export interface PushKeys {
  /** Uncompressed point on P-256 in base64url. */
  readonly p256dh: string;
  /** Sixteen octets in base64url. */
  readonly auth: string;
}

const curve = 'prime256v1';
const pointBytes = 65;
const authBytes = 16;
/** Octets of the header and the tag are added to the text. A service takes 4096 in all (RFC 8030, 7.2). */
export const plainMaxBytes = 3993;
const recordBytes = 4096;

/** Whether keys are what they should be. */
export function arePushKeys({ p256dh, auth }: PushKeys): boolean {
  const point = decoded(p256dh);
  if (point === undefined || point.length !== pointBytes || point[0] !== 4) return false;
  if (decoded(auth)?.length !== authBytes) return false;
  try {
    const ecdh = createECDH(curve);
    ecdh.generateKeys();
    ecdh.computeSecret(point);
    return true;
  } catch {
    return false;
  }
}

const decoded = (text: string): Buffer | undefined =>
  /^[A-Za-z0-9_-]+=*$/.test(text) ? Buffer.from(text, 'base64url') : undefined;

/** `salt`: sixteen random octets, new each time. */
export function encryptPush(plain: Uint8Array, keys: PushKeys, salt: Buffer): Buffer {
  const receiver = Buffer.from(keys.p256dh, 'base64url');
  const ecdh = createECDH(curve);
  const sender = ecdh.generateKeys();
  const shared = ecdh.computeSecret(receiver);
  const info = Buffer.concat([Buffer.from('WebPush: info\0'), receiver, sender]);
  const ikm = expand(shared, { salt: Buffer.from(keys.auth, 'base64url'), info, length: 32 });
  const key = expand(ikm, { salt, info: Buffer.from('Content-Encoding: aes128gcm\0'), length: 16 });
  const nonce = expand(ikm, { salt, info: Buffer.from('Content-Encoding: nonce\0'), length: 12 });
  const cipher = createCipheriv('aes-128-gcm', key, nonce);
  const head = Buffer.alloc(21);
  salt.copy(head);
  head.writeUInt32BE(recordBytes, 16);
  head[20] = sender.length;
  // 2: the last record (RFC 8188, 2).
  const text = Buffer.concat([cipher.update(plain), cipher.update(Buffer.of(2)), cipher.final()]);
  return Buffer.concat([head, sender, text, cipher.getAuthTag()]);
}

function expand(
  secret: Buffer,
  { salt, info, length }: { readonly salt: Buffer; readonly info: Buffer; readonly length: number },
): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, length));
}
