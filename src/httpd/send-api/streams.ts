/** `/v1/streams`: the kinds of mail that an organisation sends. */
import * as Type from 'typebox';
import type { App } from '../admin-api/app.ts';
import { answer, nothing } from '../admin-api/contract.ts';
import type { Actor } from '../../directory/actor.ts';
import type { HttpParts } from '../parts.ts';
import { senderIn } from './access.ts';
import type { SendCaller } from './caller.ts';
import { newStream, stream, streamList } from './contract-template.ts';
import { orgOf } from './templates.ts';

const tags = ['streams'];
const params = Type.Object({ name: Type.String({ maxLength: 40 }) });

const actorOf = ({ by, ip }: SendCaller): Actor => ({ by, ip });

export function streamRoutes(app: App, parts: HttpParts): void {
  const { streams } = parts.administration;
  app.get(
    '/streams',
    {
      config: { needs: 'messages:read' },
      schema: { tags, operationId: 'listStreams', summary: 'Streams', response: { 200: answer(streamList) } },
    },
    async (request) => {
      const found = await streams.list(await orgOf(parts, senderIn(request)));
      return { items: found.map(({ name, kind, unsubscribe }) => ({ name, kind, unsubscribe })) };
    },
  );

  app.put(
    '/streams/:name',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'putStream',
        summary: 'Makes or changes a stream',
        params,
        body: newStream,
        response: { 200: answer(stream) },
      },
    },
    async (request) => {
      const caller = senderIn(request);
      const wanted = { name: request.params.name, ...request.body };
      const { name, kind, unsubscribe } = await streams.put(
        actorOf(caller),
        await orgOf(parts, caller),
        wanted,
      );
      return { name, kind, unsubscribe };
    },
  );

  app.delete(
    '/streams/:name',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'deleteStream',
        summary: 'Deletes a stream',
        params,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const caller = senderIn(request);
      await streams.delete(actorOf(caller), await orgOf(parts, caller), request.params.name);
      return reply.code(204).send();
    },
  );
}
