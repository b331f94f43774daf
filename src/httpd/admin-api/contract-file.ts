/** Files that are handed out by link, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, text, time } from './contract.ts';

const days = Type.Integer({ minimum: 1, maximum: 365, description: 'Days from now on that the link holds.' });

export const newFile = closed({
  name: text('Name under which receivers get it.', 400),
  size: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Octets.' }),
  days: Type.Optional(days),
});

export const fileChange = closed({
  days: Type.Optional(days),
  password: Type.Optional(Type.String({ maxLength: 200, description: 'Empty: none.' })),
  downloadsMax: Type.Optional(
    Type.Union([Type.Integer({ minimum: 1, maximum: 100_000 }), Type.Null()], {
      description: 'null: as often as one likes.',
    }),
  ),
});

export const sharedFile = Type.Object({
  id: Type.String(),
  path: Type.String({ description: 'Path of its page at this server.' }),
  name: Type.String(),
  size: Type.Integer(),
  ready: Type.Boolean({ description: 'All of it is there.' }),
  createdAt: time('When it was begun.'),
  expiresAt: time('When its link ends.'),
  hasPassword: Type.Boolean(),
  downloads: Type.Integer(),
  downloadsMax: Type.Union([Type.Integer(), Type.Null()]),
});
export type SharedFile = Static<typeof sharedFile>;

export const sharedFiles = Type.Object({
  items: Type.Array(sharedFile),
  limits: Type.Object({
    fileMaxBytes: Type.Integer({ description: '0: no files are handed out.' }),
    pieceMaxBytes: Type.Integer(),
    offerFromBytes: Type.Integer(),
    days: Type.Integer(),
    daysMax: Type.Integer(),
  }),
});
export type SharedFiles = Static<typeof sharedFiles>;
