/** Inbound routes, and domains that stand in mail, as schemas (see contract.ts). */
import * as Type from 'typebox';
import { closed, oneOf } from '../admin-api/contract.ts';

const text = (description: string, maxLength: number) => Type.String({ description, maxLength });

export const newInboundRoute = closed({
  address: text(
    '`support@shop.example`, `ticket-*@shop.example`, or `@shop.example` for all that has no mailbox.',
    400,
  ),
  url: text('https, where it is posted to.', 2000),
  raw: Type.Optional(Type.Boolean({ description: 'The whole message goes along, in base64.' })),
  attachmentsMaxBytes: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 35 * 1024 * 1024,
      description: 'Files of so many bytes in all go along; 10 MiB unless told.',
    }),
  ),
});
export const inboundRoute = Type.Object({
  id: Type.String(),
  address: Type.String(),
  url: Type.String(),
  secret: Type.String({ description: 'What requests are signed with (Standard Webhooks).' }),
  raw: Type.Boolean(),
  attachmentsMaxBytes: Type.Integer(),
  createdAt: Type.String(),
});
export const inboundRouteList = Type.Object({ items: Type.Array(inboundRoute) });

export const purpose = oneOf(
  ['returnPath', 'tracking'],
  'returnPath: bounces come back to it. tracking: links lead over it.',
);
export const newSendingDomain = closed({
  name: text('A name below one of your domains, as `bounce.shop.example`.', 300),
});
export const dnsRecord = Type.Object({
  type: Type.String(),
  name: Type.String(),
  value: Type.String(),
  found: Type.Array(Type.String(), { description: 'What its name servers say.' }),
  state: oneOf(['right', 'missing', 'wrong', 'unknown']),
});
export const sendingDomain = Type.Object({
  purpose,
  name: Type.String(),
  records: Type.Array(dnsRecord),
});
export const sendingDomainList = Type.Object({ items: Type.Array(sendingDomain) });
