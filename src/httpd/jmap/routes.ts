/** JMAP over HTTP (RFC 8620, 2 and 3): the session, the API, and what each capability adds. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { AccountId } from '../../base/ids.ts';
import { IJsonError, parseIJson } from '../../proto/jmap/i-json.ts';
import { limits } from '../../proto/jmap/limits.ts';
import { readRequest } from '../../proto/jmap/request.ts';
import type { Identify } from '../admin-api/access.ts';
import type { App } from '../admin-api/app.ts';
import type { HttpParts } from '../parts.ts';
import { type JmapAccess, jmapAccess } from './access.ts';
import { capabilitiesOf } from './capabilities.ts';
import { Dispatcher } from './dispatcher.ts';
import type { JmapUser } from './method.ts';
import { openToOtherOrigins } from './other-origins.ts';
import { EventStreams } from './push/event-source.ts';
import { webSocketRoute } from './push/web-socket.ts';
import { refuse, refuseLimit } from './problems.ts';
import { baseOf, paths, Sessions } from './session.ts';

const hidden = { schema: { hide: true } } as const;

export interface JmapDoor {
  readonly identify: Identify;
  /** Connections without an end of their own end with it. */
  readonly stopping: AbortSignal;
}

export async function jmapRoutes(all: App, parts: HttpParts, door: JmapDoor): Promise<void> {
  await all.register(async (plain) => {
    const app = plain as unknown as App;
    openToOtherOrigins(app);
    await ownRoutes(app, parts, door);
  });
}

async function ownRoutes(app: App, parts: HttpParts, door: JmapDoor): Promise<void> {
  const { identify, stopping } = door;
  const access = jmapAccess(parts, identify);
  const capabilities = capabilitiesOf(parts);
  const sessions = new Sessions(access, capabilities);
  for (const path of ['/.well-known/jmap', paths.session])
    app.get(path, hidden, async (request) => sessions.session(await access.user(request), baseOf(request)));
  const dispatcher = new Dispatcher(access, parts.log, capabilities);
  await app.register(async (plain) => {
    const api = plain as unknown as App;
    // The bytes themselves: what is no I-JSON is refused in JMAP's own words.
    api.removeAllContentTypeParsers();
    api.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: limits.maxSizeRequest }, (_, body, done) =>
      done(null, body),
    );
    apiRoute(api, new ApiDoor({ access, dispatcher, sessions }));
  });
  await app.register(async (plain) =>
    webSocketRoute(plain as unknown as App, { parts, access, dispatcher, sessions, stopping }),
  );
  new EventStreams({ parts, access, stopping }).routes(app);
  for (const { routes } of capabilities)
    if (routes !== undefined) await app.register(async (plain) => routes(plain as unknown as App, access));
}

function apiRoute(api: App, door: ApiDoor): void {
  api.setErrorHandler((error, _, reply) => {
    if ((error as { code?: string }).code === 'FST_ERR_CTP_BODY_TOO_LARGE')
      return refuseLimit(reply, 'maxSizeRequest');
    throw error;
  });
  // Nobody sends ten megabytes before they are known.
  api.addHook('onRequest', async (request) => {
    request.jmapUser = await door.user(request);
  });
  api.decorateRequest('jmapUser', undefined);
  for (const path of [paths.api, `${paths.api}/`])
    api.post(path, hidden, (request, reply) => door.answer(request, reply));
}

declare module 'fastify' {
  interface FastifyRequest {
    jmapUser: JmapUser | undefined;
  }
}

interface DoorParts {
  readonly access: JmapAccess;
  readonly dispatcher: Dispatcher;
  readonly sessions: Sessions;
}

class ApiDoor {
  readonly #parts: DoorParts;
  /** Requests under way. */
  readonly #running = new Map<AccountId, number>();

  constructor(parts: DoorParts) {
    this.#parts = parts;
  }

  user(request: FastifyRequest): Promise<JmapUser> {
    return this.#parts.access.user(request);
  }

  async answer({ jmapUser: user, headers, body }: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (user === undefined) throw new Error('the hook knows who asks');
    const running = this.#running.get(user.account) ?? 0;
    if (running >= limits.maxConcurrentRequests) return refuseLimit(reply, 'maxConcurrentRequests');
    this.#running.set(user.account, running + 1);
    try {
      const isJson = /^application\/json\s*(?:;|$)/i.test(headers['content-type'] ?? '');
      if (!isJson) return refuse(reply, 'notJSON', 'Content-Type is application/json');
      return await this.#run(user, Buffer.isBuffer(body) ? body : Buffer.alloc(0), reply);
    } finally {
      const left = (this.#running.get(user.account) ?? 1) - 1;
      if (left === 0) this.#running.delete(user.account);
      else this.#running.set(user.account, left);
    }
  }

  async #run(user: JmapUser, body: Buffer, reply: FastifyReply): Promise<unknown> {
    const { dispatcher, sessions } = this.#parts;
    let value: unknown;
    try {
      value = parseIJson(body);
    } catch (error) {
      if (error instanceof IJsonError) return refuse(reply, 'notJSON', error.message);
      throw error;
    }
    const request = readRequest(value);
    if (request === undefined) return refuse(reply, 'notRequest', 'not a Request object');
    const unknown = dispatcher.unknown(request.using);
    if (unknown !== undefined) return refuse(reply, 'unknownCapability', unknown);
    if (request.methodCalls.length > limits.maxCallsInRequest) return refuseLimit(reply, 'maxCallsInRequest');
    const { responses, createdIds } = await dispatcher.run(request, user);
    const answer = {
      methodResponses: responses,
      ...(request.createdIds === undefined ? {} : { createdIds: Object.fromEntries(createdIds) }),
      sessionState: await sessions.state(user),
    };
    return reply.type('application/json').send(JSON.stringify(answer));
  }
}
