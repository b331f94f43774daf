/** `/v1/inbound-routes`: mail that goes to programs over HTTP. */
import * as Type from 'typebox';
import type { CredentialId } from '../../base/ids.ts';
import type { InboundRoute } from '../../directory/entities.ts';
import type { App } from '../admin-api/app.ts';
import { answer, nothing } from '../admin-api/contract.ts';
import type { HttpParts } from '../parts.ts';
import { senderIn } from './access.ts';
import {
  inboundRotation,
  inboundRouteList,
  inboundSecret,
  madeInboundRoute,
  newInboundRoute,
} from './contract-inbound.ts';
import { isoTime } from './status.ts';
import { orgOf } from './templates.ts';

const tags = ['inbound'];
const hourMs = 3_600_000;
const overlapUsualHours = 24;

const told = ({ id, pattern, domain, url, options, createdAtMs }: InboundRoute) => ({
  id,
  address: `${pattern}@${domain}`,
  url,
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
        summary: 'Routes of mail to programs, without their secrets',
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
        response: { 201: answer(madeInboundRoute) },
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
      return reply.code(201).send({ ...told(route), secret: route.secret });
    },
  );

  app.post(
    '/inbound-routes/:id/rotate',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'rotateInboundRoute',
        summary: 'Makes a new secret; the old one signs beside it for a while',
        params: Type.Object({ id: Type.String({ maxLength: 40 }) }),
        body: inboundRotation,
        response: { 200: answer(inboundSecret) },
      },
    },
    async (request) => {
      const caller = senderIn(request);
      const { overlapHours = overlapUsualHours } = request.body;
      const which = { id: request.params.id as CredentialId, overlapMs: overlapHours * hourMs };
      const actor = { by: caller.by, ip: caller.ip };
      return { secret: await inbound.rotate(actor, await orgOf(parts, caller), which) };
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
