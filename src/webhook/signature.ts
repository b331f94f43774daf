/**
 * Signatures of the Standard Webhooks: `v1,` and HMAC-SHA256 in base64 over `id.timestamp.body`, one for each secret that holds, so that a receiver may
 * change to a new one while the old one still does. A secret is `whsec_` and 24 to 64 bytes in base64.
 */
import { createHmac, randomBytes } from 'node:crypto';

const prefix = 'whsec_';
const secretBytes = 32;
export const secretMinBytes = 24;
export const secretMaxBytes = 64;

export const newWebhookSecret = (): string => prefix + randomBytes(secretBytes).toString('base64');

/** Whether it is a secret of this form. */
export function isSecret(text: string): boolean {
  if (!/^whsec_[A-Za-z0-9+/]+={0,2}$/.test(text)) return false;
  const { length } = keyOf(text);
  return length >= secretMinBytes && length <= secretMaxBytes;
}

const keyOf = (secret: string): Buffer => Buffer.from(secret.slice(prefix.length), 'base64');

export interface Signed {
  readonly id: string;
  /** Seconds since 1970. */
  readonly timestamp: number;
  readonly body: string;
}

export function signatureHeaders(
  { id, timestamp, body }: Signed,
  secrets: readonly string[],
): Record<string, string> {
  const signatures = secrets.map(
    (secret) =>
      `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
  );
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': signatures.join(' '),
  };
}
