/** What programs send with and get mail by, as schemas (see contract.ts): streams, templates, inbound routes, domains of bounces and links. */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { inboundRoute, type sendingDomain } from '../send-api/contract-inbound.ts';
import type { stream, template } from '../send-api/contract-template.ts';
import { pageQuery, toldOnce } from './contract.ts';

export type StreamItem = Static<typeof stream>;
export type TemplateItem = Static<typeof template>;
export type SendingDomainItem = Static<typeof sendingDomain>;

export type InboundRouteItem = Static<typeof inboundRoute>;
export const inboundRouteItems = Type.Object({ items: Type.Array(inboundRoute) });
export const madeInboundRoute = Type.Object({
  ...inboundRoute.properties,
  secret: toldOnce('The secret that signs requests (Standard Webhooks)'),
});
export type MadeInboundRoute = Static<typeof madeInboundRoute>;

export const templateQuery = Type.Object(
  { limit: pageQuery.properties.limit, cursor: pageQuery.properties.cursor },
  { additionalProperties: false },
);
