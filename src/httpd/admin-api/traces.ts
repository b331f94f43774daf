/** The log by recipient: searched by any facts and words together, exported, asked again under a name, and kept as long as the organisation says. */
import { Readable } from 'node:stream';
import * as Type from 'typebox';
import { Refusal } from '../../base/refusal.ts';
import { labelsOf, type TraceRow } from '../../events/trace.ts';
import type { TraceQuery } from '../../events/trace-search.ts';
import type { HttpParts, TraceDesk } from '../parts.ts';
import { actorIn, callerIn } from './access.ts';
import type { App } from './app.ts';
import type { Caller } from './caller.ts';
import { answer, nothing, type Given } from './contract.ts';
import {
  exportQuery,
  newRetention,
  newView,
  retentionList,
  tracePage,
  traceQuery,
  viewPath,
  views,
  type TraceItem,
} from './contract-traces.ts';

const pageItems = 50;
/** Of one step of an export. */
const exportItems = 200;
/** Exports of this thread at once. */
const exportsMax = 3;
const tags = ['journey'];

type Trace = Given<TraceItem>;

type Parts = Pick<HttpParts, 'traces' | 'clock' | 'administration'>;

export function traceRoutes(app: App, parts: Parts): void {
  searchRoutes(app, parts.traces);
  viewRoutes(app, parts);
  retentionRoutes(app, parts);
}

function shown(row: TraceRow): Trace {
  const { tags: given = [], metadata = {} } = labelsOf(row);
  const { message, org, recipient, sender, subject, stream, status, reply, host } = row;
  return {
    message,
    org,
    recipient,
    sender,
    subject,
    headerMessageId: row.header_id,
    stream,
    tags: [...given],
    metadata,
    status,
    reply,
    host,
    acceptedAtMs: row.accepted_at,
    changedAtMs: row.changed_at,
  };
}

/** A caller of one organisation finds its mail only, whatever it asks. */
function scoped(query: TraceQuery, { org }: Caller): TraceQuery {
  return org === undefined ? query : { ...query, org };
}

function numberOf(cursor: string | undefined): number | undefined {
  if (cursor === undefined) return undefined;
  if (!/^\d{1,15}$/.test(cursor)) throw new Refusal('invalid', 'not a page of this list', { at: 'cursor' });
  return Number(cursor);
}

function searchRoutes(app: App, traces: TraceDesk): void {
  app.get(
    '/log/search',
    {
      config: { access: 'journey:read' },
      schema: {
        tags,
        summary: 'Mail by recipient, newest first: all conditions together',
        querystring: traceQuery,
        response: { 200: answer(tracePage) },
      },
    },
    async (request) => {
      const { limit = pageItems, cursor, ...query } = request.query;
      const wanted = scoped(query, callerIn(request));
      const { items, next } = await traces.search(wanted, numberOf(cursor), limit);
      return { items: items.map(shown), ...(next === undefined ? {} : { next: String(next) }) };
    },
  );

  let exports = 0;
  app.get(
    '/log/export',
    {
      config: { access: 'journey:read' },
      schema: {
        tags,
        summary: 'All that a search finds, as CSV or JSON lines',
        querystring: exportQuery,
        produces: ['text/csv', 'application/jsonl'],
      },
    },
    async (request, reply) => {
      const { format = 'jsonl', ...query } = request.query;
      if (exports >= exportsMax) throw new Refusal('rateLimited', 'too many exports');
      exports += 1;
      const rows = Readable.from(lines(traces, scoped(query, callerIn(request)), format));
      rows.once('close', () => (exports -= 1));
      void reply
        .type(format === 'csv' ? 'text/csv; charset=utf-8' : 'application/jsonl')
        .header('content-disposition', `attachment; filename="mail-log.${format}"`);
      return reply.send(rows);
    },
  );
}

