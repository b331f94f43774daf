/** What crosses the admin API about deliverability, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, id, oneOf, time } from './contract.ts';

export const deliverabilityQuery = closed({
  days: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 90,
      description: 'Back from now; 7 unless told. Of at most two days by the hour, else by the day.',
    }),
  ),
  org: Type.Optional(id),
});
const outcomes = {
  delivered: Type.Integer({ description: 'Recipients whose server took the mail.' }),
  deferred: Type.Integer({ description: 'Those that wait after an answer.' }),
  bounced: Type.Integer(),
  complained: Type.Integer(),
};
const latency = (which: string) =>
  Type.Integer({
    minimum: 0,
    description: `From accepted to the other server's 250, ${which}, in milliseconds; 0: nothing was delivered.`,
  });
const step = Type.Object({ atMs: time('Beginning.'), ...outcomes });
const provider = Type.Object({
  provider: Type.String({ description: 'Provider group; empty: all others.' }),
  title: Type.String({ description: 'As people call it, or empty.' }),
  ...outcomes,
  p50Ms: latency('of half of them'),
  p99Ms: latency('of 99 of 100'),
  steps: Type.Array(step, { description: 'Oldest first; steps without mail are left out.' }),
});
export type ProviderOutcomes = Static<typeof provider>;
export const deliverability = Type.Object({
  fromMs: time('Counted from here.'),
  stepMs: Type.Integer({ description: 'Length of a step, in milliseconds.' }),
  p50Ms: latency('of half of all'),
  p99Ms: latency('of 99 of 100 of all'),
  items: Type.Array(provider, { description: 'Those with most mail first.' }),
});
export type Deliverability = Static<typeof deliverability>;

const warmUp = Type.Object({
  source: Type.String({ description: 'An address of ours by its name, or `@domain` of senders.' }),
  receiver: Type.String({ description: 'Provider, or a site of none.' }),
  receiverTitle: Type.String(),
  day: Type.Integer({ description: 'Sending day, from 1.' }),
  sent: Type.Integer({ description: 'Copies on that day.' }),
  bad: Type.Boolean({ description: 'A bad sign was seen on it: the next day has the same part.' }),
  atMs: time('Last changed at.'),
  plan: Type.Array(Type.Integer(), { description: 'Copies of each day, from the first.' }),
});
export type WarmUpItem = Static<typeof warmUp>;
export const warmUps = Type.Object({ items: Type.Array(warmUp) });

const verdict = Type.Object({
  address: Type.String({ description: 'Of ours, as the world sees it.' }),
  list: Type.String(),
  is: oneOf(['listed', 'clean', 'unknown']),
  why: Type.String({ description: 'What the list says of it, or why it does not tell.' }),
});
export type BlockListItem = Static<typeof verdict>;
export const blockLists = Type.Object({ items: Type.Array(verdict) });
