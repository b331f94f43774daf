/** What anyone may ask: is the process alive, can it work, its checks and metrics (where allowed), and the description of the API. */
import { Refusal } from '../../base/refusal.ts';
import type { FastifyRequest } from 'fastify';
import type { HttpParts } from '../parts.ts';
import type { App } from './app.ts';

export function openRoutes(
  app: App,
  parts: HttpParts,
  maySeeMetrics: (request: FastifyRequest) => boolean,
): void {
  app.get('/healthz', { schema: { hide: true } }, async () => ({ alive: true }));

  app.get('/readyz', { schema: { hide: true } }, async (request, reply) => {
    const { ready, checks } = await parts.ready();
    return reply.code(ready ? 200 : 503).send(maySeeMetrics(request) ? { ready, checks } : { ready });
  });

  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    if (!maySeeMetrics(request)) throw new Refusal('notAllowed', 'metrics are told to this machine only');
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await parts.metricsText());
  });

  app.get('/openapi.json', { schema: { hide: true } }, async (_, reply) => reply.send(app.swagger()));
}
