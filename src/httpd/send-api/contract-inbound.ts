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
const route = {
  id: Type.String(),
  address: Type.String(),
  url: Type.String(),
  raw: Type.Boolean(),
  attachmentsMaxBytes: Type.Integer(),
  createdAt: Type.String(),
};
const secret = Type.String({
  description: 'What requests are signed with (Standard Webhooks). Told this once; a lost one is rotated.',
});
export const inboundRoute = Type.Object(route);
export const madeInboundRoute = Type.Object({ ...route, secret });
export const inboundSecret = Type.Object({ secret });
/** A hundred days: a receiver may be changed in its own time. */
const overlapMaxHours = 2400;
export const inboundRotation = closed({
  overlapHours: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: overlapMaxHours,
      description: 'Hours in which the old secret signs too; 24 unless told.',
    }),
  ),
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
