/** `/v1/inbound-routes`: mail that goes to programs over HTTP. */
import * as Type from 'typebox';
import type { CredentialId } from '../../base/ids.ts';
import type { InboundRoute } from '../../directory/entities.ts';
import type { App } from '../admin-api/app.ts';
import { answer, nothing } from '../admin-api/contract.ts';
import type { HttpParts } from '../parts.ts';
import { senderIn } from './access.ts';
import { inboundRoute, inboundRouteList, newInboundRoute } from './contract-inbound.ts';
import { isoTime } from './status.ts';
import { orgOf } from './templates.ts';

const tags = ['inbound'];

const told = ({ id, pattern, domain, url, secret, options, createdAtMs }: InboundRoute) => ({
  id,
  address: `${pattern}@${domain}`,
  url,
  secret,
  ...options,
  createdAt: isoTime(createdAtMs),
});

export function inboundRoutes(app: App, parts: HttpParts): void {
  const { inbound } = parts.administration;
  app.get(
    '/inbound-routes',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'listInboundRoutes',
        summary: 'Routes of mail to programs',
        response: { 200: answer(inboundRouteList) },
      },
    },
    async (request) => ({ items: (await inbound.list(await orgOf(parts, senderIn(request)))).map(told) }),
  );

  app.post(
    '/inbound-routes',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'createInboundRoute',
        summary: 'Sends mail for an address to a program',
        body: newInboundRoute,
        response: { 201: answer(inboundRoute) },
      },
    },
    async (request, reply) => {
      const caller = senderIn(request);
      const { address, url, raw, attachmentsMaxBytes } = request.body;
      const route = await inbound.create({ by: caller.by, ip: caller.ip }, await orgOf(parts, caller), {
        address,
        url,
        ...(raw !== undefined && { raw }),
        ...(attachmentsMaxBytes !== undefined && { attachmentsMaxBytes }),
      });
      return reply.code(201).send(told(route));
    },
  );

  app.delete(
    '/inbound-routes/:id',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'deleteInboundRoute',
        summary: 'Deletes a route',
        params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const caller = senderIn(request);
      const id = request.params.id as CredentialId;
      await inbound.delete({ by: caller.by, ip: caller.ip }, await orgOf(parts, caller), id);
      return reply.code(204).send();
    },
  );
}
