/**
 * Pictures that stand in a mail and lie elsewhere, fetched for its reader by this server: the sender learns neither the reader's address nor the program, and the
 * page's policy stays closed to all other hosts. Only when the reader asks for them.
 */
import { Refusal } from '../../base/refusal.ts';
import type { Identify } from '../admin-api/access.ts';
import type { App } from '../admin-api/app.ts';
import type { HttpParts } from '../parts.ts';

export const remoteImagePath = '/api/v1/remote-image';

const urlMaxChars = 4096;
const imageMaxBytes = 10 * 1024 * 1024;
/** Fetched at once for all readers of a thread. */
const atOnceMax = 24;
const keptSeconds = 3600;

/** Scripts can stand in SVG, and documents in everything else. */
const formats = /^image\/(?:png|jpeg|gif|webp|avif|bmp|x-icon|vnd\.microsoft\.icon)$/;

export function remoteImageRoutes(
  app: App,
  { send: { fetchLink } }: Pick<HttpParts, 'send'>,
  identify: Identify,
): void {
  let running = 0;
  app.get(remoteImagePath, { schema: { hide: true } }, async (request, reply) => {
    const { account } = await identify(request);
    if (account === undefined) throw new Refusal('notAllowed', 'for readers of mail');
    const { url = '' } = request.query as { url?: unknown };
    if (typeof url !== 'string' || url.length > urlMaxChars)
      throw new Refusal('invalid', 'no URL', { at: 'url' });
    if (running >= atOnceMax) throw new Refusal('rateLimited', `${atOnceMax} pictures at once`);
    running++;
    try {
      // Most that is still called by http answers to https as well.
      const { bytes, contentType } = await fetchLink(url.replace(/^http:/i, 'https:'), 'url');
      const type = contentType.split(';')[0]!.trim().toLowerCase();
      if (!formats.test(type)) throw new Refusal('invalid', 'is no picture that can be shown', { at: 'url' });
      if (bytes.length > imageMaxBytes) throw new Refusal('invalid', 'is too large', { at: 'url' });
      return await reply
        .type(type)
        .header('cache-control', `private, max-age=${keptSeconds}`)
        .header('content-security-policy', "default-src 'none'; sandbox")
        .header('x-content-type-options', 'nosniff')
        .header('cross-origin-resource-policy', 'same-origin')
        .send(bytes);
    } finally {
      running--;
    }
  });
}
