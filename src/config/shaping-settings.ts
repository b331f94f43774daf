/** Settings of shaping: what receivers may be sent, by which addresses, and how fast. */
import * as Type from 'typebox';
import { count, decimal, flag, item, list, oneOf, section, text } from './fields.ts';

/** As src/shaping/rate.ts reads it; empty: nothing is said about it. */
const rate = (description: string) =>
  Type.String({
    description: `${description}, as \`100/s\`, \`30/min\`, \`5000/h\`, \`50000/d\`, with \`burst 20\` behind it where more may come at once; empty: the rule says nothing of it.`,
    pattern: '^$|^\\d+(\\.\\d+)?[kMG]?/(s|min|h|d)( burst \\d+[kMG]?)?$',
    default: '',
  });

const about = {
  provider: text(
    'Only for this provider, as `google` or `docomo` (`hikyaku shaping providers` lists them); empty is all.',
    '',
  ),
  org: text('Only for mail of this organisation; `*` counts each by itself; empty is all together.', ''),
  campaign: text('The same for campaigns.', ''),
};

const rule = item({
  ...about,
  host: text('Only for sites all of whose mail servers are this one, or below `.example.jp`.', ''),
  source: text('Only for mail that leaves by this source.', ''),
  domain: text('Counts mail for this domain by itself; `.example.jp` is all below, `*` each.', ''),
  stream: oneOf('Counts mail of this stream by itself.', ['', 'transactional', 'bulk'], ''),
  across: flag('Counted over all sites of the provider together, not for each site.', false),
  connections: count('Connections at one time; 0: the rule says nothing of it.', {
    min: 0,
    max: 100_000,
    default: 0,
  }),
  connectionRate: rate('Connections opened in a time'),
  messagesPerConnection: count('Messages over one connection; 0 as above.', {
    min: 0,
    max: 1_000_000,
    default: 0,
  }),
  messageRate: rate('Copies (recipients) in a time'),
  recipientsPerMessage: count('Recipients in one transaction; 0 as above.', {
    min: 0,
    max: 1000,
    default: 0,
  }),
  byteRate: rate('Bytes in a time (`k`, `M`, `G` are 1024)'),
  why: text('Why, for those who read it later.', ''),
});

const reply = item({
  ...about,
  says: text('Regular expression for the reply, its code included; upper and lower case are the same.'),
  phases: list(
    'Where it was said: `connect`, `banner`, `ehlo`, `tls`, `auth`, `mail`, `rcpt`, `data`, `dot`. Empty is anywhere.',
    Type.String(),
  ),
  does: oneOf(
    '`fewer` connections, `slower`, `suspend` for a while (the time that the reply names, else `minutes`), or `ignore`.',
    ['fewer', 'slower', 'suspend', 'ignore'],
  ),
  minutes: count('For `suspend`, where the reply names no time.', { min: 1, max: 10_080, default: 5 }),
  about: oneOf(
    'Whom it slows: all mail from the `source`, or that of the `org` only.',
    ['source', 'org'],
    'source',
  ),
  why: text('Why, for those who read it later.', ''),
});

const source = item({
  name: text('As pools and rules name it.'),
  addresses: list(
    'Addresses of this machine to send from, one of each family at most. With `proxy`: for HAProxy, the one it is to send from.',
    Type.String(),
  ),
  hostname: text(
    'Name in EHLO; empty is that of the server. Must have the address, and the address it (PTR).',
    '',
  ),
  proxy: text(
    'Server to leave through, by its address: `socks5://user:password@192.0.2.1:1080` or `haproxy://192.0.2.1:2525`; empty is none. May be `env:NAME`.',
    '',
  ),
  warmUpFrom: text('First day of its warm-up, as `2026-04-01`; empty: it is warm.', ''),
});

const pool = item({
  name: text('As it is told of.'),
  orgs: list('Organisations whose mail leaves by it; empty is all.', Type.String()),
  streams: list('Streams; empty is both.', oneOf('Stream.', ['transactional', 'bulk'])),
  sources: Type.Array(Type.String(), { description: 'Names of sources.', minItems: 1 }),
  weights: list(
    'The part of the load of each of `sources`, in the same order; empty is equal parts.',
    Type.Integer({ minimum: 0, maximum: 1000 }),
  ),
});

const domain = item({
  domain: text('Domain of senders that is new to receivers.'),
  warmUpFrom: text('First day of its warm-up, as `2026-04-01`.'),
});

const weight = item({
  org: text('Organisation.'),
  weight: count('Turns it has while others have one.', { min: 1, max: 1000, default: 1 }),
});

export const shaping = section(
  'What receivers are sent, by which addresses and how fast. Limits only delay: what waits goes by itself.',
  {
    learn: flag('Learn from what receivers answer how much they take, and keep below it.', true),
    rules: list(
      'Limits. They win over those that come with the program (`hikyaku shaping show`), limit by limit.',
      rule,
    ),
    replies: list(
      'What answers of receivers mean. Looked at before those that come with the program.',
      reply,
    ),
    sources: list('Addresses to send from. None: as `delivery.localAddresses` has it.', source),
    pools: list(
      'Which mail leaves by which sources. Mail without a pool leaves by all of them in turn.',
      pool,
    ),
    domains: list(
      'Domains of senders that warm up: to each provider they send `warmUpFirst` on the first day, and so on; what is beyond waits for the next day. Mail of people too.',
      domain,
    ),
    weights: list('Organisations that have more turns than others where they share a receiver.', weight),
    warmUpFirst: count('Copies that a new source sends to one provider on its first day.', {
      min: 1,
      max: 1_000_000,
      default: 200,
    }),
    warmUpGrowth: decimal('How many times more on each further day.', { min: 1, max: 10, default: 1.5 }),
    warmUpDays: count('Sending days after which it is warm.', { min: 1, max: 365, default: 21 }),
    watchBlockLists: flag(
      'Look our sources up in `doctor.blockLists` every half hour, and leave those that are listed out for providers that use the list, while another can send.',
      true,
    ),
  },
);
