/**
 * The rules that come with the program. What a provider publishes is named; most publish nothing, and then the number is a beginning from which the
 * controller learns (learning/controller.ts). Settings win over them, limit by limit.
 */
import { readRate } from '../rate.ts';
import type { Limits, ReplyRule, ShapingRule } from '../options.ts';

interface Shipped {
  readonly provider?: string;
  readonly across?: true;
  readonly limits: Limits;
  readonly why: string;
}

const rate = (text: string) => readRate(text)!;

const shipped: readonly Shipped[] = [
  {
    provider: 'google',
    limits: { connections: 20, messagesPerConnection: 100, recipientsPerMessage: 50 },
    why: 'No number is published. Sessions of 100 messages are what large senders use; 4.7.28 asks for ten minutes of rest and then one connection.',
  },
  {
    provider: 'google',
    across: true,
    limits: { connections: 60 },
    why: 'Gmail and hosted domains count one address together (quotas by address and by authenticated domain).',
  },
  {
    provider: 'microsoft',
    limits: { connections: 15, messagesPerConnection: 100, recipientsPerMessage: 100 },
    why: 'Refuses more connections with 421 RP-001 and 4.7.650; every hosted organisation is a site of its own.',
  },
  {
    provider: 'microsoft',
    across: true,
    limits: { connections: 60, messageRate: rate('200/s') },
    why: 'Reputation is kept by address over all of Outlook.com and Microsoft 365.',
  },
  {
    provider: 'yahoo',
    limits: { connections: 10, messagesPerConnection: 20, recipientsPerMessage: 30 },
    why: 'Asks to keep few connections and 20 messages over each (TSS04, [TS01]); AOL shares the servers.',
  },
  {
    provider: 'apple',
    limits: { connections: 5, messagesPerConnection: 50, recipientsPerMessage: 20 },
    why: 'Nothing is published; a beginning that large senders use.',
  },
  {
    provider: 'yahoo-japan',
    limits: {
      connections: 5,
      messagesPerConnection: 50,
      recipientsPerMessage: 20,
      messageRate: rate('50/s'),
    },
    why: 'Nothing is published; answers 421 and 451 to senders that come too fast.',
  },
  {
    provider: 'docomo',
    across: true,
    limits: {
      connections: 2,
      messagesPerConnection: 50,
      recipientsPerMessage: 1,
      messageRate: rate('30/s'),
    },
    why: 'At most 100 recipients in a session are published, and that unclean lists have the network shut out for a time. One recipient in a transaction keeps its answers apart.',
  },
  {
    provider: 'au',
    across: true,
    limits: {
      connections: 2,
      messagesPerConnection: 50,
      recipientsPerMessage: 1,
      messageRate: rate('30/s'),
    },
    why: 'At most 100 recipients; above a limit that is not told connections are reset.',
  },
  {
    provider: 'softbank',
    across: true,
    limits: {
      connections: 2,
      messagesPerConnection: 50,
      recipientsPerMessage: 1,
      messageRate: rate('30/s'),
    },
    why: 'Asks to send slowly and to clean lists; many unknown users shut the sender out for a time.',
  },
  {
    provider: 'rakuten',
    across: true,
    limits: {
      connections: 2,
      messagesPerConnection: 50,
      recipientsPerMessage: 1,
      messageRate: rate('30/s'),
    },
    why: 'Nothing is published: as the other carriers.',
  },
  {
    provider: 'jcom',
    limits: { connections: 3, messagesPerConnection: 20, recipientsPerMessage: 20 },
    why: 'Answers 421 "Too many messages for this session".',
  },
  {
    provider: 'proofpoint',
    limits: { connections: 10, messagesPerConnection: 50, recipientsPerMessage: 50 },
    why: 'Each customer is a site; its gateways share what they think of an address.',
  },
  {
    provider: 'gmx',
    limits: { connections: 5, messagesPerConnection: 100, recipientsPerMessage: 50 },
    why: 'Answers 421 to more connections from one address.',
  },
  {
    provider: 'ovh',
    limits: { connections: 5, messagesPerConnection: 50 },
    why: 'A large hoster: few connections for each of its clusters.',
  },
  ...[
    'ionos',
    'sakura',
    'xserver',
    'gmo',
    'kagoya',
    'godaddy',
    'rackspace',
    'ocn',
    'nifty',
    'biglobe',
    'so-net',
  ].map(
    (provider): Shipped => ({
      provider,
      across: true,
      limits: { connections: 20 },
      why: 'A large hoster with many sites: its servers count one address together.',
    }),
  ),
];

export const shippedRules: readonly ShapingRule[] = shipped.map((rule, i) => ({
  ...(rule.provider !== undefined && { provider: rule.provider }),
  across: rule.across === true,
  limits: rule.limits,
  why: rule.why,
  from: 'shipped',
  name: `shipped ${i + 1}`,
}));

interface Says {
  readonly provider?: string;
  readonly phases?: readonly string[];
  readonly says: RegExp;
  readonly does: ReplyRule['does'];
  readonly forMs?: number;
  readonly about?: ReplyRule['about'];
  readonly why: string;
}

const minute = 60_000;

