/** Mail on its way: the queue, journeys, the log, and how the server is, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, id, language, oneOf, pageQuery, text, time } from './contract.ts';

const lastAnswer = Type.Object({
  phase: Type.String(),
  host: Type.String(),
  reply: Type.String(),
  atMs: time('When.'),
});
export const queueFilter = closed({
  message: Type.Optional(id),
  destination: Type.Optional(text('Domain.', 300)),
  sender: Type.Optional(text('Exact address, or `@domain`.', 400)),
  recipient: Type.Optional(text('Exact address, or `@domain`.', 400)),
  org: Type.Optional(id),
  campaign: Type.Optional(text('Campaign.', 200)),
  state: Type.Optional(oneOf(['waiting', 'held'])),
});
export const queueQuery = closed({
  ...queueFilter.properties,
  limit: pageQuery.properties.limit,
  cursor: pageQuery.properties.cursor,
});
export const queueDestination = Type.Object({
  destination: Type.String(),
  waiting: Type.Integer(),
  held: Type.Integer(),
  oldestAtMs: time('Oldest accepted at.'),
  nextTryAtMs: time('Next try of any.'),
  last: Type.Optional(lastAnswer),
});
export const queueEntry = Type.Object({
  id: Type.String(),
  message: Type.String(),
  org: Type.String(),
  sender: Type.String(),
  recipient: Type.String(),
  subject: Type.String(),
  sizeBytes: Type.Integer(),
  destination: Type.String(),
  state: oneOf(['waiting', 'held']),
  acceptedAtMs: time('Accepted at.'),
  nextTryAtMs: time('Next try at.'),
  tries: Type.Integer(),
  last: Type.Optional(lastAnswer),
});
export const queueMessage = Type.Object({ message: Type.Unknown(), entries: Type.Array(queueEntry) });
export const queueAction = oneOf(['hold', 'release', 'retry', 'delete']);
export const queueCount = Type.Object({
  count: Type.Integer({ description: 'Recipients that were changed until now.' }),
  sweep: Type.Optional(
    Type.String({ description: 'The rest is changed in the background: its id in `/queue/sweeps`.' }),
  ),
});
export const queueSweep = Type.Object({
  id: Type.String(),
  action: queueAction,
  filter: queueFilter,
  by: Type.String(),
  why: Type.String(),
  atMs: time('Asked for at.'),
  done: Type.Integer({ description: 'Recipients that were changed.' }),
  at: Type.String({ description: 'The destination it has come to.' }),
  endedAtMs: time('Ended at; 0 while it goes on.'),
});
export type QueueSweep = Static<typeof queueSweep>;
export type QueueEntry = Static<typeof queueEntry>;
export type QueueDestination = Static<typeof queueDestination>;

export const journeyStep = Type.Object({
  seq: Type.Integer(),
  atMs: time('When.'),
  is: Type.String(),
  sinceStartMs: Type.Integer(),
  recipient: Type.String(),
  headline: Type.String(),
  details: Type.Array(Type.String()),
  mood: oneOf(['good', 'neutral', 'waiting', 'bad']),
});
export const journey = Type.Union([
  Type.Object({
    is: Type.Literal('message'),
    message: Type.String(),
    steps: Type.Array(journeyStep),
    events: Type.Array(Type.Unknown()),
  }),
  Type.Object({
    is: Type.Literal('several'),
    found: Type.Array(Type.Object({ message: Type.String(), at: time('Last heard of.') })),
  }),
]);
export const journeyQuery = closed({
  q: text('Message id of the 250 reply, Message-ID, or an address.', 1000),
  language: Type.Optional(language),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
});
export type JourneyStep = Static<typeof journeyStep>;
export type Journey = Static<typeof journey>;

export const logQuery = closed({
  last: Type.Optional(
    Type.Integer({ minimum: 0, maximum: 1000, description: 'The newest so many; 50 unless told.' }),
  ),
});
export const streamQuery = closed({
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Number of the last event that was seen.' })),
  kinds: Type.Optional(text('Kinds of events, with commas: `delivered,bounced`.', 300)),
  message: Type.Optional(id),
  recipient: Type.Optional(text('Exact address, or `@domain`.', 400)),
});
export const events = Type.Object({ items: Type.Array(Type.Unknown()) });

export const readiness = Type.Object({
  ready: Type.Boolean(),
  checks: Type.Array(Type.Object({ name: Type.String(), ok: Type.Boolean(), detail: Type.String() })),
});
export type Readiness = Static<typeof readiness>;
export const stats = Type.Object({
  values: Type.Record(Type.String(), Type.Number(), { description: 'Numbers by name.' }),
});
/** What `events` of a journey are. */
export type { MailEvent } from '../../events/event.ts';
