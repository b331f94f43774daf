/** What crosses the admin API about what accounts may send, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, oneOf, text, time } from './contract.ts';

const kind = oneOf(
  ['account', 'credential', 'org'],
  'Of one account, of one app password or API key, of the whole organisation.',
);
const recipients = (description: string) => Type.Integer({ description, minimum: 0 });

export const sendingUse = Type.Object({
  limit: kind,
  credential: text('Which app password (`app:ID`) or API key (`key:ID`), or empty.'),
  perDay: recipients('Recipients elsewhere in a day.'),
  used: recipients('Recipients that count now; above `perDay`, mail waits.'),
  nextAtMs: time('When what is sent now would go.'),
});

export const sendingPause = Type.Object({
  credential: text('The login: `password`, `app:ID`, `key:ID`; empty: all of the account.'),
  atMs: time('Since when.'),
  why: text('What was seen, or what was said.'),
  by: text('Who has paused it; empty: the server itself.'),
  operator: Type.Boolean({
    description: 'Whoever runs the server has paused it: nobody else lets it send again.',
  }),
});

export const accountSending = Type.Object({
  limits: Type.Array(sendingUse, { description: 'Limits that hold; none: it sends as much as it likes.' }),
  pauses: Type.Array(sendingPause),
});

const own = Type.Record(Type.String(), Type.Integer({ minimum: 0 }), {
  description:
    'What is set otherwise than the server has it: `org`, `account`, `credential`, or `account/ID`.',
});

export const orgSending = Type.Object({ limits: Type.Array(sendingUse), own });

export const sendingLimitBody = closed({
  limit: kind,
  perDay: Type.Union([Type.Integer({ minimum: 0, maximum: 100_000_000 }), Type.Null()], {
    description: 'Recipients elsewhere in a day; 0: no limit; null: as it is above.',
  }),
});

export const accountLimitBody = closed({
  perDay: sendingLimitBody.properties.perDay,
  credential: Type.Optional(text('Only this one: `app:ID`, `key:ID`.', 100)),
});

export const pauseBody = closed({
  credential: Type.Optional(text('Only this login: `password`, `app:ID`, `key:ID`.', 100)),
  why: Type.Optional(text('A reason, for whoever looks.', 300)),
});

export const sendingCount = Type.Object({ count: Type.Integer({ description: 'Logins.', minimum: 0 }) });

export type SendingUse = Static<typeof sendingUse>;
export type AccountSending = Static<typeof accountSending>;
export type OrgSending = Static<typeof orgSending>;
