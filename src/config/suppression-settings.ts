/** Settings of when addresses get no more mail of programs. */
import { suppressionDefaults } from '../suppression/options.ts';
import { count, oneOf, section } from './fields.ts';

const errors = (whose: string, given: number) =>
  count(`Errors for good in sequence after which ${whose} gets no more mail of programs; 0: never.`, {
    min: 0,
    max: 100,
    default: given,
  });
const days = (what: string, given: number) =>
  count(`Days that ${what} is kept on the list; 0: until somebody takes it off.`, {
    min: 0,
    max: 36_500,
    default: given,
  });

export const suppression = section(
  'When an address gets no more mail of sending credentials. Organisations may decide otherwise for themselves. What people write from their mailboxes is never kept back.',
  {
    hardErrors: errors('an address', suppressionDefaults.hardErrors),
    carrierHardErrors: errors(
      'an address of a mobile carrier of Japan',
      suppressionDefaults.carrierHardErrors,
    ),
    hardDays: days('an address that does not work', suppressionDefaults.hardDays),
    complaintDays: days('an address that has complained', suppressionDefaults.complaintDays),
    complaintScope: oneOf(
      'What a complaint keeps back: all mail, or bulk mail alone.',
      ['org', 'stream:bulk'],
      suppressionDefaults.complaintScope,
    ),
  },
);
