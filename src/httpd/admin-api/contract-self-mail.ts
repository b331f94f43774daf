/** What readers of mail keep for themselves on the server, as schemas (see contract.ts). */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { closed, oneOf, text } from './contract.ts';

const labelsMax = 100;

/** Names of the page's colours. */
const labelColours = ['grey', 'blue', 'green', 'yellow', 'red', 'purple', 'teal', 'pink'] as const;

const label = closed({
  keyword: Type.String({
    // RFC 8621, 4.1.1: an IMAP atom. With `$` in front are those that are registered, and Thunderbird's own.
    pattern:
      '^(?:\\$label[1-5]|[^\\u0000-\\u0020\\u007f-\\uffff(){}\\]%*"\\\\$][^\\u0000-\\u0020\\u007f-\\uffff(){}\\]%*"\\\\]*)$',
    minLength: 1,
    maxLength: 100,
    description: 'The IMAP keyword that mail with this label carries.',
  }),
  name: text('For people.', 100),
  colour: oneOf(labelColours),
});
export type Label = Static<typeof label>;

const emailIds = Type.Array(text('Id of JMAP.', 40), { minItems: 1, maxItems: 500 });

export const snoozing = closed({
  emails: emailIds,
  mailbox: text('Id of the mailbox that they leave, and come back to.', 40),
  untilMs: Type.Integer({ minimum: 0, description: 'When they come back.' }),
});
export const snoozeDone = closed({
  failed: Type.Integer({ description: 'So many are not in that mailbox any more.' }),
});

export const unsubscribing = closed({ email: text('Id of JMAP: a mail of the list.', 40) });

export const snoozedList = Type.Object({
  items: Type.Array(Type.Object({ email: Type.String(), untilMs: Type.Integer() })),
});

/** In the order of the page. */
export const labelList = closed({ items: Type.Array(label, { maxItems: labelsMax }) });
