/** Webhooks of an organisation, and of the operator (told of all organisations). */
import * as Type from 'typebox';
import { Refusal } from '../../base/refusal.ts';
import type { Endpoint, EndpointSettings } from '../../webhook/endpoint.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn, callerIn } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing } from './contract.ts';
import {
  attemptPage,
  deadPage,
  deadQuery,
  deadReplay,
  endpoint,
  endpointEdit,
  madeEndpoint,
  newEndpoint,
  replay,
  replayed,
  rotated,
  rotation,
  tested,
} from './contract-webhooks.ts';

const tags = ['webhooks'];
const pageItems = 50;
const hourMs = 3_600_000;
const overlapUsualHours = 24;
const numberMax = 9e15;

type Parts = Pick<HttpParts, 'webhooks' | 'administration'>;

interface Place {
  readonly base: string;
  readonly path: { readonly org?: ReturnType<typeof Type.String> };
  readonly read: 'webhooks:read' | 'operator';
  readonly write: 'webhooks:write' | 'operator';
}

export function webhookRoutes(app: App, parts: Parts): void {
  const places: readonly Place[] = [
    {
      base: '/orgs/:org/webhooks',
      path: { org: Type.String() },
      read: 'webhooks:read',
      write: 'webhooks:write',
    },
    { base: '/webhooks', path: {}, read: 'operator', write: 'operator' },
  ];
  for (const place of places) {
    endpointRoutes(app, parts, place);
    stateRoutes(app, parts, place);
    replayRoutes(app, parts, place);
    historyRoutes(app, parts, place);
  }
}

/** `''` where the path names none: the operator's. */
const orgIn = (params: unknown): string => (params as { org?: string }).org ?? '';
const idIn = (params: unknown): string => (params as { id: string }).id;

function shown({ settings, ...health }: Endpoint) {
  const { events, streams, tags: only } = settings;
  return { ...health, ...settings, events: [...events], streams: [...streams], tags: [...only] };
}

function numberIn(cursor: string | undefined, usual: number): number {
  if (cursor === undefined) return usual;
  if (!/^\d{1,15}$/.test(cursor)) throw new Refusal('invalid', 'not a page of this list', { at: 'cursor' });
  return Number(cursor);
}

function endpointRoutes(app: App, { webhooks, administration: { audit } }: Parts, place: Place): void {
  const { base, path, read, write } = place;
  app.get(
    base,
    {
      config: { access: read },
      schema: {
        tags,
        summary: 'Endpoints that are told what happens to mail',
        params: Type.Object(path),
        response: { 200: answer(Type.Object({ items: Type.Array(endpoint) })) },
      },
    },
    async ({ params }) => ({ items: (await webhooks.list(orgIn(params))).map(shown) }),
  );

  app.post(
    base,
    {
      config: { access: write },
      schema: {
        tags,
        summary: 'Adds an endpoint: it is told what happens from now on',
        params: Type.Object(path),
        body: newEndpoint,
        response: { 201: answer(madeEndpoint) },
      },
    },
    async (request, reply) => {
      const { secret, ...given } = request.body;
      const settings: EndpointSettings = {
        description: '',
        events: [],
        streams: [],
        tags: [],
        batch: 1,
        ...given,
      };
      const { address, by } = callerIn(request);
      const org = orgIn(request.params);
      const who = { by: address || by, ...(secret === undefined ? {} : { secret }) };
      const made = await webhooks.add(org, settings, who);
      await audit.note(actorIn(request), {
        org,
        action: 'webhook.create',
        subject: made.endpoint.id,
        detail: { ...settings },
      });
      return reply.code(201).send({ ...shown(made.endpoint), secret: made.secret });
    },
  );

  const one = { ...path, id: Type.String() };
  app.get(
    `${base}/:id`,
    {
      config: { access: read },
      schema: { tags, summary: 'An endpoint', params: Type.Object(one), response: { 200: answer(endpoint) } },
    },
    async ({ params }) => shown(await webhooks.get(orgIn(params), idIn(params))),
  );

  app.patch(
    `${base}/:id`,
    {
      config: { access: write },
      schema: {
        tags,
        summary: 'Changes an endpoint, and tries it again at once',
        params: Type.Object(one),
        body: endpointEdit,
        response: { 200: answer(endpoint) },
      },
    },
    async (request) => {
      const { params, body } = request;
      const edited = await webhooks.edit(orgIn(params), idIn(params), body);
      const deed = {
        org: orgIn(params),
        action: 'webhook.update',
        subject: idIn(params),
        detail: { ...body },
      };
      await audit.note(actorIn(request), deed);
      return shown(edited);
    },
  );

  app.delete(
    `${base}/:id`,
    {
      config: { access: write },
      schema: { tags, summary: 'Deletes an endpoint', params: Type.Object(one), response: { 204: nothing } },
    },
    async (request, reply) => {
      const { params } = request;
      await webhooks.drop(orgIn(params), idIn(params));
      await audit.note(actorIn(request), {
        org: orgIn(params),
        action: 'webhook.delete',
        subject: idIn(params),
      });
      return reply.code(204).send();
    },
  );
}

