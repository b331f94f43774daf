/** Settings of what our own users may send. */
import { count, flag, section } from './fields.ts';

const limit = (whose: string) =>
  count(`Recipients elsewhere in a day, ${whose}; 0 for no limit.`, { min: 0, max: 100_000_000, default: 0 });

export const sending = section(
  "What accounts may send. A day's worth may go at once; what is above a limit is accepted and goes when its turn comes. Organisations and accounts may have limits of their own.",
  {
    accountPerDay: limit('of one account'),
    credentialPerDay: limit('with one app password or API key'),
    orgPerDay: limit('of one organisation'),
    delayMaxHours: count('Who would have to wait for longer is told to try again later.', {
      min: 0,
      max: 24 * 30,
      default: 48,
    }),
    watch: flag(
      'Watches for logins that are in other hands (a sudden jump of mail, from new networks, to strangers, coming back): sending with them is paused, and their owners and the postmaster are told.',
      true,
    ),
  },
);
