/** `/v1/sending-domains`: the names under which bounces come back and links lead, with what DNS should say of them and does. */
import * as Type from 'typebox';
import type { SendingDomain } from '../../directory/entities.ts';
import type { App } from '../admin-api/app.ts';
import { answer, nothing } from '../admin-api/contract.ts';
import type { HttpParts, SendParts } from '../parts.ts';
import { senderIn } from './access.ts';
import { newSendingDomain, purpose, sendingDomain, sendingDomainList } from './contract-inbound.ts';
import { orgOf } from './templates.ts';

const tags = ['domains'];
const params = Type.Object({ purpose });

const states = { ok: 'right', missing: 'missing', different: 'wrong' } as const;

/** With what DNS should say of it, and does. */
export async function sendingDomainOf(send: Pick<SendParts, 'recordsOf'>, domain: SendingDomain) {
  return {
    purpose: domain.purpose,
    name: domain.name,
    records: (await send.recordsOf(domain)).map(({ record, status, found }) => ({
      type: record.type,
      name: record.name,
      value: record.data,
      found: [...found],
      state: status in states ? states[status as keyof typeof states] : ('unknown' as const),
    })),
  };
}

export function sendingDomainRoutes(app: App, parts: HttpParts): void {
  const { sendingDomains } = parts.administration;
  const told = (domain: SendingDomain) => sendingDomainOf(parts.send, domain);

  app.get(
    '/sending-domains',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'listSendingDomains',
        summary: 'Domains of bounces and links, held against DNS',
        response: { 200: answer(sendingDomainList) },
      },
    },
    async (request) => {
      const found = await sendingDomains.list(await orgOf(parts, senderIn(request)));
      return { items: await Promise.all(found.map(told)) };
    },
  );

  app.put(
    '/sending-domains/:purpose',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'putSendingDomain',
        summary: 'Sets the domain of bounces, or of links',
        params,
        body: newSendingDomain,
        response: { 200: answer(sendingDomain) },
      },
    },
    async (request) => {
      const caller = senderIn(request);
      const given = { purpose: request.params.purpose, name: request.body.name };
      return told(
        await sendingDomains.put({ by: caller.by, ip: caller.ip }, await orgOf(parts, caller), given),
      );
    },
  );

  app.delete(
    '/sending-domains/:purpose',
    {
      config: { needs: 'messages:manage' },
      schema: {
        tags,
        operationId: 'deleteSendingDomain',
        summary: 'Goes back to the usual domain',
        params,
        response: { 204: nothing },
      },
    },
    async (request, reply) => {
      const caller = senderIn(request);
      const actor = { by: caller.by, ip: caller.ip };
      await sendingDomains.delete(actor, await orgOf(parts, caller), request.params.purpose);
      return reply.code(204).send();
    },
  );
}