/** First match counts. */
const said: readonly Says[] = [
  {
    provider: 'google',
    says: /[45]\.7\.28[\s\S]*(?:SPF domain|DKIM domain|authenticated domain)/i,
    does: 'slower',
    about: 'org',
    why: 'The quota of the authenticated domain, not of the address',
  },
  {
    provider: 'google',
    says: /4\.7\.28|unusual rate of/i,
    does: 'suspend',
    forMs: 10 * minute,
    why: 'Asks for at least ten minutes of rest, then one connection',
  },
  {
    provider: 'google',
    says: /^\d{3}[ -]4\.2\.1/,
    does: 'ignore',
    why: 'The mailbox gets too much; the address is not slowed',
  },
  {
    provider: 'google',
    says: /4\.7\.0.*(?:rate limited|too many)|^421[ -]4\.7\.0/i,
    does: 'slower',
    why: 'Temporary limit of the address',
  },
  {
    provider: 'microsoft',
    says: /RP-00[123]|4\.7\.65[01]|S77\d|S843/,
    does: 'slower',
    why: 'Rate or reputation limit of the address',
  },
  { provider: 'microsoft', says: /4\.7\.500|server busy/i, does: 'slower', why: 'Asked to try later' },
  {
    provider: 'microsoft',
    says: /S3140|S3150|5\.7\.60[68]/,
    does: 'suspend',
    forMs: 60 * minute,
    why: 'The address is on its block list',
  },
  {
    provider: 'yahoo',
    says: /TSS0[47]|\[TS0[34]\]/,
    does: 'suspend',
    forMs: 60 * minute,
    why: 'Put off for complaints',
  },
  {
    provider: 'yahoo',
    says: /TSS0\d|\[TS0\d\]|temporarily deferred/i,
    does: 'slower',
    why: 'Too much from the address',
  },
  {
    provider: 'yahoo',
    says: /\[BL\d+\]/,
    does: 'suspend',
    forMs: 60 * minute,
    why: 'The address is on a block list',
  },
  { provider: 'docomo', says: /too many recipients/i, does: 'fewer', why: 'Too many in a session' },
  ...['docomo', 'au', 'softbank', 'rakuten'].map(
    (provider): Says => ({
      provider,
      says: /^(?:421|45[0-4]\b[^]*(?:busy|many|limit|excess|try (?:again )?later))/i,
      does: 'slower',
      why: 'A carrier that is busy or has had too much',
    }),
  ),
  {
    phases: ['connect', 'banner', 'ehlo'],
    says: /^421[\s\S]*(?:too many|concurrent|connection)/i,
    does: 'fewer',
    why: 'Too many connections',
  },
  {
    says: /too many (?:concurrent |simultaneous )?(?:connections|sessions)/i,
    does: 'fewer',
    why: 'Too many connections',
  },
  { says: /greylist|gray ?list|postgrey/i, does: 'ignore', why: 'Greylisting is about the recipient' },
  {
    says: /^[45]\d\d(?=[ -])(?![^]*\b(?:hour|minute|second|day|today)s?\b)(?:[ -][45]\.5\.3\b|[^]*too many recipients)/i,
    does: 'ignore',
    why: 'Recipients of one transaction: the next one takes the rest (RFC 5321, 4.5.3.1.10)',
  },
  {
    says: /^421[\s\S]*too many messages (?:for|in|on) this (?:session|connection)/i,
    does: 'ignore',
    why: 'A new connection is what is asked for',
  },
  {
    says: /^[45]\d\d[^]*(?:\bur[il]s?\b|\blinks?\b|website|\bdbl\b|surbl|uribl|message (?:content|contains))/i,
    does: 'ignore',
    why: 'It is about what the mail says',
  },
  {
    phases: ['connect', 'banner', 'ehlo', 'mail', 'rcpt', 'data'],
    says: /^[45]\d\d[^]*(?:spamhaus|spamcop|barracuda|sorbs|\brbl\b|dnsbl|block ?list|black ?list)/i,
    does: 'suspend',
    forMs: 60 * minute,
    why: 'The address is on a block list',
  },
  {
    says: /^4\d\d[ -]4\.(?:3\.2|4\.5|7\.28)|^4\d\d[^]*(?:rate limit|throttl|too (?:many|much|fast)|exceed(?:ed)? .*(?:rate|limit)|unusual rate|slow down)/i,
    does: 'slower',
    why: 'Too much or too fast',
  },
  { says: /^421/, does: 'slower', why: 'The server closes the session' },
  {
    phases: ['connect', 'banner', 'ehlo', 'mail', 'rcpt'],
    says: /Connection (?:reset|lost: .*(?:ECONNRESET|reset))/i,
    does: 'slower',
    why: 'A reset is how some tell that it is too much',
  },
];

export const shippedReplies: readonly ReplyRule[] = said.map((rule, i) => ({
  ...(rule.provider !== undefined && { provider: rule.provider }),
  phases: rule.phases ?? [],
  says: rule.says,
  does: rule.does,
  forMs: rule.forMs ?? 5 * minute,
  about: rule.about ?? 'source',
  why: rule.why,
  name: `shipped ${i + 1}`,
}));
