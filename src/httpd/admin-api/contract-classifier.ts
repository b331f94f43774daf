/** What crosses the admin API about the classifier of mail, as schemas (see contract.ts). */
import * as Type from 'typebox';
import { closed, oneOf, text } from './contract.ts';

const count = (description: string) => Type.Integer({ description, minimum: 0 });

export const learned = Type.Object({
  spam: count('Mails that were called junk.'),
  ham: count('Mails that were wanted.'),
  speaks: Type.Boolean({ description: 'It has learned enough to judge mail.' }),
  speaksFrom: count('So many of each kind are enough.'),
});

export const lessonRequest = closed({
  mailbox: text('Name of a mailbox of the account.'),
  says: oneOf(['junk', 'wanted', 'nothing'], 'What its mail is; `nothing`: what was said is taken back.'),
  limit: Type.Optional(Type.Integer({ description: 'The newest so many.', minimum: 1, maximum: 5000 })),
});

export const lessonCount = Type.Object({
  count: count('Mails; those to be learned are learned in the background.'),
});
