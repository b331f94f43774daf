/** Mail and scripts that move in and out, in the words of the API. Messages go as frames (base/frames.ts): a head, then the octets. */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { answer, closed, oneOf, text, time } from './contract.ts';

export const movingBegun = closed({
  is: oneOf(['import', 'check', 'export']),
  source: Type.Optional(text('From or to where.', 500)),
});

export const specialUse = oneOf(
  ['inbox', 'drafts', 'sent', 'trash', 'junk', 'archive', 'all', 'flagged', 'important', 'snoozed'],
  'What the mailbox is for (RFC 6154).',
);

export const mailbox = Type.Object({
  id: Type.String(),
  name: Type.String({ description: 'In Unicode, levels separated by `/`.' }),
  role: Type.Optional(specialUse),
  subscribed: Type.Boolean(),
  uidValidity: Type.Integer(),
  messages: Type.Integer(),
  sizeBytes: Type.Integer(),
});
export type MovingMailbox = Static<typeof mailbox>;

export const wantedMailbox = closed({
  name: text('Its name; superior levels are made too.', 2000),
  role: Type.Optional(specialUse),
  subscribed: Type.Boolean(),
});

const flags = {
  system: Type.Array(oneOf(['seen', 'answered', 'flagged', 'deleted', 'draft']), { maxItems: 5 }),
  keywords: Type.Array(Type.String({ maxLength: 200 }), { maxItems: 200 }),
};
export const movingFlags = closed(flags);
export type MovingFlags = Static<typeof movingFlags>;

/** The head of a message that comes in. */
export const importHead = closed({
  key: text('Names the message within its source, and always the same one.', 100),
  flags: movingFlags,
  receivedAtMs: time('When it was received there.'),
  uidl: Type.Optional(text('Unique id that POP3 gives it.', 70)),
  adopt: Type.Optional(
    Type.Boolean({ description: 'Take the same message from another source for it, if it is there.' }),
  ),
});
export type ImportHead = Static<typeof importHead>;

/** The head of a message that goes out. */
export interface ExportHead {
  readonly uid: number;
  readonly flags: MovingFlags;
  readonly receivedAtMs: number;
}

export const sourceQuery = closed({ source: text('Name of the source.', 500) });
export const importQuery = closed({ ...sourceQuery.properties, mailbox: text('Id of the mailbox.', 20) });
export const importedQuery = closed({
  ...sourceQuery.properties,
  after: Type.Optional(text('Key behind which to go on.', 100)),
});

export const taken = Type.Object({
  items: Type.Array(
    Type.Object({
      key: Type.String(),
      uid: Type.Integer(),
      is: oneOf(['taken', 'known', 'adopted']),
      uidlRefused: Type.Optional(Type.Boolean()),
    }),
  ),
});
export type TakenAnswer = Static<typeof taken>;

export const imported = Type.Object({
  items: Type.Array(
    Type.Object({
      key: Type.String(),
      mailbox: Type.String(),
      uid: Type.Integer(),
      hash: Type.String(),
      flags: movingFlags,
      now: Type.Optional(
        Type.Object({ sizeBytes: Type.Integer(), receivedAtMs: Type.Integer(), flags: movingFlags }),
      ),
    }),
  ),
  more: Type.Boolean(),
});
export type ImportedAnswer = Static<typeof imported>;
export const importedAnswer = answer(imported);

export const flagsFollowed = closed({
  items: Type.Array(closed({ key: text('Its key.', 100), flags: movingFlags }), { maxItems: 500 }),
});

export const exportQuery = closed({
  mailbox: text('Id of the mailbox.', 20),
  after: Type.Optional(Type.Integer({ minimum: 0, description: 'Uid behind which to begin.' })),
});
