/**
 * Leaving a list with one click (RFC 8058): this server posts what the mail itself names, so that the list learns neither where its reader is nor anything by cookies. The
 * address is taken from the mail that lies here, never from the caller; only HTTPS, only to public addresses, and no redirect is followed (3.1).
 */
import { Refusal } from '../../base/refusal.ts';
import type { WebAnswer, WebPost } from '../../net/web-post.ts';
import { fieldText, findField, parseHeaders } from '../../proto/mime/headers.ts';

const timeoutMs = 20_000;
/** Of the answer nothing but its status is looked at. */
const answerMaxBytes = 1024;
const urlMaxChars = 4096;
const body = 'List-Unsubscribe=One-Click';

/** Undefined: the mail names none (RFC 8058, 3.1: both fields, and one HTTPS URI). */
export function oneClickUrl(message: Buffer): URL | undefined {
  const header = parseHeaders(message);
  const text = (name: string): string => {
    const field = findField(header, name);
    return field === undefined ? '' : fieldText(message, field).trim();
  };
  if (!/^List-Unsubscribe=One-Click$/i.test(text('list-unsubscribe-post'))) return undefined;
  for (const [, uri = ''] of text('list-unsubscribe').matchAll(/<([^<>]*)>/g)) {
    const plain = uri.replaceAll(/\s/g, '');
    if (plain.length > urlMaxChars || !/^https:\/\//i.test(plain) || !URL.canParse(plain)) continue;
    const url = new URL(plain);
    if (url.username === '' && url.password === '') return url;
  }
  return undefined;
}

/** Refusal `notFound`: it names none; `conflict`: the list did not take it. */
export async function leaveList(
  message: Buffer,
  post: (asked: WebPost) => Promise<WebAnswer>,
): Promise<void> {
  const url = oneClickUrl(message);
  if (url === undefined) throw new Refusal('notFound', 'no one-click unsubscribing', { at: 'email' });
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  const answer = await post({ url, headers, body, timeoutMs, answerMaxBytes });
  if (answer.is === 'failure')
    throw new Refusal('conflict', `${url.hostname}: ${answer.reason}`, { at: 'email' });
  if (answer.status < 200 || answer.status > 299)
    throw new Refusal('conflict', `${url.hostname} answers ${answer.status}`, { at: 'email' });
}
