/** Mail that filters keep back: listed, read, released, deleted. */
import { Readable } from 'node:stream';
import * as Type from 'typebox';
import type { MessageId } from '../../base/ids.ts';
import type { HttpParts } from '../parts.ts';
import { callerIn } from './access.ts';
import type { App } from './app.ts';
import type { Caller } from './caller.ts';
import { quarantineAction, quarantined, quarantineDeed, quarantineQuery } from './contract-filters.ts';
import { answer, pageOf } from './contract.ts';
import { queueCount } from './contract-mail.ts';

const tags = ['quarantine'];
const pageItems = 50;
const one = Type.Object({ message: Type.String({ maxLength: 100 }) });

/** A caller of one organisation sees and touches its mail only. */
const scope = ({ org: own }: Caller, asked: string | undefined): { readonly org?: string } => {
  const org = own ?? asked;
  return org === undefined ? {} : { org };
};

export function quarantineRoutes(app: App, { quarantine }: HttpParts): void {
  app.get(
    '/quarantine',
    {
      config: { access: 'quarantine:read' },
      schema: {
        tags,
        summary: 'Mail in quarantine, the newest first',
        querystring: quarantineQuery,
        response: { 200: answer(pageOf(quarantined)) },
      },
    },
    async (request) => {
      const { limit = pageItems, cursor, org, message, ...filter } = request.query;
      const page = { max: limit, ...(cursor !== undefined && { after: cursor }) };
      const named = message === undefined ? {} : { message: message as MessageId };
      return quarantine.list({ ...filter, ...named, ...scope(callerIn(request), org) }, page);
    },
  );

  app.get(
    '/quarantine/:message',
    {
      config: { access: 'quarantine:read' },
      schema: {
        tags,
        summary: 'One message in quarantine',
        params: one,
        response: { 200: answer(quarantined) },
      },
    },
    async (request) =>
      quarantine.get(request.params.message as MessageId, scope(callerIn(request), undefined).org),
  );

  app.get(
    '/quarantine/:message/text',
    {
      config: { access: 'quarantine:read' },
      schema: {
        tags,
        summary: 'The message itself, header and body, as it came',
        params: one,
        produces: ['message/rfc822'],
      },
    },
    async (request, reply) => {
      const { message } = request.params;
      const text = await quarantine.text(message as MessageId, scope(callerIn(request), undefined).org);
      void reply
        .type('message/rfc822')
        .header('content-disposition', `attachment; filename="${message}.eml"`);
      return reply.send(Readable.from(text));
    },
  );

  app.post(
    '/quarantine/:message/:action',
    {
      config: { access: 'quarantine:write' },
      schema: {
        tags,
        summary: 'Releases a message from quarantine, or deletes it',
        params: Type.Object({ ...one.properties, action: quarantineAction }),
        body: quarantineDeed,
        response: { 200: answer(queueCount) },
      },
    },
    async (request) => {
      const caller = callerIn(request);
      const { message, action } = request.params;
      const { org, why = '' } = request.body;
      const of = { message: message as MessageId, ...scope(caller, org) };
      return { count: await quarantine.end(action, of, { by: caller.address || caller.by, why }) };
    },
  );
}
