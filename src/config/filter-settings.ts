/** Settings of the filters: what is looked at in mail, and what is done for it. */
import * as Type from 'typebox';
import { count, decimal, flag, item, list, oneOf, section, text } from './fields.ts';

const scoreMax = 1000;
const score = (description: string, fallback: number) =>
  decimal(`${description} 0: never for a score.`, { min: 0, max: scoreMax, default: fallback });

const weight = item({
  rule: text('Name of the rule, or `name.*` for all whose names begin so.'),
  weight: Type.Number({
    description: 'Points; below 0 they speak for the mail. 0 switches the rule off.',
    minimum: -scoreMax,
    maximum: scoreMax,
  }),
});

const reputationList = item({
  zone: text('Its name: `zen.spamhaus.org`.'),
  of: oneOf('What it lists: addresses that bring mail, or domains in links.', ['address', 'domain']),
  weight: Type.Number({
    description:
      'Points for any answer that has none of its own; below 0 for a list of those with a good name.',
    minimum: -scoreMax,
    maximum: scoreMax,
  }),
  answers: list(
    'Answers that count otherwise, the first that fits; 0 is not to count.',
    item({
      answer: text('`127.0.0.2`, `127.0.0.4-7`, or a network.'),
      weight: Type.Number({ minimum: -scoreMax, maximum: scoreMax }),
    }),
  ),
});

export const filters = section(
  'Filters of mail from outside: what each rule finds has a weight, and what is done depends on the sum. Organisations may have scores and weights of their own.',
  {
    enabled: flag('Filter at all.', true),
    classifier: flag(
      'Judge mail by what accounts and organisations have called junk and wanted before.',
      true,
    ),
    outgoing: flag(
      'Look at mail of our own users, too: what is found is told, and what weighs enough is kept in quarantine or refused.',
      true,
    ),
    mark: score('From this score on mail is marked in its header (`X-Spam-Flag`).', 4),
    junk: score('From this score on it goes into Junk.', 6),
    quarantine: score('From this score on it goes into quarantine.', 0),
    refuse: score('From this score on it is refused while its sender is connected.', 15),
    quarantineDays: count('How long mail is kept in quarantine before it is deleted.', {
      min: 1,
      max: 365,
      default: 14,
    }),
    quarantineNotices: oneOf(
      'Who is told by mail of what is kept in quarantine: the `postmaster` of a domain of the organisation (`admins`), the people it is for (`recipients`), `both` or `none`.',
      ['none', 'admins', 'recipients', 'both'],
      'admins',
    ),
    quarantineNoticeHours: count(
      'How long mail is in quarantine until somebody is told, of it and of all that came meanwhile.',
      { min: 1, max: 720, default: 24 },
    ),
    greylisting: flag(
      'Put off mail of who was never seen before, once (RFC 6647): mail servers come again, after some minutes. Organisations may have it otherwise.',
      false,
    ),
    greylistMinutes: count('How long a stranger is put off.', { min: 1, max: 240, default: 5 }),
    greylistDays: count('How long who came again is known.', { min: 2, max: 365, default: 36 }),
    exemptNetworks: list(
      'Networks of strangers whose connections and mistakes are not counted, as CIDR blocks. Empty takes those that are private (RFC 1918, RFC 4193) and this machine.',
      Type.String(),
    ),
    blockConnectionsMax: count(
      'Connections at one time from one address block (/24 of IPv4, /64 of IPv6) to the ports for strangers, in each thread.',
      { min: 1, max: 100_000, default: 200 },
    ),
    blockConnectionsPerMinuteMax: count('New ones in a minute.', { min: 1, max: 1_000_000, default: 600 }),
    unknownRecipientsMax: count(
      'Addresses that do not exist which a block may ask for: from the sixth on answers come more and more slowly, and above this the block is sent away for a quarter of an hour. Half of them are forgotten every five minutes, and each two that exist make up for one.',
      { min: 6, max: 10_000, default: 25 },
    ),
    greetDelayMs: count(
      'A block that is not known waits so long for the greeting; a client that talks meanwhile is a robot. Who has waited is known for a day. 0: nobody waits.',
      { min: 0, max: 30_000, default: 2000 },
    ),
    lists: list(
      'Lists that are asked by DNS (RFC 5782): block lists, and lists of those with a good name. Many ask for a contract, and none answers the resolvers that everybody uses.',
      reputationList,
    ),
    weights: list('Other weights than those that the rules come with.', weight),
  },
);
