/** What crosses the admin API about suppressed addresses, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, oneOf, pageOf, text, time } from './contract.ts';

const cause = oneOf(['hard', 'complaint', 'unsubscribe', 'manual', 'import'], 'Why it is on the list.');
const scopeText = 'How far it reaches: `org`, `stream:transactional`, `stream:bulk`, or `topic:NAME`.';

export const suppression = Type.Object({
  address: text('Address, as it is kept.'),
  scope: text(scopeText),
  cause,
  reason: text('Of a bounce or complaint its reason; else what somebody wrote.'),
  phase: text('Phase of SMTP, `report` for what came back later, or empty.'),
  reply: text('What was said, or empty.'),
  message: text('The message it happened to, or empty.'),
  by: text('Who put it there; empty: the server.'),
  atMs: time('Since when.'),
  untilMs: time('Until when; 0: until somebody takes it off.'),
});
export type SuppressionItem = Static<typeof suppression>;
export const suppressionPage = pageOf(suppression);

const address = text('Address.', 400);
const entry = closed({
  address,
  scope: Type.Optional(text(scopeText, 200)),
  cause: Type.Optional(cause),
  reason: Type.Optional(text('For whoever looks.', 300)),
  untilMs: Type.Optional(time('Until when; 0: for good.')),
});

export const suppressionQuery = closed({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 500 })),
  cursor: Type.Optional(text('`next` of the page before.')),
  q: Type.Optional(text('Only addresses with this in them.', 200)),
  cause: Type.Optional(cause),
  scope: Type.Optional(text('Only of this scope.', 200)),
});

export const putBody = closed({ entries: Type.Array(entry, { minItems: 1, maxItems: 500 }) });
export const releaseBody = closed({
  addresses: Type.Array(address, { minItems: 1, maxItems: 500 }),
  scope: Type.Optional(text('Only of this scope; absent: all.', 200)),
});
export const releaseAllBody = closed(
  {
    cause: Type.Optional(cause),
    reason: Type.Optional(text('Only with this reason.', 300)),
    domain: Type.Optional(text('Only addresses of this domain.', 255)),
    beforeMs: Type.Optional(time('Only what is older.')),
  },
  { minProperties: 1 },
);
export const changed = Type.Object({ count: Type.Integer({ minimum: 0, description: 'Entries.' }) });
export const imported = Type.Object({
  added: Type.Integer({ minimum: 0 }),
  wrong: Type.Array(Type.Object({ line: Type.Integer(), why: Type.String() }), {
    description: 'Lines that were passed over; at most a hundred are named.',
  }),
});
export type ImportedList = Static<typeof imported>;

const errors = Type.Optional(
  Type.Integer({ minimum: 0, maximum: 100, description: 'Errors in sequence; 0: never.' }),
);
const days = Type.Optional(Type.Integer({ minimum: 0, maximum: 36_500, description: 'Days; 0: for good.' }));
export const policyBody = closed({
  hardErrors: errors,
  carrierHardErrors: errors,
  hardDays: days,
  complaintDays: days,
  complaintScope: Type.Optional(oneOf(['org', 'stream:bulk'])),
});
export const policyAnswer = Type.Object({
  policy: Type.Required(policyBody),
  own: policyBody,
  count: Type.Integer({ minimum: 0, description: 'Entries on the list.' }),
});
export type SuppressionPolicyAnswer = Static<typeof policyAnswer>;
