/** Mail on its way: the queue, the journey of a message, the log, and how the server is. */
import * as Type from 'typebox';
import type { MessageId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { QueueFilter } from '../../queue/filter.ts';
import type { HttpParts } from '../parts.ts';
import { callerIn } from './access.ts';
import type { App } from './app.ts';
import type { Caller } from './caller.ts';
import { answer, nothing, pageOf } from './contract.ts';
import {
  events,
  journey,
  journeyQuery,
  logQuery,
  queueAction,
  queueCount,
  queueDestination,
  queueEntry,
  queueFilter,
  queueMessage,
  queueQuery,
  queueSweep,
  readiness,
  stats,
  streamQuery,
} from './contract-mail.ts';
import { followAsked, latest, tellJourney } from './ledger.ts';
import { withWaiting } from './waiting-steps.ts';

const pageItems = 50;

export function mailRoutes(app: App, parts: HttpParts, stopping: AbortSignal): void {
  queueRoutes(app, parts);
  eventRoutes(app, parts, stopping);
  healthRoutes(app, parts);
}

/** A caller of one organisation sees and touches its mail only, whatever the filter says. */
function scoped(filter: QueueFilter, { org }: Caller): QueueFilter {
  return org === undefined ? filter : { ...filter, org };
}

function queueRoutes(app: App, { queue }: HttpParts): void {
  const tags = ['queue'];

  app.get(
    '/queue',
    {
      config: { access: 'queue:read' },
      schema: {
        tags,
        summary: 'Waiting mail by destination',
        response: { 200: answer(Type.Object({ items: Type.Array(queueDestination) })) },
      },
    },
    async (request) => ({ items: [...(await queue.summary(callerIn(request).org))] }),
  );

  app.get(
    '/queue/entries',
    {
      config: { access: 'queue:read' },
      schema: {
        tags,
        summary: 'Waiting recipients',
        querystring: queueQuery,
        response: { 200: answer(pageOf(queueEntry)) },
      },
    },
    async (request) => {
      const { limit = pageItems, cursor, ...filter } = request.query;
      const page = { max: limit, ...(cursor === undefined ? {} : { after: cursor }) };
      return queue.list(scoped(filter as QueueFilter, callerIn(request)), page);
    },
  );

  app.get(
    '/queue/messages/:id',
    {
      config: { access: 'queue:read' },
      schema: {
        tags,
        summary: 'One waiting message',
        params: Type.Object({ id: Type.String() }),
        response: { 200: answer(queueMessage) },
      },
    },
    async (request) => {
      const shown = await queue.show(request.params.id as MessageId);
      const { org } = callerIn(request);
      if (!shown || (org !== undefined && shown.message.org !== org))
        throw new Refusal('notFound', 'no such message waits');
      return { message: shown.message, entries: [...shown.entries] };
    },
  );

  app.post(
    '/queue/:action',
    {
      config: { access: 'queue:write' },
      schema: {
        tags,
        summary: 'Holds, releases, retries or deletes what the filter picks',
        params: Type.Object({ action: queueAction }),
        body: queueFilter,
        response: { 200: answer(queueCount) },
      },
    },
    async (request) => {
      const caller = callerIn(request);
      const filter = scoped(request.body as QueueFilter, caller);
      const { count, sweep } = await queue.manage(request.params.action, filter, caller.address || caller.by);
      return { count, ...(sweep !== undefined && { sweep }) };
    },
  );
  sweepRoutes(app, queue);
}

/** Changes of very many recipients, done in pieces. */
function sweepRoutes(app: App, queue: HttpParts['queue']): void {
  const tags = ['queue'];
  app.get(
    '/queue/sweeps',
    {
      config: { access: 'queue:read' },
      schema: {
        tags,
        summary: 'Changes of very many recipients: how far they have come',
        response: { 200: answer(Type.Object({ items: Type.Array(queueSweep) })) },
      },
    },
    async (request) => ({ items: [...(await queue.sweeps(callerIn(request).org))] }),
  );

  app.delete(
    '/queue/sweeps/:id',
    {
      config: { access: 'queue:write' },
      schema: {
        tags,
        summary: 'Ends such a change where it is',
        params: Type.Object({ id: Type.String() }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await queue.endSweep(request.params.id, callerIn(request).org);
      return reply.code(204).send();
    },
  );
}

function eventRoutes(app: App, parts: HttpParts, stopping: AbortSignal): void {
  const tags = ['journey'];

  app.get(
    '/journey',
    {
      config: { access: 'journey:read' },
      schema: {
        tags,
        summary: 'What happened to a message',
        querystring: journeyQuery,
        response: { 200: answer(journey) },
      },
    },
    async (request) => {
      const { org } = callerIn(request);
      const told = await tellJourney(parts, org, request.query);
      return withWaiting(parts, told, { org, language: request.query.language });
    },
  );

  app.get(
    '/log',
    {
      config: { access: 'journey:read' },
      schema: {
        tags,
        summary: 'The newest events, oldest of them first',
        querystring: logQuery,
        response: { 200: answer(events) },
      },
    },
    async (request) => ({
      items: await latest(parts.events, callerIn(request).org, request.query.last ?? pageItems),
    }),
  );

  for (const path of ['/log/stream', '/events/stream'])
    app.get(
      path,
      {
        config: { access: 'journey:read' },
        schema: {
          tags,
          summary: 'Events as they happen, as server-sent events',
          description:
            'Each has its number as `id`; a client that comes back with `Last-Event-ID` misses none.',
          querystring: streamQuery,
          produces: ['text/event-stream'],
        },
      },
      async (request, reply) => {
        const { query, headers } = request;
        const lastId = headers['last-event-id'];
        await followAsked(parts, { reply, org: callerIn(request).org, query, lastId, stopping });
      },
    );
}

function healthRoutes(app: App, { ready, queue }: HttpParts): void {
  const tags = ['server'];

  app.get(
    '/health',
    {
      config: { access: 'stats:read' },
      schema: { tags, summary: 'How the server is', response: { 200: answer(readiness) } },
    },
    async (request) => {
      const found = await ready();
      // The checks name certificates, and by them the domains of everybody.
      return callerIn(request).org === undefined ? found : { ready: found.ready, checks: [] };
    },
  );

  app.get(
    '/stats',
    {
      config: { access: 'stats:read' },
      schema: { tags, summary: 'Numbers for an overview', response: { 200: answer(stats) } },
    },
    async (request) => {
      const destinations = await queue.summary(callerIn(request).org);
      const sum = (field: 'waiting' | 'held'): number =>
        destinations.reduce((total, one) => total + one[field], 0);
      return { values: { waiting: sum('waiting'), held: sum('held'), destinations: destinations.length } };
    },
  );
}
