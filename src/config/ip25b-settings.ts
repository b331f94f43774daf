/** Settings of IP25B: mail that comes straight from lines whose address changes. */
import * as Type from 'typebox';
import { list, oneOf, section } from './fields.ts';

export const ip25b = section(
  'Mail straight from lines whose address changes from day to day, where no mail server stands (IP25B). They are told by the name of the address and by the lists here; an address with a name of its own that leads back to it is spared. A refused sender is told of port 587.',
  {
    action: oneOf(
      'What is done with it: `weigh` adds to the score of the filters, which alone never does anything; `junk` and `refuse` do that whatever the score; `none`: it is not looked at.',
      ['none', 'weigh', 'junk', 'refuse'],
      'weigh',
    ),
    networks: list('Networks of such lines.', Type.String()),
    networkFiles: list(
      'Files with networks of such lines, one in each line, `#` before remarks. Read at the start and at a reload.',
      Type.String(),
    ),
    lists: list(
      'Lists in DNS of such lines, as `dul.example`, or with the answers that count, as `zen.spamhaus.org=127.0.0.10,127.0.0.11`.',
      Type.String(),
    ),
  },
);
