/**
 * Whether a webhook is from your server: Standard Webhooks (standardwebhooks.com), HMAC-SHA256. Give the body as it came, before it is parsed.
 *
 *   const event = await verifyWebhook(body, request.headers, process.env.WEBHOOK_SECRET);
 */
export class WebhookError extends Error {
  override readonly name = 'WebhookError';
}

export interface VerifyOptions {
  /** How far the clocks may differ, and how late it may be. Default 5 minutes. */
  readonly toleranceSeconds?: number;
  /** Now, in milliseconds since 1970. */
  readonly nowMs?: number;
}

type HeadersLike = Headers | Readonly<Record<string, string | readonly string[] | undefined>>;

/** The body as JSON. Rejects with a WebhookError. `secret`: `whsec_` and base64. */
export async function verifyWebhook(
  body: string | Uint8Array,
  headers: HeadersLike,
  secret: string,
  { toleranceSeconds = 300, nowMs = Date.now() }: VerifyOptions = {},
): Promise<unknown> {
  const id = header(headers, 'webhook-id');
  const timestamp = header(headers, 'webhook-timestamp');
  const signatures = header(headers, 'webhook-signature');
  if (!/^\d{1,12}$/.test(timestamp)) throw new WebhookError('the timestamp is not one');
  if (Math.abs(nowMs / 1000 - Number(timestamp)) > toleranceSeconds)
    throw new WebhookError('the timestamp is too old, or in the future');
  const text = typeof body === 'string' ? body : new TextDecoder().decode(body);
  const key = await crypto.subtle.importKey('raw', bytesOf(secret.replace(/^whsec_/, '')), hmac, false, [
    'verify',
  ]);
  const signed = new TextEncoder().encode(`${id}.${timestamp}.${text}`);
  for (const given of signatures.split(' ')) {
    const [version, encoded = ''] = given.split(',', 2);
    if (version !== 'v1' || !/^[A-Za-z0-9+/]+=*$/.test(encoded)) continue;
    // In constant time: it is Web Crypto that compares.
    if (await crypto.subtle.verify(hmac, key, bytesOf(encoded), signed)) return JSON.parse(text) as unknown;
  }
  throw new WebhookError('no signature fits');
}

const hmac = { name: 'HMAC', hash: 'SHA-256' } as const;

function header(headers: HeadersLike, name: string): string {
  const value = headers instanceof Headers ? headers.get(name) : headers[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new WebhookError(`${name} is missing`);
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  } catch {
    throw new WebhookError('not base64');
  }
}
