/** What crosses the admin API about filters and quarantine, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { conditionSubjects, conditionTests } from '../../directory/filter-rules.ts';
import { closed, id, language, oneOf, pageQuery, text, time } from './contract.ts';

const score = (description: string) =>
  Type.Optional(
    Type.Union([Type.Number({ exclusiveMinimum: 0, maximum: 1000 }), Type.Null()], {
      description: `${description} null: never for a score.`,
    }),
  );

const condition = closed({
  of: oneOf(conditionSubjects),
  field: Type.Optional(text('Of `header`: its name.', 100)),
  test: oneOf(conditionTests),
  value: text(
    'Text without regard to case, an expression for `matches`, octets for `above` and `below`.',
    1000,
  ),
  not: Type.Optional(Type.Boolean({ description: 'It must not fit.' })),
});
const ownRule = closed({
  name: Type.String({ pattern: '^[A-Za-z0-9-]{1,60}$', description: 'Told as `own.name`.' }),
  weight: Type.Number({ minimum: -1000, maximum: 1000 }),
  action: Type.Optional(oneOf(['mark', 'junk', 'quarantine', 'refuse'])),
  conditions: Type.Array(condition, { minItems: 1, maxItems: 20, description: 'All must fit.' }),
});
const treatment = (description: string) =>
  Type.Optional({
    ...oneOf(['accept', 'warn', 'junk', 'hold', 'refuse']),
    description: `${description} \`hold\`: into quarantine.`,
  });

export const filterRules = Type.Object(
  {
    mark: score('From this score on mail is marked in its header.'),
    junk: score('From this score on it goes into Junk.'),
    quarantine: score('From this score on it goes into quarantine.'),
    refuse: score('From this score on it is refused.'),
    quarantineDays: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 365, description: 'How long mail is kept in quarantine.' }),
    ),
    protectedNames: Type.Optional(
      Type.Array(Type.String({ minLength: 2, maxLength: 100 }), {
        maxItems: 200,
        description: 'Names in which nobody else may write: of directors, of the company.',
      }),
    ),
    protectedDomains: Type.Optional(
      Type.Array(Type.String({ maxLength: 300 }), {
        maxItems: 200,
        description: 'Domains that nobody is to be mistaken for; those of the organisation always are.',
      }),
    ),
    rules: Type.Optional(Type.Array(ownRule, { maxItems: 200 })),
    greylisting: Type.Optional(
      Type.Boolean({ description: 'Mail of who was never seen before is put off once (RFC 6647).' }),
    ),
    weights: Type.Optional(
      Type.Record(Type.String({ maxLength: 200 }), Type.Number({ minimum: -1000, maximum: 1000 }), {
        description: 'By name of the rule, or `name.*`; 0 switches it off.',
      }),
    ),
    attachments: Type.Optional(
      Type.Object(
        {
          program: treatment('Programs, scripts, shortcuts and images of disks.'),
          disguised: treatment('Files that are not what their name says.'),
          encrypted: treatment('Encrypted archives (PPAP).'),
          macro: treatment('Documents with macros.'),
          bomb: treatment('Archives made to harm who unpacks them.'),
          unread: treatment('Archives that cannot be looked into.'),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false, description: 'What is absent is as the server has it.' },
);

export type FilterSettings = Static<typeof filterRules>;

export const listedRules = Type.Object({
  items: Type.Array(
    Type.Object({
      rule: Type.String(),
      weight: Type.Number({ description: 'Points that the organisation gives it.' }),
      changed: Type.Boolean({ description: 'They are not those that the rule comes with.' }),
      what: Type.String(),
    }),
  ),
});
export const rulesQuery = closed({ language: Type.Optional(language) });

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
export type QuarantinedItem = Static<typeof quarantined>;
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
