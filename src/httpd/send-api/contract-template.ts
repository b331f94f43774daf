/** Templates and streams of the send API, as schemas (see contract.ts). */
import * as Type from 'typebox';
import { closed, oneOf, pageOf } from '../admin-api/contract.ts';

const textMaxChars = 500_000;
const text = (description: string, maxLength: number) => Type.String({ description, maxLength });

const texts = {
  subject: Type.Optional(text('Subject, in Liquid.', 2000)),
  text: Type.Optional(text('Plain text, in Liquid.', textMaxChars)),
  html: Type.Optional(text('HTML, in Liquid; what is inserted is escaped.', textMaxChars)),
};

export const newTemplate = closed({
  ...texts,
  strict: Type.Optional(
    Type.Boolean({ description: 'Mail whose insertions are missing or empty is refused.' }),
  ),
  note: Type.Optional(text('What has changed.', 300)),
});
export const template = Type.Object({
  name: Type.String(),
  version: Type.Integer(),
  ...texts,
  strict: Type.Boolean(),
  note: Type.String(),
  createdBy: Type.String(),
  createdAt: Type.String(),
});
export const templatePage = pageOf(template);
export const renderRequest = closed({
  ...texts,
  version: Type.Optional(Type.Integer({ minimum: 1 })),
  data: Type.Record(Type.String(), Type.Unknown()),
  strict: Type.Optional(Type.Boolean()),
});
export const rendering = Type.Object({
  subject: Type.Optional(Type.String()),
  text: Type.Optional(Type.String()),
  html: Type.Optional(Type.String()),
});

const unsubscribeKinds = oneOf(
  ['none', 'stream', 'topic'],
  'The link that this server puts into mail of it to one recipient (RFC 8058), and what its reader is taken off: all mail of that kind, or the campaign.',
);
export const newStream = closed({
  kind: oneOf(['transactional', 'bulk'], 'Transactional mail goes first.'),
  unsubscribe: Type.Optional(unsubscribeKinds),
});
export const stream = Type.Object({
  name: Type.String(),
  kind: oneOf(['transactional', 'bulk']),
  unsubscribe: unsubscribeKinds,
});
export const streamList = Type.Object({ items: Type.Array(stream) });