function stateRoutes(app: App, { webhooks, administration: { audit } }: Parts, place: Place): void {
  const { base, path, write } = place;
  const one = Type.Object({ ...path, id: Type.String() });
  for (const [action, summary] of [
    ['pause', 'Tells an endpoint nothing for now: what happens waits in the log'],
    ['resume', 'Goes on where the endpoint was left'],
  ] as const)
    app.post(
      `${base}/:id/${action}`,
      {
        config: { access: write },
        schema: { tags, summary, params: one, response: { 200: answer(endpoint) } },
      },
      async (request) => {
        const { params } = request;
        await webhooks[action](orgIn(params), idIn(params));
        await audit.note(actorIn(request), {
          org: orgIn(params),
          action: `webhook.${action}`,
          subject: idIn(params),
        });
        return shown(await webhooks.get(orgIn(params), idIn(params)));
      },
    );

  app.post(
    `${base}/:id/rotate`,
    {
      config: { access: write },
      schema: {
        tags,
        summary: 'Makes a new secret; the old one signs beside it for a while',
        params: one,
        body: rotation,
        response: { 200: answer(rotated) },
      },
    },
    async (request) => {
      const { params, body } = request;
      const { overlapHours = overlapUsualHours } = body;
      const secret = await webhooks.rotate(orgIn(params), idIn(params), overlapHours * hourMs);
      const detail = { overlapHours };
      await audit.note(actorIn(request), {
        org: orgIn(params),
        action: 'webhook.rotate',
        subject: idIn(params),
        detail,
      });
      return { secret };
    },
  );
}

function replayRoutes(app: App, { webhooks, administration: { audit } }: Parts, place: Place): void {
  const { base, path, write } = place;
  const one = Type.Object({ ...path, id: Type.String() });
  app.post(
    `${base}/:id/replay`,
    {
      config: { access: write },
      schema: {
        tags,
        summary: 'Tells again what happened from a time on, or single events',
        params: one,
        body: replay,
        response: { 200: answer(replayed) },
      },
    },
    async (request) => {
      const { params, body } = request;
      if ((body.fromMs === undefined) === (body.events === undefined))
        throw new Refusal('invalid', 'say fromMs or events', { at: 'fromMs' });
      const deed = {
        org: orgIn(params),
        action: 'webhook.replay',
        subject: idIn(params),
        detail: { ...body },
      };
      if (body.events) {
        const count = await webhooks.replayEvents(orgIn(params), idIn(params), body.events);
        await audit.note(actorIn(request), deed);
        return { count };
      }
      await webhooks.replayFrom(orgIn(params), idIn(params), body.fromMs ?? 0);
      await audit.note(actorIn(request), deed);
      return {};
    },
  );

  app.post(
    `${base}/:id/dead/replay`,
    {
      config: { access: write },
      schema: {
        tags,
        summary: 'Tries events again that were given up: those named, or all',
        params: one,
        body: deadReplay,
        response: { 200: answer(replayed) },
      },
    },
    async (request) => {
      const { params, body } = request;
      const count = await webhooks.revive(orgIn(params), idIn(params), body.events ?? []);
      await audit.note(actorIn(request), {
        org: orgIn(params),
        action: 'webhook.revive',
        subject: idIn(params),
        detail: { count },
      });
      return { count };
    },
  );

  app.post(
    `${base}/:id/test`,
    {
      config: { access: write },
      schema: { tags, summary: 'Posts a `webhook.test` now', params: one, response: { 200: answer(tested) } },
    },
    async (request) => {
      const { params } = request;
      const told = await webhooks.test(orgIn(params), idIn(params));
      await audit.note(actorIn(request), {
        org: orgIn(params),
        action: 'webhook.test',
        subject: idIn(params),
      });
      return told;
    },
  );
}

function historyRoutes(app: App, { webhooks }: Parts, place: Place): void {
  const { base, path, read } = place;
  const one = Type.Object({ ...path, id: Type.String() });
  app.get(
    `${base}/:id/dead`,
    {
      config: { access: read },
      schema: {
        tags,
        summary: 'Events that were given up after three days',
        params: one,
        querystring: deadQuery,
        response: { 200: answer(deadPage) },
      },
    },
    async ({ params, query }) => {
      const { limit = pageItems, cursor } = query;
      const found = await webhooks.dead(orgIn(params), idIn(params), numberIn(cursor, 0), limit);
      const items = found.map(({ seq, message, tries, last, at }) => ({
        event: seq,
        message,
        tries,
        answer: last,
        atMs: at,
      }));
      return { items, ...(found.length === limit && { next: String(found.at(-1)?.seq ?? 0) }) };
    },
  );

  app.get(
    `${base}/:id/attempts`,
    {
      config: { access: read },
      schema: {
        tags,
        summary: 'Requests to an endpoint, newest first, kept for 14 days',
        params: one,
        querystring: deadQuery,
        response: { 200: answer(attemptPage) },
      },
    },
    async ({ params, query }) => {
      const { limit = pageItems, cursor } = query;
      const found = await webhooks.attempts(orgIn(params), idIn(params), numberIn(cursor, numberMax), limit);
      const items = found.map((each) => ({
        id: each.id,
        firstEvent: each.first_seq,
        count: each.count,
        status: each.status,
        ms: each.ms,
        answer: each.answer,
        atMs: each.at,
      }));
      return { items, ...(found.length === limit && { next: String(found.at(-1)?.at ?? 0) }) };
    },
  );
}
