/** What crosses the admin API about scripts that filter mail, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, language, oneOf, text, time } from './contract.ts';

const sourceMaxChars = 1024 * 1024;
const nameMaxChars = 512;
const addressMaxChars = 400;
const piecesMax = 100;

const source = text('The script (RFC 5228).', sourceMaxChars);
const stage = oneOf(
  ['', 'active', 'before', 'after'],
  'When it runs: `active` is the one of an account, `before` and `after` are around it. Empty: when another includes it.',
);

const scriptProblem = Type.Object({
  is: oneOf(['error', 'warning']),
  line: Type.Integer({ description: 'From 1; 0: of the whole.' }),
  column: Type.Integer(),
  text: Type.String(),
});

const scriptInfo = Type.Object({
  name: Type.String(),
  stage,
  sizeBytes: Type.Integer(),
  changedAtMs: time('Stored at.'),
});
export type ScriptInfoAnswer = Static<typeof scriptInfo>;

export const scriptList = Type.Object({ items: Type.Array(scriptInfo) });

export const script = Type.Object({
  ...scriptInfo.properties,
  source: Type.String(),
  rules: Type.Array(
    Type.Object({
      line: Type.Integer(),
      name: Type.String({ description: 'From the comment in front of it, or empty.' }),
      count: Type.Integer({ description: 'How often it was followed since the script was stored.' }),
      lastAtMs: time('Last followed at.'),
    }),
  ),
});
export type ScriptAnswer = Static<typeof script>;

export const newScript = closed({ source });

export const scriptStages = oneOf(['active', 'before', 'after']);
export const chosenScript = closed({ script: text('Empty: none runs then.', nameMaxChars) });

export const scriptToCheck = closed({ source, language: Type.Optional(language) });

export const scriptProblems = Type.Object({ problems: Type.Array(scriptProblem) });
export type ScriptProblems = Static<typeof scriptProblems>;

const which = {
  script: Type.Optional(text('Of the stored ones. Instead of `source`.', nameMaxChars)),
  source: Type.Optional(source),
  mailbox: Type.Optional(text('INBOX unless told.', nameMaxChars)),
  limit: Type.Optional(
    Type.Integer({ minimum: 1, maximum: piecesMax, description: 'Messages, the newest first.' }),
  ),
  before: Type.Optional(Type.Integer({ minimum: 1, description: '`next` of the answer before.' })),
  language: Type.Optional(language),
};

export const scriptTrial = closed({
  ...which,
  trace: Type.Optional(Type.Boolean({ description: 'Each command and test, with what came of it.' })),
  message: Type.Optional(text('A message to try it on, instead of a mailbox.', sourceMaxChars)),
  from: Type.Optional(text('Sender of its envelope.', addressMaxChars)),
  to: Type.Optional(text('Recipient of its envelope.', addressMaxChars)),
});
export type ScriptTrial = Static<typeof scriptTrial>;

export const scriptUse = closed(which);
export type ScriptUse = Static<typeof scriptUse>;

export const triedMails = Type.Object({
  items: Type.Array(
    Type.Object({
      uid: Type.Integer({ description: '0: it was given.' }),
      subject: Type.String(),
      from: Type.String(),
      receivedAtMs: time('In the mailbox since.'),
      actions: Type.Array(
        Type.Object({
          action: Type.String({ description: 'As in the journey of a message.' }),
          detail: Type.String(),
          rule: Type.String(),
          line: Type.Integer(),
        }),
      ),
      kept: Type.Boolean({ description: 'It stays where it would be without a script.' }),
      flags: Type.Array(Type.String()),
      problem: Type.Optional(scriptProblem),
      steps: Type.Array(
        Type.Object({
          line: Type.Integer(),
          column: Type.Integer(),
          depth: Type.Integer({ description: 'Scripts within scripts.' }),
          what: Type.String(),
          result: Type.Optional(Type.Boolean({ description: 'Of a test.' })),
        }),
      ),
    }),
  ),
  next: Type.Optional(Type.Integer()),
});
export type TriedMails = Static<typeof triedMails>;
