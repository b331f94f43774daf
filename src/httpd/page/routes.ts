/** Serves the page: its files by their names, and the page itself for whatever a person opens that is nothing else. */
import type { FastifyRequest } from 'fastify';
import type { App } from '../admin-api/app.ts';
import type { Page } from './built.ts';

export function pageRoutes(app: App, page: Page): void {
  const hidden = { schema: { hide: true } };
  app.get('/', hidden, async (request, reply) => page.shell(request, reply));
  for (const path of page.files)
    app.get(`/${path}`, hidden, async (request, reply) => page.file(path, request, reply));
}

/** What belongs to programs: a mistake in its address is a 404, not a page. */
const notPages = /^\/(api|assets|jmap|v\d+|metrics|healthz|openapi\.json|\.well-known)(\/|$)/;

/** A person opens an address in a browser: `navigate`, or, of browsers that do not say so, HTML is asked for by name. */
export function wantsPage({ method, url, headers }: FastifyRequest): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false;
  if (notPages.test(url.split('?')[0]!)) return false;
  const mode = headers['sec-fetch-mode'];
  if (mode !== undefined && mode !== 'navigate') return false;
  return (headers.accept ?? '').includes('text/html');
}
