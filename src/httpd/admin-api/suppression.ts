/** Suppressed addresses of an organisation, and of the whole server for whoever runs it. */
import { Readable } from 'node:stream';
import type { FastifyRequest } from 'fastify';
import * as Type from 'typebox';
import type { OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { checkedScope, type Suppression } from '../../suppression/entry.ts';
import type { HttpParts } from '../parts.ts';
import { type Access, actorIn } from './access.ts';
import type { App } from './app.ts';
import { answer, nothing } from './contract.ts';
import {
  changed,
  imported,
  policyAnswer,
  policyBody,
  putBody,
  releaseAllBody,
  releaseBody,
  suppressionPage,
  suppressionQuery,
} from './contract-suppression.ts';

const tags = ['suppression'];
const pageItems = 100;
/** Of a file that is taken in: 200,000 addresses with reasons. */
const importMaxBytes = 32 * 1024 * 1024;

/** An organisation's list, or (`''`) the server's, which is for all. */
interface Place {
  readonly path: string;
  readonly params: ReturnType<typeof Type.Object>;
  readonly reads: Access;
  readonly writes: Access;
  readonly whose: string;
  readonly org: (request: FastifyRequest) => Promise<string>;
}

export function suppressionRoutes(app: App, parts: HttpParts): void {
  const places: readonly Place[] = [
    {
      path: '/orgs/:org/suppressions',
      params: Type.Object({ org: Type.String() }),
      reads: 'suppressions:read',
      writes: 'suppressions:write',
      whose: 'an organisation',
      org: async (request) =>
        (await parts.administration.orgs.get((request.params as { org: string }).org as OrgId)).id,
    },
    {
      path: '/suppressions',
      params: Type.Object({}),
      reads: 'operator',
      writes: 'operator',
      whose: 'the server, for all organisations',
      org: async () => '',
    },
  ];
  for (const place of places) {
    readRoutes(app, parts, place);
    writeRoutes(app, parts, place);
    importRoute(app, parts, place);
    policyRoutes(app, parts, place);
  }
}

function readRoutes(app: App, { suppressions }: HttpParts, { path, params, reads, whose, org }: Place): void {
  app.get(
    path,
    {
      config: { access: reads },
      schema: {
        tags,
        summary: `Suppressed addresses of ${whose}`,
        params,
        querystring: suppressionQuery,
        response: { 200: answer(suppressionPage) },
      },
    },
    async (request) => {
      const { limit = pageItems, cursor, q, cause, scope } = request.query;
      const items = await suppressions.list({
        org: await org(request),
        limit: limit + 1,
        ...(cursor !== undefined && { after: placeOf(cursor) }),
        ...(q !== undefined && { contains: q.toLowerCase() }),
        ...(cause !== undefined && { cause }),
        ...(scope !== undefined && { scope }),
      });
      const shown = items.slice(0, limit).map(shownEntry);
      const last = shown.at(-1);
      return {
        items: shown,
        ...(items.length > limit && last && { next: `${last.address}\n${last.scope}` }),
      };
    },
  );

  app.get(
    `${path}/export`,
    {
      config: { access: reads },
      schema: { tags, summary: `The list of ${whose} as CSV`, params, produces: ['text/csv'] },
    },
    async (request, reply) => {
      const whole = suppressions.export(await org(request));
      return reply.type('text/csv; charset=utf-8').send(Readable.from(whole));
    },
  );
}

/** Whose it is, is in the path. */
function shownEntry({ org: _org, ...item }: Suppression): Omit<Suppression, 'org'> {
  return item;
}

function placeOf(cursor: string): readonly [string, string] {
  const [address, scope] = cursor.split('\n');
  if (address === undefined || scope === undefined)
    throw new Refusal('invalid', 'not a page of this list', { at: 'cursor' });
  return [address, scope];
}

function writeRoutes(app: App, parts: HttpParts, { path, params, writes, whose, org }: Place): void {
  const { suppressions } = parts;
  app.post(
    path,
    {
      config: { access: writes },
      schema: {
        tags,
        summary: `Puts addresses on the list of ${whose}`,
        params,
        body: putBody,
        response: { 200: answer(changed) },
      },
    },
    async (request) => {
      const [id, { entries }] = [await org(request), request.body];
      const count = await suppressions.put(id, actorIn(request).by, entries);
      await noted(parts, request, {
        org: id,
        action: 'suppression.add',
        subject: entries[0]!.address,
        detail: { count },
      });
      return { count };
    },
  );

  app.post(
    `${path}/release`,
    {
      config: { access: writes },
      schema: {
        tags,
        summary: `Takes addresses off the list of ${whose}`,
        params,
        body: releaseBody,
        response: { 200: answer(changed) },
      },
    },
    async (request) => {
      const { addresses, scope } = request.body;
      const id = await org(request);
      const count = await suppressions.release(
        id,
        addresses,
        scope === undefined ? undefined : checkedScope(scope),
      );
      const detail = { count, ...(scope !== undefined && { scope }) };
      await noted(parts, request, { org: id, action: 'suppression.release', subject: addresses[0]!, detail });
      return { count };
    },
  );

  app.post(
    `${path}/release-all`,
    {
      config: { access: writes },
      schema: {
        tags,
        summary: `Takes all of a kind off the list of ${whose}`,
        description: 'At most 10,000 at once: call again while it gives as many.',
        params,
        body: releaseAllBody,
        response: { 200: answer(changed) },
      },
    },
    async (request) => {
      const { cause = '', reason = '', domain = '', beforeMs = 0 } = request.body;
      const id = await org(request);
      const kind = { org: id, cause, reason, domain: domain.toLowerCase(), beforeMs };
      const count = await suppressions.releaseAll(kind);
      const detail = { cause, reason, domain, beforeMs, count };
      await noted(parts, request, { org: id, action: 'suppression.releaseAll', subject: '', detail });
      return { count };
    },
  );
}

function importRoute(app: App, parts: HttpParts, { path, params, writes, whose, org }: Place): void {
  app.post(
    `${path}/import`,
    {
      config: { access: writes },
      bodyLimit: importMaxBytes,
      schema: {
        tags,
        summary: `Takes a file of addresses into the list of ${whose}`,
        description:
          'CSV with commas, semicolons or tabs, in UTF-8 or Shift_JIS; one column alone is enough.',
        consumes: ['application/octet-stream'],
        params,
        querystring: Type.Object({ scope: Type.Optional(Type.String({ maxLength: 200 })) }),
        response: { 200: answer(imported) },
      },
    },
    async (request) => {
      const { scope } = request.query;
      const id = await org(request);
      const bytes = await whole(request.body);
      const file = { bytes, ...(scope !== undefined && { scope: checkedScope(scope) }) };
      const done = await parts.suppressions.import(id, actorIn(request).by, file);
      await noted(parts, request, {
        org: id,
        action: 'suppression.import',
        subject: '',
        detail: { count: done.added },
      });
      return done;
    },
  );
}

async function whole(body: unknown): Promise<Buffer> {
  if (!(body instanceof Readable)) throw new Refusal('invalid', 'send application/octet-stream');
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of body) {
    bytes += (piece as Buffer).length;
    if (bytes > importMaxBytes) throw new Refusal('limitReached', `at most ${importMaxBytes} bytes`);
    pieces.push(piece as Buffer);
  }
  return Buffer.concat(pieces);
}

