/** What operators see and order: rows of providers, orders, failures by cause, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, id, language, oneOf, text, time } from './contract.ts';

const scope = {
  provider: Type.Optional(text('Provider group, as `hikyaku shaping providers` names it.', 100)),
  domain: Type.Optional(text('Destination.', 300)),
  org: Type.Optional(id),
  campaign: Type.Optional(text('Campaign.', 200)),
  sender: Type.Optional(text('Exact address, or `@domain`. Not with `limit`; with `reroute` a domain.', 400)),
};
export const newOrder = closed({
  ...scope,
  is: oneOf(['suspend', 'limit', 'reroute']),
  to: Type.Optional(
    text('Of `reroute`: the server that takes the mail instead, `relay.example.jp` or with `:port`.', 300),
  ),
  rate: Type.Optional(text('Of `limit`: copies in a time, `100/min`.', 60)),
  why: text('For whoever looks.', 500),
  minutes: Type.Integer({ minimum: 1, maximum: 60 * 24 * 90, description: 'How long it holds.' }),
});
export const order = Type.Object({
  id: Type.String(),
  is: oneOf(['suspend', 'limit', 'reroute']),
  ...scope,
  to: Type.Optional(Type.Object({ host: Type.String(), port: Type.Optional(Type.Integer()) })),
  rate: Type.String(),
  why: Type.String(),
  by: Type.String(),
  madeAtMs: time('Given at.'),
  untilMs: time('Ends by itself.'),
});
export type OrderItem = Static<typeof order>;
export const orders = Type.Object({ items: Type.Array(order) });

export const row = Type.Object({
  provider: Type.String({ description: 'Empty: of no provider group.' }),
  providerTitle: Type.String({ description: 'The provider as people call it, or empty.' }),
  destination: Type.String(),
  waiting: Type.Integer(),
  held: Type.Integer(),
  connections: Type.Integer({ description: 'Open now, over all threads.' }),
  perSecond: Type.Number({ description: 'Copies taken, mean of the last minute.' }),
  nextTryAtMs: time('Next try of any.'),
  oldestAtMs: time('Oldest accepted at.'),
  now: Type.Array(Type.String(), { description: 'Why mail waits.' }),
  last: Type.String({ description: 'The last answer.' }),
});
export type QueueRow = Static<typeof row>;
export const rowsQuery = closed({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
  language: Type.Optional(language),
});
export const queueRows = Type.Object({ items: Type.Array(row) });

export const failuresQuery = closed({
  hours: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 24 * 90,
      description: 'Accepted in the last hours; 24 unless told.',
    }),
  ),
  language: Type.Optional(language),
});
const failure = Type.Object({
  cause: Type.String({ description: 'The answer, with ids, addresses and numbers folded.' }),
  status: oneOf(['bounced', 'deferred', 'refused']),
  count: Type.Integer(),
  domains: Type.Array(Type.String()),
  example: Type.Object({ reply: Type.String(), host: Type.String(), message: Type.String() }),
  firstAtMs: time('First heard.'),
  lastAtMs: time('Last heard.'),
  means: Type.String({ description: 'What it means, and what can be done.' }),
});
export type FailureItem = Static<typeof failure>;
export const failureGroups = Type.Object({ items: Type.Array(failure) });
