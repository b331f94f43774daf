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
    mark: score('From this score on mail is marked in its header (`X-Spam-Flag`).', 4),
    junk: score('From this score on it goes into Junk.', 6),
    quarantine: score('From this score on it goes into quarantine.', 0),
    refuse: score('From this score on it is refused while its sender is connected.', 15),
    quarantineDays: count('How long mail is kept in quarantine before it is deleted.', {
      min: 1,
      max: 365,
      default: 14,
    }),
    lists: list(
      'Lists that are asked by DNS (RFC 5782): block lists, and lists of those with a good name. Many ask for a contract, and none answers the resolvers that everybody uses.',
      reputationList,
    ),
    weights: list('Other weights than those that the rules come with.', weight),
  },
);
