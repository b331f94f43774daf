/** `/v1/messages`: sends one mail, tells of mails, and takes back or moves those that wait for their time. */
import * as Type from 'typebox';
import type { MessageId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { App } from '../admin-api/app.ts';
import { answer, nothing, pageOf } from '../admin-api/contract.ts';
import type { HttpParts } from '../parts.ts';
import { senderIn } from './access.ts';
import type { SendCaller } from './caller.ts';
import {
  accepted,
  dryRunQuery,
  listQuery,
  message,
  messageChange,
  messageItem,
  messageQuery,
  newMessages,
  previewOrBatch,
  type MessageAnswer,
} from './contract.ts';
import { sendBatch } from './batches.ts';
import { asIs, digestOf, keyIn, mailBodyMaxBytes, onceHeader } from './once.ts';
import { checkAhead, dryRun, momentOf, prepare, send } from './outgoing.ts';
import { itemOf, messageOf } from './status.ts';

const tags = ['messages'];
const listed = 20;
const idParams = Type.Object({ id: Type.String({ maxLength: 40 }) });

export function messageRoutes(app: App, parts: HttpParts): void {
  sendRoute(app, parts);
  readRoutes(app, parts);
  changeRoutes(app, parts);
}

function sendRoute(app: App, parts: HttpParts): void {
  app.post(
    '/messages',
    {
      bodyLimit: mailBodyMaxBytes,
      config: { needs: 'send' },
      schema: {
        tags,
        operationId: 'sendMessage',
        summary: 'Sends a mail, or up to 1,000 with a result for each',
        querystring: dryRunQuery,
        headers: onceHeader,
        body: newMessages,
        response: { 200: answer(previewOrBatch), 202: answer(accepted) },
      },
    },
    async (request, reply) => {
      const key = keyIn(request);
      if (Array.isArray(request.body)) {
        if (request.query.dryRun === true)
          throw new Refusal('invalid', 'a dry run is of one mail', { at: 'dryRun' });
        const { text, repeated } = await sendBatch(parts, request, { items: request.body });
        if (repeated) reply.header('idempotent-replayed', 'true');
        return reply
          .code(200)
          .type('application/json; charset=utf-8')
          .serializer(asIs)
          .send(text as never);
      }
      const out = await prepare(parts, senderIn(request), request.body);
      if (request.query.dryRun === true) return reply.code(200).send((await dryRun(parts, out)) as never);
      const asked = key === undefined ? undefined : { key, digest: digestOf(request.body) };
      const sent = await send(parts, out, asked);
      if (sent.repeated) reply.header('idempotent-replayed', 'true');
      // As it was kept: an answer is told again to the letter.
      return reply
        .code(202)
        .type('application/json; charset=utf-8')
        .serializer(asIs)
        .send(sent.answer as never);
    },
  );
}

function readRoutes(app: App, parts: HttpParts): void {
  app.get(
    '/messages',
    {
      config: { needs: 'messages:read' },
      schema: {
        tags,
        operationId: 'listMessages',
        summary: 'Mails that were sent, the newest first',
        querystring: listQuery,
        response: { 200: answer(pageOf(messageItem)) },
      },
    },
    async (request) => {
      const { limit = listed, cursor = '', tag, stream } = request.query;
      const found = await parts.send.sent({
        org: senderIn(request).org,
        before: cursor,
        limit: limit + 1,
        ...(tag !== undefined && { tag }),
        ...(stream !== undefined && { stream }),
      });
      const items = found.slice(0, limit).map(itemOf);
      return { items, next: found.length > limit ? items.at(-1)!.id : undefined };
    },
  );

  app.get(
    '/messages/:id',
    {
      config: { needs: 'messages:read' },
      schema: {
        tags,
        operationId: 'getMessage',
        summary: 'What became of a mail',
        params: idParams,
        querystring: messageQuery,
        response: { 200: answer(message) },
      },
    },
    async (request) => told(parts, senderIn(request), request.params.id, request.query.language),
  );
}

async function told(
  parts: HttpParts,
  { org }: SendCaller,
  id: string,
  language: 'en' | 'ja' = 'en',
): Promise<MessageAnswer> {
  const result = /^[0-9a-z]{20}$/.test(id) ? await parts.events.search(id, 1) : undefined;
  const events = result?.is === 'message' ? result.events : [];
  const seen = events.filter((event) => event.message === id && (org === undefined || event.org === org));
  const found = messageOf(seen, { nowMs: parts.clock.nowMs(), language, meaning: parts.meaning });
  if (!found) throw new Refusal('notFound', 'no such message');
  return found;
}

function changeRoutes(app: App, parts: HttpParts): void {
  app.patch(
    '/messages/:id',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'moveMessage',
        summary: 'Moves a mail that waits for its time',
        params: idParams,
        body: messageChange,
        response: { 200: answer(message) },
      },
    },
    async (request) => {
      const notBeforeMs = momentOf(request.body.sendAt, 'sendAt');
      checkAhead(notBeforeMs, parts.clock.nowMs());
      await reschedule(parts, senderIn(request), request.params.id, notBeforeMs);
      return told(parts, senderIn(request), request.params.id);
    },
  );

  app.delete(
    '/messages/:id',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'cancelMessage',
        summary: 'Takes back a mail that waits for its time',
        params: idParams,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      await reschedule(parts, senderIn(request), request.params.id);
      return reply.code(204).send();
    },
  );
}

async function reschedule(
  parts: HttpParts,
  caller: SendCaller,
  id: string,
  notBeforeMs?: number,
): Promise<void> {
  const org = caller.org ?? (await orgOfMessage(parts, id));
  const to = { org, by: caller.by, ...(notBeforeMs !== undefined && { notBeforeMs }) };
  const done = await parts.send.reschedule(id as MessageId, to);
  if (done === 'done') return;
  if (done === 'begun') throw new Refusal('conflict', 'it is on its way already');
  // What is delivered is in the queue no more, but was there.
  await told(parts, caller, id);
  throw new Refusal('conflict', 'it does not wait any more');
}

/** The operator may touch every mail. */
async function orgOfMessage({ events }: HttpParts, id: string): Promise<string> {
  const result = await events.search(id, 1);
  return result.is === 'message' ? (result.events[0]?.org ?? '') : '';
}
