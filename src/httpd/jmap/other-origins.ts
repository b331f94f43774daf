/**
 * Web applications of other origins may use JMAP with credentials that they bring themselves. Answers may be read by any of them, and never say that
 * credentials are allowed: a browser then sends neither cookies nor a password that it remembers (Fetch, 3.3).
 */
import type { FastifyRequest } from 'fastify';
import type { App } from '../admin-api/app.ts';
import { paths } from './session.ts';

const methods = 'GET, HEAD, POST';
const headers = 'Authorization, Content-Type, Accept, Last-Event-ID, Cache-Control';
/** Seconds for which a browser need not ask again. */
const askedSeconds = 86_400;

/** For all routes of `app`. */
export function openToOtherOrigins(app: App): void {
  app.addHook('onRequest', async (_, reply) => {
    // On the connection itself: event streams write their own head.
    reply.raw.setHeader('access-control-allow-origin', '*');
    reply.raw.setHeader(
      'access-control-expose-headers',
      'Content-Disposition, Content-Length, WWW-Authenticate',
    );
  });
  for (const path of ['/.well-known/jmap', '/jmap/*'])
    app.options(path, { schema: { hide: true } }, async (_, reply) =>
      reply
        .code(204)
        .header('access-control-allow-methods', methods)
        .header('access-control-allow-headers', headers)
        .header('access-control-max-age', askedSeconds)
        .send(),
    );
}

/** Types that a page may send anywhere without asking first (Fetch, 2.2.2). */
const unasked = /^(?:text\/plain|multipart\/form-data|application\/x-www-form-urlencoded)\s*(?:;|$)/i;

/**
 * Whether a request is from a page of our own, of a program, or of another site that brings credentials of its own. A remembered password could come
 * along with what a page sends unasked; an upload of that kind changes nothing that anybody sees.
 */
export function isBrought({ method, headers: given, routeOptions }: FastifyRequest): boolean {
  if (given['sec-fetch-site'] !== 'cross-site') return true;
  const { authorization = '' } = given;
  if (authorization === '' || given['sec-fetch-mode'] !== 'cors') return false;
  if (/^Bearer /i.test(authorization) || method === 'GET' || method === 'HEAD') return true;
  return (
    routeOptions.url?.startsWith(paths.upload.slice(0, -1)) === true ||
    !unasked.test(given['content-type'] ?? '')
  );
}
