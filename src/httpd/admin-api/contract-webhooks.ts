/** Webhooks as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { batchMax, urlMaxChars } from '../../webhook/endpoint.ts';
import { closed, oneOf, pageQuery, text, time, toldOnce } from './contract.ts';

const names = (description: string) =>
  Type.Array(Type.String({ maxLength: 200 }), { maxItems: 100, description });
const fields = {
  url: text('Where events are posted to: https://…', urlMaxChars),
  description: text('For people.', 300),
  events: names('`message.delivered` and so on; empty: the usual ones; `*`: all.'),
  streams: names('Only mail of these streams; empty: all.'),
  tags: names('Only mail with one of these tags; empty: all.'),
  batch: Type.Integer({ minimum: 1, maximum: batchMax, description: 'Events in one request.' }),
};
export const newEndpoint = closed({
  url: fields.url,
  description: Type.Optional(fields.description),
  events: Type.Optional(fields.events),
  streams: Type.Optional(fields.streams),
  tags: Type.Optional(fields.tags),
  batch: Type.Optional(fields.batch),
  secret: Type.Optional(text('`whsec_…`; one is made unless given.', 120)),
});
export const endpointEdit = closed({
  url: Type.Optional(fields.url),
  description: Type.Optional(fields.description),
  events: Type.Optional(fields.events),
  streams: Type.Optional(fields.streams),
  tags: Type.Optional(fields.tags),
  batch: Type.Optional(fields.batch),
});
export const endpoint = Type.Object({
  id: Type.String(),
  org: Type.String({ description: "Empty: the operator's." }),
  ...fields,
  state: oneOf(['active', 'paused']),
  reason: Type.String({ description: 'Why it is paused: `operator`, `failing`, `gone`.' }),
  cursor: Type.Integer({ description: 'Number of the last event that has been dealt with.' }),
  failingSinceMs: time('No delivery has succeeded since.'),
  nextTryAtMs: time('Next try of an endpoint that is away.'),
  tries: Type.Integer(),
  madeAtMs: time('Made at.'),
  madeBy: Type.String(),
});
export type WebhookEndpoint = Static<typeof endpoint>;
export const madeEndpoint = Type.Object({
  ...endpoint.properties,
  secret: toldOnce('The secret that signs'),
});
export type MadeWebhook = Static<typeof madeEndpoint>;
export const rotation = closed({
  overlapHours: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 24 * 30,
      description: 'The old secret signs too for so long; 24 unless told.',
    }),
  ),
});
export const rotated = Type.Object({ secret: toldOnce('The new secret') });
export const replay = closed({
  fromMs: Type.Optional(time('Tells all again from this time on.')),
  events: Type.Optional(
    Type.Array(Type.Integer({ minimum: 1 }), {
      minItems: 1,
      maxItems: 500,
      description: 'Tells these again, by their numbers in the log.',
    }),
  ),
});
export const deadReplay = closed({
  events: Type.Optional(Type.Array(Type.Integer({ minimum: 1 }), { minItems: 1, maxItems: 500 })),
});
export const replayed = Type.Object({ count: Type.Optional(Type.Integer()) });
export const deadQuery = closed({ limit: pageQuery.properties.limit, cursor: pageQuery.properties.cursor });
const page = {
  next: Type.Optional(Type.String({ description: 'Cursor of the next page; absent on the last.' })),
};
export const deadPage = Type.Object({
  items: Type.Array(
    Type.Object({
      event: Type.Integer({ description: 'Number in the log.' }),
      message: Type.String(),
      tries: Type.Integer(),
      answer: Type.String(),
      atMs: time('Given up at.'),
    }),
  ),
  ...page,
});
export type DeadEvent = Static<typeof deadPage>['items'][number];
export const attemptPage = Type.Object({
  items: Type.Array(
    Type.Object({
      id: Type.String({ description: '`webhook-id` of the request.' }),
      firstEvent: Type.Integer(),
      count: Type.Integer({ description: 'Events in the request.' }),
      status: Type.Integer({ description: 'Of HTTP; 0: there was no answer.' }),
      ms: Type.Integer(),
      answer: Type.String({ description: 'How the answer began, or what went wrong.' }),
      atMs: time('When.'),
    }),
  ),
  ...page,
});
export type WebhookAttempt = Static<typeof attemptPage>['items'][number];
export const tested = Type.Object({ status: Type.Integer(), ms: Type.Integer(), answer: Type.String() });