const columns = [
  'acceptedAtMs',
  'changedAtMs',
  'status',
  'recipient',
  'sender',
  'subject',
  'stream',
  'tags',
  'reply',
  'host',
  'message',
  'headerMessageId',
  'org',
] as const satisfies readonly (keyof Trace)[];

async function* lines(
  traces: TraceDesk,
  query: TraceQuery,
  format: 'csv' | 'jsonl',
): AsyncGenerator<string, void, void> {
  if (format === 'csv') yield `${columns.join(',')}\r\n`;
  for (let before: number | undefined; ; ) {
    const { items, next } = await traces.search(query, before, exportItems);
    const text = items
      .map(shown)
      .map((one) => (format === 'csv' ? csvLine(one) : `${JSON.stringify(one)}\n`));
    if (text.length > 0) yield text.join('');
    if (next === undefined) return;
    before = next;
  }
}

/** RFC 4180. A text that a spreadsheet would take for a formula gets an apostrophe before it. */
function csvLine(one: Trace): string {
  const cells = columns.map((column) => {
    const value = one[column];
    if (column === 'acceptedAtMs' || column === 'changedAtMs') return new Date(Number(value)).toISOString();
    const text = (Array.isArray(value) ? value.join(' ') : String(value)).replace(/^[=+\-@\t\r]/, "'$&");
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  });
  return `${cells.join(',')}\r\n`;
}

function viewRoutes(app: App, { traces, clock, administration: { audit } }: Parts): void {
  const orgPath = Type.Object({ org: Type.String() });
  app.get(
    '/orgs/:org/log-views',
    {
      config: { access: 'journey:read' },
      schema: {
        tags,
        summary: 'Searches kept under a name',
        params: orgPath,
        response: { 200: answer(views) },
      },
    },
    async ({ params }) => ({ items: [...(await traces.views(params.org))] }),
  );

  app.put(
    '/orgs/:org/log-views/:name',
    {
      config: { access: 'journey:read' },
      schema: {
        tags,
        summary: 'Keeps a search',
        params: viewPath,
        body: newView,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { org, name } = request.params;
      const { address, by } = callerIn(request);
      const query = request.body.query as TraceQuery;
      await audit.note(actorIn(request), { org, action: 'view.put', subject: name });
      await traces.saveView(org, { name, by: address || by, query, madeAtMs: clock.nowMs() });
      return reply.code(204).send();
    },
  );

  app.delete(
    '/orgs/:org/log-views/:name',
    {
      config: { access: 'journey:read' },
      schema: { tags, summary: 'Forgets a search', params: viewPath, response: { 204: nothing } },
    },
    async (request, reply) => {
      const { params } = request;
      await audit.note(actorIn(request), { org: params.org, action: 'view.delete', subject: params.name });
      if (!(await traces.dropView(params.org, params.name)))
        throw new Refusal('notFound', 'no search has that name');
      return reply.code(204).send();
    },
  );
}

function retentionRoutes(app: App, { traces, administration: { audit } }: Parts): void {
  const orgPath = Type.Object({ org: Type.String() });
  app.get(
    '/orgs/:org/retention',
    {
      config: { access: 'org:read' },
      schema: {
        tags,
        summary: 'How long the log of an organisation is kept',
        params: orgPath,
        response: { 200: answer(retentionList) },
      },
    },
    async ({ params }) => ({
      items: (await traces.retentions(params.org)).map(({ stream, days }) => ({ stream, days })),
    }),
  );

  app.put(
    '/orgs/:org/retention',
    {
      config: { access: 'org:write' },
      schema: {
        tags,
        summary: 'Says how long the log is kept, for one stream or all others',
        params: orgPath,
        body: newRetention,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const { params, body } = request;
      const detail = { days: body.days };
      await audit.note(actorIn(request), {
        org: params.org,
        action: 'retention.put',
        subject: body.stream ?? '',
        detail,
      });
      await traces.setRetention({ org: params.org, stream: body.stream ?? '', days: body.days });
      return reply.code(204).send();
    },
  );
}
