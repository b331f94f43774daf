/**
 * The send API: `/v1/…`, for programs. A fastify application of its own beside the admin API, with its own description, larger bodies, and a gate that lets
 * nobody send a body before their key is known and their rate allows it.
 */
import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyRequest } from 'fastify';
import type { App } from '../admin-api/app.ts';
import type { Origin } from '../admin-api/caller.ts';
import { problem } from '../admin-api/contract.ts';
import { answerProblem, countRequests, protectingHeaders } from '../answering.ts';
import type { HttpParts } from '../parts.ts';
import { batchRoutes } from './batches.ts';
import { gate } from './access.ts';
import { eventRoutes } from './events.ts';
import { messageRoutes } from './messages.ts';
import { inboundRoutes } from './inbound.ts';
import { sendingDomainRoutes } from './sending-domains.ts';
import { streamRoutes } from './streams.ts';
import { templateRoutes } from './templates.ts';

export const sendPrefix = '/v1';
/** Routes that take mail say more. */
const bodyMaxBytes = 2 * 1024 * 1024;

const retryLaterSeconds = 30;
const retryLater = { 429: retryLaterSeconds, 503: retryLaterSeconds, 507: retryLaterSeconds };

export interface SendAppOptions {
  readonly parts: HttpParts;
  readonly originOf: (request: FastifyRequest) => Origin;
  /** Ends when the server stops: streams end with it. */
  readonly stopping: AbortSignal;
}

export async function buildSendApp({ parts, originOf, stopping }: SendAppOptions): Promise<App> {
  const app: App = Fastify({
    bodyLimit: bodyMaxBytes,
    logger: false,
    return503OnClosing: true,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('sender', undefined);
  app.addHook('onSend', protectingHeaders);
  app.addHook('onRequest', gate(parts, originOf));
  app.setErrorHandler((error, request, reply) =>
    answerProblem(error, { parts, request, reply }, { caller: 'program', retryAfter: retryLater }),
  );
  app.setNotFoundHandler((_, reply) => {
    void reply.code(404).type('application/problem+json');
    return { type: 'urn:hikyaku:problem:notFound', title: 'Nothing is here', status: 404 };
  });
  await app.register(swagger, { openapi: description });
  countRequests(app, parts);
  await app.register(
    async (plain) => {
      const api = plain.withTypeProvider<TypeBoxTypeProvider>() as App;
      api.addHook('onRoute', (route) => {
        const { response } = (route.schema ?? {}) as { response?: object };
        route.schema = { ...route.schema, response: { ...response, '4xx': problem, '5xx': problem } };
      });
      api.get('/openapi.json', { config: { needs: 'open' }, schema: { hide: true } }, async (_, reply) =>
        reply.send(app.swagger()),
      );
      messageRoutes(api, parts);
      batchRoutes(api, parts);
      templateRoutes(api, parts);
      streamRoutes(api, parts);
      inboundRoutes(api, parts);
      sendingDomainRoutes(api, parts);
      eventRoutes(api, parts, stopping);
    },
    { prefix: sendPrefix },
  );
  await app.ready();
  return app;
}

const description: NonNullable<FastifyDynamicSwaggerOptions['openapi']> = {
  openapi: '3.1.0',
  info: {
    title: 'Hikyaku send API',
    version: '1',
    description:
      'Sends mail, tells what became of it, and keeps templates. A 2xx means that the mail is durable. With an `Idempotency-Key` a request may be made again: it is answered the same and sends once (72 hours). Errors are RFC 9457 problem details; `RateLimit` tells how many requests are left.',
    license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
  },
  components: {
    securitySchemes: {
      key: { type: 'http', scheme: 'bearer', description: 'An API key.' },
      account: { type: 'http', scheme: 'basic', description: 'Address and password of an account.' },
    },
  },
  security: [{ key: [] }, { account: [] }],
};
