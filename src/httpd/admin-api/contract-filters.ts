/** What crosses the admin API about filters and quarantine, as schemas (see contract.ts). */
import * as Type from 'typebox';

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
    weights: Type.Optional(
      Type.Record(Type.String({ maxLength: 200 }), Type.Number({ minimum: -1000, maximum: 1000 }), {
        description: 'By name of the rule, or `name.*`; 0 switches it off.',
      }),
    ),
  },
  { additionalProperties: false, description: 'What is absent is as the server has it.' },
);
