/** What holds mail for a receiver back, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, language, oneOf, text, time } from './contract.ts';

const maybe = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const texts = Type.Array(Type.String());

export const whyQuery = closed({
  destination: text('Domain that mail goes to.', 300),
  org: Type.Optional(text('Mail of this organisation; that of the caller where it has one.', 40)),
  stream: Type.Optional(oneOf(['transactional', 'bulk'])),
  campaign: Type.Optional(text('Campaign.', 200)),
  language: Type.Optional(language),
});

const limitInForce = Type.Object({
  limit: Type.String(),
  what: text('In words.'),
  value: Type.String(),
  counts: text('What is counted together.'),
  rule: text('`shipped 3` or `settings 1`.'),
  why: Type.String(),
  used: maybe(Type.Integer({ description: 'In use now.' })),
  beaten: Type.Array(Type.String(), { description: 'Rules that say otherwise and lose.' }),
});

const sourceInForce = Type.Object({
  source: text('Empty: the machine as `delivery.localAddresses` has it.'),
  addresses: texts,
  limits: Type.Array(limitInForce),
  learned: Type.Object({
    rate: maybe(
      Type.Number({ description: 'Copies a second; null: nothing is known, and nothing held back.' }),
    ),
    estimate: maybe(Type.Number({ description: 'Of the limit of the receiver.' })),
    taken: Type.Number({ description: 'Copies a second, mean of the last minute.' }),
    suspendedUntilMs: maybe(time('Nothing is sent before.')),
  }),
  warmUp: maybe(
    Type.Object({
      day: Type.Integer({ description: 'Sending day.' }),
      part: Type.Integer({ description: 'Copies that it may have.' }),
      sent: Type.Integer(),
    }),
  ),
  pulled: Type.Boolean({ description: 'Left out: a block list names its address.' }),
  now: Type.Array(Type.String(), { description: 'Why mail waits, in words.' }),
  opensAtMs: maybe(time('When the next may go; null: now.')),
});

export const why = Type.Object({
  destination: Type.String(),
  site: Type.String(),
  hosts: texts,
  provider: Type.String(),
  providerTitle: Type.String(),
  pool: Type.String(),
  sources: Type.Array(sourceInForce),
  now: texts,
  waiting: Type.Integer({ description: 'Recipients that wait for it.' }),
  held: Type.Integer(),
  nextTryAtMs: maybe(time('Next try of any.')),
  last: maybe(
    Type.Object({ host: Type.String(), reply: Type.String(), atMs: time('When.'), means: Type.String() }),
  ),
});
export type Why = Static<typeof why>;
