/** Settings of mail on its way out: the queue, delivery, and routes. */
import * as Type from 'typebox';
import { count, flag, item, list, oneOf, section, text } from './fields.ts';

export const queue = section('Mail on its way.', {
  expiryHours: count('A message that cannot be delivered for so long is returned.', {
    min: 1,
    max: 24 * 30,
    default: 120,
  }),
  delayWarningHours: count('The sender is told once when a message waits for so long; 0 never.', {
    min: 0,
    max: 24 * 30,
    default: 4,
  }),
  doubleBounces: text(
    'Who hears when a notice of non-delivery can itself not be delivered: an address, as that of the postmaster; empty is nobody.',
    '',
  ),
  firstRetrySeconds: count('Wait before the second try; each further wait is about twice as long.', {
    min: 1,
    max: 86_400,
    default: 300,
  }),
  retryMaxSeconds: count('Longest wait between two tries.', { min: 1, max: 7 * 86_400, default: 14_400 }),
  memoryMiB: count('Bodies kept in memory on their way out, for each thread; others are read again.', {
    min: 1,
    max: 4096,
    default: 32,
  }),
});

export const delivery = section('Mail going out.', {
  connectionsMax: count('Connections to other servers at one time, for each thread.', {
    min: 1,
    max: 100_000,
    default: 1000,
  }),
  connectionsPerSiteMax: count('The same to one site (the domains that share their mail servers).', {
    min: 1,
    max: 1000,
    default: 20,
  }),
  messagesPerConnectionMax: count('Messages over one connection.', {
    min: 1,
    max: 1_000_000,
    default: 1000,
  }),
  port: count('Port of other mail servers: 25, save in test set-ups.', {
    min: 1,
    max: 65_535,
    default: 25,
  }),
  byMx: list(
    'Domains of ours whose mail leaves by their MX records all the same, as when a filter service stands before them: only a listener of kind `mx` takes their mail in.',
    Type.String(),
  ),
  ownNetworksAllowed: flag(
    'Deliver also to loopback, link-local and private addresses that DNS names. For test set-ups and closed networks: on the open Internet it lets strangers reach your machines.',
    false,
  ),
  detailMailbox: oneOf(
    'Whether mail for `user+name` goes into the mailbox `name` of the user: `none` (the inbox), `existing` where there is one, `create` makes it. With `create`, senders can make mailboxes.',
    ['none', 'existing', 'create'],
    'none',
  ),
  connectSeconds: count('How long a connection to a server may take.', { min: 1, max: 600, default: 30 }),
  greetingSeconds: count('The same for its greeting, and for TLS (RFC 5321, 4.5.3.2).', {
    min: 1,
    max: 3600,
    default: 300,
  }),
  commandSeconds: count('The same for the answer to a command.', { min: 1, max: 3600, default: 300 }),
  dataSeconds: count('The same for the answer to DATA.', { min: 1, max: 3600, default: 120 }),
  blockSeconds: count('The same for each piece of a long message.', { min: 1, max: 3600, default: 180 }),
  dotSeconds: count('The same for the answer to the end of a message.', {
    min: 1,
    max: 3600,
    default: 600,
  }),
  eightBitAnyway: flag(
    'Mail with 8-bit text that cannot be changed, because it is signed or too large, goes as it is to servers that do not say they take it, instead of back to its sender. Nearly all take it.',
    false,
  ),
  localAddresses: list(
    'Addresses to send from, at most one of each family; a family that has none is not used. Empty leaves the choice to the system.',
    Type.String(),
  ),
  ownAddresses: list(
    'Addresses by which others reach this server, beside those it listens on: as those of a router before it. Mail is never sent to them.',
    Type.String(),
  ),
  ipv6: flag('Use IPv6 where a server has it.', true),
  dane: flag(
    'Insist on encryption proved by TLSA records where a domain has them (DANE). Needs `dns.trustAuthenticated`.',
    true,
  ),
  mtaSts: flag('Insist on encryption where a domain has an MTA-STS policy that says so.', true),
  probeHosts: Type.Array(Type.String(), {
    description:
      'Mail servers of others that are known to be there: whether port 25 is open on the way out is tried with them, by `hikyaku doctor` and, where a route is for `unreachable`, every ten minutes.',
    default: [
      'gmail-smtp-in.l.google.com',
      'outlook-com.olc.protection.outlook.com',
      'mx-apac.mail.gm0.yahoodns.net',
    ],
  }),
  policyPort: count('Port of MTA-STS policy servers: 443, save in test set-ups.', {
    min: 1,
    max: 65_535,
    default: 443,
  }),
  authorities: text(
    'PEM file of the certificate authorities that are trusted when other servers prove themselves; empty takes the well-known ones.',
    '',
  ),
});

const route = item({
  domain: text(
    'Destination domain, `*.example.jp` for all below one, or `*` for every destination without a route of its own.',
  ),
  senders: list(
    'Only for mail whose sender is of these domains, written as above. Such routes come before those for everybody.',
    Type.String(),
  ),
  when: oneOf(
    '`always`, or `unreachable`: only when none of the servers that DNS names can be reached, as where port 25 is closed.',
    ['always', 'unreachable'],
    'always',
  ),
  protocol: oneOf('`smtp`, or `lmtp` for a mail store.', ['smtp', 'lmtp'], 'smtp'),
  hosts: Type.Array(Type.String(), {
    description:
      'Hosts in order of preference, as `host:port`, `[2001:db8::1]:port` or `host` (port 25, LMTP 24). Their own addresses are used, not their MX records; `mx:example.jp` alone stands for the MX hosts of that domain.',
    minItems: 1,
  }),
  weights: list(
    'The part of the load that each of `hosts` gets, in the same order; they stand in for one another. Empty: the first that can be reached gets all.',
    Type.Integer({ minimum: 1, maximum: 1000 }),
  ),
  tls: oneOf(
    '`opportunistic`: when offered, or `verified` where there is a login; `required`: with any certificate; `verified`: with a valid one; `implicit`: TLS from the first byte; `none`.',
    ['opportunistic', 'required', 'verified', 'implicit', 'none'],
    'opportunistic',
  ),
  username: text('Login at a smart host; empty for none.', ''),
  password: text('Its password, or `env:NAME` to take it from the environment.', ''),
  localAddresses: list(
    'Addresses to send from on this route, instead of `delivery.localAddresses`.',
    Type.String(),
  ),
});

export const routes = list('Where mail goes otherwise than by MX: smart hosts and mail stores.', route);

const unansweredRule = item({
  domain: text('Destination: a domain, `.example.jp` for all below it, or `*` for all.'),
  org: text('Only mail of this organisation, by its id; empty: of all.', ''),
  policy: oneOf(
    '`retry`: it may arrive twice. `hold`: until somebody decides. `bounce`: back to the sender.',
    ['retry', 'hold', 'bounce'],
  ),
});

export const unanswered = list(
  'What is done when a server has had the whole mail and gives no answer, so that it may have arrived. The first rule that fits decides; else it is tried again.',
  unansweredRule,
);
