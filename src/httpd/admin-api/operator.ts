/** The operator's view: providers with what waits and how fast it goes, orders that hold mail back or slow it, and failures by cause. An organisation sees and orders its own. */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { newCredentialId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { domainToAscii } from '../../proto/smtp/domain.ts';
import type { Order, OrderScope } from '../../queue/orders.ts';
import type { HttpParts } from '../parts.ts';
import { actorIn, callerIn } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing } from './contract.ts';
import {
  failureGroups,
  failuresQuery,
  newOrder,
  order,
  orders,
  queueRows,
  rowsQuery,
  type QueueRow,
} from './contract-operator.ts';
import { streamRows } from './ledger.ts';

const tags = ['queue'];
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const rowsUsual = 20;

export function operatorRoutes(app: App, parts: HttpParts, stopping: AbortSignal): void {
  rowRoutes(app, parts, stopping);
  orderRoutes(app, parts);
  failureRoutes(app, parts);
}

interface Asked {
  readonly org: string | undefined;
  readonly limit: number;
  readonly language: 'en' | 'ja';
}

async function rowsOf({ queue, whyWaits }: HttpParts, { org, limit, language }: Asked): Promise<QueueRow[]> {
  const found = await queue.summary(org);
  return Promise.all(
    found.slice(0, limit).map(async ({ destination, waiting, held, nextTryAtMs, oldestAtMs, last }) => {
      const mail = { org: org ?? '', stream: 'transactional', campaign: '', language } as const;
      const why = destination === 'local' ? undefined : await whyWaits(destination, mail);
      const sources = why?.sources ?? [];
      const used = sources.map(({ limits }) => Math.max(0, ...limits.map((one) => one.used ?? 0)));
      return {
        provider: why?.provider ?? '',
        providerTitle: why?.providerTitle ?? '',
        destination,
        waiting,
        held,
        connections: used.reduce((sum, each) => sum + each, 0),
        perSecond: sources.reduce((sum, { learned }) => sum + learned.taken, 0),
        nextTryAtMs,
        oldestAtMs,
        now: [...(why?.now ?? [])],
        last: last?.reply ?? '',
      };
    }),
  );
}

function rowRoutes(app: App, parts: HttpParts, stopping: AbortSignal): void {
  const asked = (org: string | undefined, query: { limit?: number; language?: 'en' | 'ja' }): Asked => ({
    org,
    limit: query.limit ?? rowsUsual,
    language: query.language ?? 'en',
  });
  app.get(
    '/queue/rows',
    {
      config: { access: 'queue:read' },
      schema: {
        tags,
        summary: 'Destinations with most mail: what waits, how fast it goes, and why',
        querystring: rowsQuery,
        response: { 200: answer(queueRows) },
      },
    },
    async (request) => ({ items: await rowsOf(parts, asked(callerIn(request).org, request.query)) }),
  );

  app.get(
    '/queue/rows/stream',
    {
      config: { access: 'queue:read' },
      schema: {
        tags,
        summary: 'The same every two seconds, as server-sent events',
        querystring: rowsQuery,
        produces: ['text/event-stream'],
      },
    },
    async (request, reply) => {
      const wanted = asked(callerIn(request).org, request.query);
      await streamRows(parts, { reply, stopping, read: () => rowsOf(parts, wanted) });
    },
  );
}