function policyRoutes(app: App, parts: HttpParts, { path, params, reads, writes, whose, org }: Place): void {
  const { suppressions } = parts;
  app.get(
    `${path}/policy`,
    {
      config: { access: reads },
      schema: {
        tags,
        summary: `When addresses come onto the list of ${whose}`,
        params,
        response: { 200: answer(policyAnswer) },
      },
    },
    async (request) => {
      const id = await org(request);
      const [policy, own, count] = await Promise.all([
        suppressions.policy(id),
        suppressions.ownPolicy(id),
        suppressions.count(id),
      ]);
      return { policy, own, count };
    },
  );
  if (path === '/suppressions') return;
  app.put(
    `${path}/policy`,
    {
      config: { access: writes },
      schema: {
        tags,
        summary: 'Sets what an organisation has otherwise than the server',
        description: 'What is absent is as the server has it.',
        params,
        body: policyBody,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const id = await org(request);
      await suppressions.setPolicy(id, request.body);
      await noted(parts, request, {
        org: id,
        action: 'suppression.policy',
        subject: '',
        detail: { ...request.body },
      });
      return reply.code(204).send();
    },
  );
}

interface Noted {
  readonly org: string;
  readonly action: string;
  readonly subject: string;
  readonly detail: Readonly<Record<string, unknown>>;
}

const noted = ({ administration }: HttpParts, request: FastifyRequest, deed: Noted): Promise<void> =>
  administration.orgs.note(actorIn(request), deed);
