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

/** In the order of the page. */
export const labelList = closed({ items: Type.Array(label, { maxItems: labelsMax }) });