function orderRoutes(app: App, { orders: desk, administration: { audit }, clock }: HttpParts): void {
  app.get(
    '/queue/orders',
    {
      config: { access: 'queue:read' },
      schema: { tags, summary: 'Orders that hold mail back or slow it', response: { 200: answer(orders) } },
    },
    async (request) => {
      const { org } = callerIn(request);
      return { items: (await desk.list()).filter((each) => org === undefined || each.org === org) };
    },
  );

  app.post(
    '/queue/orders',
    {
      config: { access: 'queue:write' },
      schema: {
        tags,
        summary:
          'Suspends, slows or reroutes mail for a provider or domain, of an organisation, campaign or sender, for a time',
        body: newOrder,
        response: { 201: answer(order) },
      },
    },
    async (request, reply) => {
      const caller = callerIn(request);
      const { minutes, rate = '', domain, to, ...given } = request.body;
      const way = wayOf({ ...given, to }, caller.org);
      if (given.is === 'limit' && !desk.isRate(rate))
        throw new Refusal('invalid', 'is not a rate like 100/min', { at: 'rate' });
      if (given.provider !== undefined && !desk.isProvider(given.provider))
        throw new Refusal('invalid', 'no provider has that name', { at: 'provider' });
      const plain = domain === undefined ? undefined : domainToAscii(domain)?.toLowerCase();
      if (domain !== undefined && plain === undefined)
        throw new Refusal('invalid', 'is not a domain', { at: 'domain' });
      const org = caller.org ?? given.org;
      const madeAtMs = clock.nowMs();
      const made = {
        ...given,
        ...(org !== undefined && { org }),
        ...(plain !== undefined && { domain: plain }),
        ...(given.sender !== undefined && { sender: given.sender.toLowerCase() }),
        ...(way && { to: way }),
        id: newCredentialId(clock),
        rate,
        by: caller.address || caller.by,
        madeAtMs,
        untilMs: madeAtMs + minutes * minuteMs,
      };
      await audit.note(actorIn(request), {
        org: org ?? '',
        action: `queue.${given.is}`,
        subject: made.id,
        detail: { ...made },
      });
      await desk.give(made);
      return reply.code(201).send(made);
    },
  );

  app.delete(
    '/queue/orders/:id',
    {
      config: { access: 'queue:write' },
      schema: {
        tags,
        summary: 'Ends an order',
        params: Type.Object({ id: Type.String() }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { org } = callerIn(request);
      await desk.end(request.params.id, org);
      await audit.note(actorIn(request), {
        org: org ?? '',
        action: 'queue.resume',
        subject: request.params.id,
      });
      return reply.code(204).send();
    },
  );
}

/** What an order's kind does not take is refused, not left out. */
function wayOf(
  given: Pick<Static<typeof newOrder>, keyof OrderScope | 'is'> & { readonly to: string | undefined },
  ofOrg: string | undefined,
): Order['to'] {
  const { is, to, sender, provider, org, campaign } = given;
  if (is === 'limit' && sender !== undefined)
    throw new Refusal('invalid', 'goes by provider, domain, organisation or campaign', { at: 'sender' });
  if (is !== 'reroute') {
    if (to !== undefined) throw new Refusal('invalid', 'is for orders that reroute', { at: 'to' });
    return undefined;
  }
  // Where mail of everybody goes is for the operator.
  if (ofOrg !== undefined) throw new Refusal('notAllowed', 'only the operator of the server reroutes mail');
  if ([provider, org, campaign].some((each) => each !== undefined))
    throw new Refusal('invalid', 'goes by domain and by domain of the sender', { at: 'is' });
  if (sender !== undefined && !/^@[^@]+$/.test(sender))
    throw new Refusal('invalid', 'is written as @domain here', { at: 'sender' });
  const [, host, port] = /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::(\d{1,5}))?$/.exec(to ?? '') ?? [];
  const plain = host?.startsWith('[') ? host.slice(1, -1) : domainToAscii(host ?? '')?.toLowerCase();
  if (!plain || Number(port ?? 25) < 1 || Number(port ?? 25) > 65_535)
    throw new Refusal('invalid', 'is not a server like relay.example.jp:587', { at: 'to' });
  return { host: plain, ...(port !== undefined && { port: Number(port) }) };
}

function failureRoutes(app: App, { traces, meaning, clock }: HttpParts): void {
  app.get(
    '/failures',
    {
      config: { access: 'journey:read' },
      schema: {
        tags: ['journey'],
        summary: 'Mail that came back or waits, by cause, with what can be done',
        querystring: failuresQuery,
        response: { 200: answer(failureGroups) },
      },
    },
    async (request) => {
      const { hours = 24, language = 'en' } = request.query;
      const found = await traces.failures(callerIn(request).org, clock.nowMs() - hours * hourMs);
      const items = found.map((group) => ({
        ...group,
        domains: [...group.domains],
        means: meaning(group.example.reply, 'rcpt', language),
      }));
      return { items };
    },
  );
}
