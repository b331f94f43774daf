/** What crosses the admin API about filters and quarantine, as schemas (see contract.ts). */
import * as Type from 'typebox';
import { closed, id, oneOf, pageQuery, text, time } from './contract.ts';

const score = (description: string) =>
  Type.Optional(
    Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 1000 }), Type.Null()], {
      description: `${description} null: never for a score.`,
    }),
  );

export const filterRules = Type.Object(
  {
    mark: score('From this score on mail is marked in its header.'),
    junk: score('From this score on it goes into Junk.'),
    quarantine: score('From this score on it goes into quarantine.'),
    refuse: score('From this score on it is refused.'),
    quarantineDays: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 365, description: 'How long mail is kept in quarantine.' }),
    ),
    weights: Type.Optional(
      Type.Record(Type.String({ maxLength: 200 }), Type.Number({ minimum: -1000, maximum: 1000 }), {
        description: 'By name of the rule, or `name.*`; 0 switches it off.',
      }),
    ),
  },
  { additionalProperties: false, description: 'What is absent is as the server has it.' },
);

export const quarantined = Type.Object({
  message: Type.String(),
  org: Type.String(),
  sender: Type.String(),
  recipients: Type.Array(Type.String()),
  subject: Type.String(),
  sizeBytes: Type.Integer(),
  atMs: time('Kept since.'),
  expiresAtMs: time('Deleted at.'),
  score: Type.Number(),
  rules: Type.Array(Type.Object({ rule: Type.String(), weight: Type.Number(), detail: Type.String() })),
});
export const quarantineQuery = closed({
  org: Type.Optional(id),
  message: Type.Optional(id),
  sender: Type.Optional(text('A part of the address.', 400)),
  recipient: Type.Optional(text('A part of the address.', 400)),
  limit: pageQuery.properties.limit,
  cursor: pageQuery.properties.cursor,
});
export const quarantineAction = oneOf(['release', 'delete']);
export const quarantineDeed = closed({
  org: Type.Optional(id),
  why: Type.Optional(text('For the journey of the message.', 200)),
});
