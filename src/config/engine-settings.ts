/** Settings of outside engines that look at mail: ClamAV, SpamAssassin, rspamd, milters. */
import { count, decimal, flag, item, list, oneOf, section, text } from './fields.ts';

const scoreMax = 1000;

const address = (what: string) =>
  text(`Where ${what} listens: \`unix:/path\` or \`host:port\`. Empty: it is not asked.`, '');

const seconds = (otherwise: number) =>
  count('How long mail waits for it.', { min: 1, max: 600, default: otherwise });

const onFailure = oneOf(
  'What is done with mail while it does not answer: `accept` takes it unseen, `mark` takes and marks it, `defer` asks the sender to come again. It is told in the journey of the message in any case.',
  ['accept', 'mark', 'defer'],
  'accept',
);

const direction = oneOf(
  'Which mail it looks at: that from outside, that of our own users, or both.',
  ['in', 'out', 'both'],
  'both',
);

const largest = (otherwise: number) =>
  count('Largest message that it is shown. Larger ones go on unseen, which is told.', {
    min: 1,
    max: 2048,
    default: otherwise,
  });

export const clamav = section('Viruses, found by ClamAV’s clamd.', {
  address: address('clamd'),
  timeoutSeconds: seconds(60),
  failure: onFailure,
  direction,
  messageMiB: largest(25),
  action: oneOf(
    'What is done with mail that has a virus.',
    ['mark', 'junk', 'quarantine', 'refuse'],
    'refuse',
  ),
});

export const spamassassin = section('Spam, as SpamAssassin’s spamd sees it.', {
  address: address('spamd'),
  timeoutSeconds: seconds(60),
  failure: onFailure,
  direction,
  messageMiB: largest(1),
  user: text('Whose rules and word lists spamd takes; empty for those of the daemon.', ''),
  weight: decimal(
    'Points of ours for a mail that SpamAssassin just calls spam; of others in proportion, three times as many at most.',
    { min: 0, max: scoreMax, default: 6 },
  ),
});

export const rspamd = section(
  'Spam, as rspamd sees it, asked by HTTP. (It can be asked as a milter instead.)',
  {
    address: address('a `normal` worker or proxy of rspamd'),
    timeoutSeconds: seconds(30),
    failure: onFailure,
    direction,
    messageMiB: largest(50),
    password: text('Where rspamd wants one; `env:NAME` takes it from the environment.', ''),
    weight: decimal(
      'Points of ours for a mail that rspamd would just reject; of others in proportion, three times as many at most.',
      { min: 0, max: scoreMax, default: 15 },
    ),
    obey: flag(
      'Do as rspamd says (reject, put off, mark), whatever all findings add up to. Otherwise only its score counts.',
      false,
    ),
  },
);

export const milters = list(
  'Milters, filters of others as with Postfix and Sendmail: asked in this order at each step of a mail, each sees what those before it have changed. Mail by LMTP is not shown to them. Our own DKIM signature comes after them.',
  item({
    name: text('For the journey, the log and weights (`milter.NAME`): letters, digits and `-`.'),
    address: text('Where it listens: `unix:/path` or `inet:host:port`.'),
    direction,
    failure: oneOf(
      'What is done with mail while it does not answer: `defer` asks the sender to come again, `accept` and `mark` go on without it.',
      ['accept', 'mark', 'defer'],
      'defer',
    ),
    keepConnections: flag(
      'Use a connection for several mails (SMFIC_QUIT_NC of version 6). rspamd knows how; many others, OpenDKIM among them, do not.',
      false,
    ),
    timeoutSeconds: count('For each answer on the way.', { min: 1, max: 600, default: 30 }),
    messageTimeoutSeconds: count(
      'For the answer to the whole message; starts anew when the milter says that it is at work.',
      { min: 1, max: 3600, default: 300 },
    ),
  }),
);
