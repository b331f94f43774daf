/** The log by recipient: searches, kept questions, how long it is kept, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { statuses } from '../../events/trace.ts';
import { closed, id, oneOf, pageQuery, text, time } from './contract.ts';

const name = text('Name.', 100);
export const traceConditions = {
  recipient: Type.Optional(text('Exact address, or `@domain`.', 400)),
  sender: Type.Optional(text('Exact address, or `@domain`.', 400)),
  subject: Type.Optional(text('Words one behind the other; `word*`: what begins with it.', 200)),
  reply: Type.Optional(text('Words of the last answer of a server, one behind the other.', 200)),
  text: Type.Optional(text('Words in any text: subject, answer, addresses, tags, metadata.', 200)),
  tag: Type.Optional(text('Tag.', 200)),
  stream: Type.Optional(text('Stream.', 200)),
  status: Type.Optional(oneOf(statuses)),
  messageId: Type.Optional(text('Of the 250 reply, or the Message-ID header.', 1000)),
  fromMs: Type.Optional(time('Accepted at this time or later.')),
  untilMs: Type.Optional(time('Accepted at this time or before.')),
};
const conditions = closed(traceConditions);
export const traceQuery = closed({
  ...traceConditions,
  org: Type.Optional(id),
  limit: pageQuery.properties.limit,
  cursor: pageQuery.properties.cursor,
});
export const exportQuery = closed({
  ...traceConditions,
  org: Type.Optional(id),
  format: Type.Optional(oneOf(['csv', 'jsonl'], 'JSON lines unless told.')),
});
export const trace = Type.Object({
  message: Type.String({ description: 'Id of the 250 reply; empty for mail refused at the door.' }),
  org: Type.String(),
  recipient: Type.String(),
  sender: Type.String(),
  subject: Type.String(),
  headerMessageId: Type.String(),
  stream: Type.String(),
  tags: Type.Array(Type.String()),
  metadata: Type.Record(Type.String(), Type.String()),
  status: oneOf(statuses),
  reply: Type.String({ description: 'The last answer of a server.' }),
  host: Type.String(),
  acceptedAtMs: time('Accepted at.'),
  changedAtMs: time('Last heard of.'),
});
export const tracePage = Type.Object({
  items: Type.Array(trace),
  next: Type.Optional(
    Type.String({
      description: 'Cursor of the next page; absent on the last. A page may be short and have a next one.',
    }),
  ),
});
export const views = Type.Object({
  items: Type.Array(
    Type.Object({ name: Type.String(), by: Type.String(), query: conditions, madeAtMs: time('Made at.') }),
  ),
});
export const viewPath = Type.Object({ org: Type.String(), name });
export const newView = closed({ query: conditions });
export const retentionList = Type.Object({
  items: Type.Array(
    Type.Object({
      stream: Type.String({ description: 'Empty: all that no other rule names.' }),
      days: Type.Integer(),
    }),
  ),
});
export const newRetention = closed({
  stream: Type.Optional(text('Stream; absent: all others.', 200)),
  days: Type.Union([Type.Integer({ minimum: 1, maximum: 3650 }), Type.Null()], {
    description: 'Days, or null for as long as the server keeps it.',
  }),
});
export type TraceItem = Static<typeof trace>;
