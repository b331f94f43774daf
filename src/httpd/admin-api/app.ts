/** The fastify application: routes, the gate, problem details, OpenAPI. It listens nowhere itself (server.ts does). */
import swagger, { type FastifyDynamicSwaggerOptions } from '@fastify/swagger';
import { TypeBoxValidatorCompiler, type TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyInstance, type FastifyRequest, type RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger } from 'fastify';
import { answerProblem, countRequests, protectingHeaders } from '../answering.ts';
import type { HttpParts } from '../parts.ts';
import { openPage } from '../page/built.ts';
import { remoteImageRoutes } from '../page/remote-image.ts';
import { takeoutRoutes } from '../takeout.ts';
import { ownFileRoutes } from '../parcel/own-routes.ts';
import { publicFileRoutes } from '../parcel/public-routes.ts';
import { pageRoutes, wantsPage } from '../page/routes.ts';
import { jmapRoutes } from '../jmap/routes.ts';
import { publishedRoutes } from '../published/routes.ts';
import { factorRoutes } from '../session/factor-routes.ts';
import { secondStepRoutes } from '../session/second-step.ts';
import { invitationRoutes } from '../session/invitations.ts';
import { oidcRoutes } from '../session/oidc-routes.ts';
import { sessionRoutes } from '../session/routes.ts';
import { gate, identifier } from './access.ts';
import { accountAccessRoutes } from './account-access.ts';
import { accountRoutes } from './accounts.ts';
import { addressRoutes } from './addresses.ts';
import type { Origin } from './caller.ts';
import { problem } from './contract.ts';
import { countRoutes } from './counts.ts';
import { deliverabilityRoutes } from './deliverability.ts';
import { dkimRoutes } from './dkim.ts';
import { classifierRoutes } from './classifier.ts';
import { dnsRoutes } from './dns.ts';
import { inviteRoutes } from './invite.ts';
import { keyRoutes } from './keys.ts';
import { mailRoutes } from './mail.ts';
import { movingRoutes } from './moving.ts';
import { orgRoutes } from './orgs.ts';
import { overviewRoutes } from './overview.ts';
import { openRoutes } from './probes.ts';
import { programRoutes } from './programs.ts';
import { selfRoutes } from './self.ts';
import { selfMailRoutes } from './self-mail.ts';
import { filterRoutes } from './filters.ts';
import { quarantineRoutes } from './quarantine.ts';
import { reportRoutes } from './reports.ts';
import { scriptRoutes } from './scripts.ts';
import { shapingRoutes } from './shaping.ts';
import { sendingRoutes } from './sending.ts';
import { operatorRoutes } from './operator.ts';
import { traceRoutes } from './traces.ts';
import { submitterRoutes } from './submitters.ts';
import { webhookRoutes } from './webhooks.ts';
import { suppressionRoutes } from './suppression.ts';
import { senderRuleRoutes } from './sender-rules.ts';

export type App = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  TypeBoxTypeProvider
>;

/** Bytes of a request's body: a group of 2000 members is about 100 KB. */
const bodyMaxBytes = 1024 * 1024;
/** An address in a path may have 256 bytes of local part, each written as `%xx`. */
const paramMaxChars = 2000;
export const adminPrefix = '/api/v1/admin';

export interface AppOptions {
  readonly parts: HttpParts;
  readonly originOf: (request: FastifyRequest) => Origin;
  /** Whether `/metrics` is told to this request without credentials. */
  readonly maySeeMetrics: (request: FastifyRequest) => boolean;
  /** Ends when the server stops: streams end with it. */
  readonly stopping: AbortSignal;
}

export async function buildApp({ parts, originOf, maySeeMetrics, stopping }: AppOptions): Promise<App> {
  const app: App = Fastify({
    bodyLimit: bodyMaxBytes,
    logger: false,
    routerOptions: { maxParamLength: paramMaxChars },
    return503OnClosing: true,
  }).withTypeProvider<TypeBoxTypeProvider>();
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  // Browsers send text/plain across sites without asking first: only JSON changes anything here.
  app.removeContentTypeParser('text/plain');
  app.decorateRequest('caller', undefined);
  app.addHook('onSend', protectingHeaders);
  app.setErrorHandler((error, request, reply) =>
    answerProblem(error, { parts, request, reply }, { retryAfter: { 429: 60, 503: 60 } }),
  );
  const page = await openPage(parts.webFolder);
  app.setNotFoundHandler(async (request, reply) => {
    if (wantsPage(request)) return page.shell(request, reply);
    void reply.code(404).type('application/problem+json');
    return { type: 'urn:hikyaku:problem:notFound', title: 'Nothing is here', status: 404 };
  });
  await app.register(swagger, { openapi: description });
  countRequests(app, parts);
  openRoutes(app, parts, maySeeMetrics);
  publishedRoutes(app, parts);
  pageRoutes(app, page);
  const identify = identifier(parts, originOf);
  sessionRoutes(app, parts, originOf);
  oidcRoutes(app, parts, originOf);
  invitationRoutes(app, parts, originOf);
  remoteImageRoutes(app, parts, identify);
  takeoutRoutes(app, parts, identify);
  ownFileRoutes(app, parts, identify);
  publicFileRoutes(app, parts);
  await jmapRoutes(app, parts, { identify, stopping });
  secondStepRoutes(app, parts, originOf);
  factorRoutes(app, parts, originOf);
  await app.register(
    async (plain) => {
      const api = plain.withTypeProvider<TypeBoxTypeProvider>() as App;
      api.addHook('onRoute', (route) => {
        route.schema = {
          ...route.schema,
          response: { ...answers(route.schema?.response), '4xx': problem, '5xx': problem },
        };
      });
      api.addHook('preValidation', gate(parts, identify));
      selfRoutes(api, parts);
      selfMailRoutes(api, parts);
      orgRoutes(api, parts);
      dnsRoutes(api, parts);
      dkimRoutes(api, parts);
      accountRoutes(api, parts);
      accountAccessRoutes(api, parts);
      inviteRoutes(api, parts, originOf);
      overviewRoutes(api, parts);
      addressRoutes(api, parts);
      senderRuleRoutes(api, parts);
      filterRoutes(api, parts);
      classifierRoutes(api, parts);
      sendingRoutes(api, parts);
      suppressionRoutes(api, parts);
      quarantineRoutes(api, parts);
      keyRoutes(api, parts);
      submitterRoutes(api, parts);
      programRoutes(api, parts);
      movingRoutes(api, parts);
      scriptRoutes(api, parts);
      reportRoutes(api, parts);
      countRoutes(api, parts);
      deliverabilityRoutes(api, parts);
      traceRoutes(api, parts);
      operatorRoutes(api, parts, stopping);
      webhookRoutes(api, parts);
      shapingRoutes(api, parts);
      mailRoutes(api, parts, stopping);
    },
    { prefix: adminPrefix },
  );
  await app.ready();
  return app;
}

const answers = (response: unknown): object =>
  typeof response === 'object' && response !== null ? response : {};

const description: NonNullable<FastifyDynamicSwaggerOptions['openapi']> = {
  openapi: '3.1.0',
  info: {
    title: 'Hikyaku admin API',
    version: '1',
    description:
      'Organisations, domains, accounts, addresses, keys, the queue and the journey of messages. Errors are RFC 9457 problem details; lists come in pages by cursor.',
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
