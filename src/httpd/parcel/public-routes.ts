/**
 * Files by link, for whoever has it: a page, and behind its button the file. The button posts, so that programs that look at links of mail fetch nothing and count
 * nothing. A file is always a download of bytes, in a sandbox without rights, so that nothing that somebody has uploaded is ever a page of this server.
 */
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Refusal } from '../../base/refusal.ts';
import type { Parcel, Parcels } from '../../parcel/parcels.ts';
import { formatParameterized } from '../../proto/mime/parameter-formatter.ts';
import type { App } from '../admin-api/app.ts';
import { filePage, gonePage, pagePolicy } from './download-page.ts';
import { filePath } from './own-routes.ts';

const hidden = { schema: { hide: true } } as const;
const formMaxBytes = 4096;
interface Place {
  Params: { key: string };
}

export function publicFileRoutes(all: App, { parcels }: { readonly parcels: Parcels }): void {
  void all.register(async (plain) => {
    const app = plain as unknown as App;
    app.removeAllContentTypeParsers();
    app.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: formMaxBytes },
      (_, body, done) => done(null, new URLSearchParams(String(body))),
    );
    const path = filePath(':key');
    app.get<Place>(path, hidden, async (request, reply) => {
      const parcel = await parcels.find(request.params.key);
      return parcel === undefined ? gone(request, reply) : html(reply, 200, filePage(request, parcel));
    });
    app.post<Place>(path, hidden, async (request, reply) => {
      const parcel = await parcels.find(request.params.key);
      if (parcel === undefined) return gone(request, reply);
      const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams();
      try {
        if (!(await parcels.opens(parcel, form.get('password') ?? '')))
          return await html(reply, 403, filePage(request, parcel, 'wrong'));
      } catch (error) {
        if (!(error instanceof Refusal) || error.reason !== 'rateLimited') throw error;
        return html(reply.header('retry-after', '3600'), 429, filePage(request, parcel, 'tooMany'));
      }
      // One that has ended meanwhile, or was fetched for the last time.
      if (!(await parcels.take(parcel))) return gone(request, reply);
      return download(reply, parcel, Readable.from(parcels.stream(parcel)));
    });
  });
}

const html = (reply: FastifyReply, status: number, text: string): FastifyReply =>
  reply
    .code(status)
    .type('text/html; charset=utf-8')
    .headers({
      'content-security-policy': pagePolicy,
      'x-frame-options': 'DENY',
      'x-robots-tag': 'noindex, nofollow',
      'cache-control': 'no-store',
    })
    .send(text);

const gone = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  html(reply, 404, gonePage(request));

const download = (reply: FastifyReply, { name, sizeBytes }: Parcel, stream: Readable): FastifyReply =>
  reply
    .type('application/octet-stream')
    .headers({
      'content-length': sizeBytes,
      'content-disposition': formatParameterized('attachment', [['filename', name]]).replaceAll(
        /\r\n\s*/g,
        ' ',
      ),
      'content-security-policy': "default-src 'none'; sandbox",
      'cross-origin-resource-policy': 'same-origin',
      'x-robots-tag': 'noindex, nofollow',
      'cache-control': 'no-store',
    })
    .send(stream);
