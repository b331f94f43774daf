/**
 * The settings file: one schema from which the type, the check, the defaults and the reference page (docs/reference/settings.md) come.
 *
 * Names carry their unit. Every setting has a default that is right for most, except `hostname`; what is not a setting is an error.
 */
import * as Type from 'typebox';
import type { Static } from 'typebox';
import { attachments } from './attachment-settings.ts';
import { authentication, forwarding, signing } from './authentication-settings.ts';
import { mtaSts, tls, tlsRules } from './encryption-settings.ts';
import { clamav, milters, rspamd, spamassassin } from './engine-settings.ts';
import { count, flag, item, list, oneOf, section, text } from './fields.ts';
import { filters } from './filter-settings.ts';
import { sending } from './sending-settings.ts';
import { webhooks } from './webhook-settings.ts';
import { files } from './file-settings.ts';
import { suppression } from './suppression-settings.ts';
import { sendApi } from './send-api-settings.ts';
import { ip25b } from './ip25b-settings.ts';
import { oidc } from './oidc-settings.ts';
import { reports } from './reporting-settings.ts';
import { delivery, queue, routes, unanswered } from './outgoing-settings.ts';
import { shaping } from './shaping-settings.ts';

export const listenerKinds = [
  'mx',
  'submission',
  'submissions',
  'lmtp',
  'relay',
  'imap',
  'imaps',
  'pop3',
  'pop3s',
  'managesieve',
  'http',
  'https',
] as const;

const listener = item({
  kind: oneOf(
    'What is spoken there: `mx` takes mail from other servers for our domains; `submission` (STARTTLS) and `submissions` (TLS) take mail of our users; `relay` takes mail from trusted networks without a login; `lmtp`, `imap`, `imaps`, `pop3`, `pop3s`, `managesieve`, `http`, `https` as their names say.',
    listenerKinds,
  ),
  host: text('Address to bind. `::` is all addresses, IPv6 and IPv4.', '::'),
  port: count('TCP port; 0 takes a free one.', { min: 0, max: 65535, default: 0 }),
  hostname: text('Name used in greetings there, when it differs from that of the server.', ''),
  proxyFrom: list(
    'Networks whose connections begin with a PROXY protocol header (v1 or v2). From others such a header is an error.',
    Type.String(),
  ),
  trustedNetworks: list('Only for `relay`: networks that may send to anyone without a login.', Type.String()),
});

const dnsRecord = item({
  name: text('Owner name, as `mail.example.jp`.'),
  type: oneOf('Record type.', ['A', 'AAAA', 'MX', 'TXT', 'CNAME', 'SRV', 'PTR', 'TLSA']),
  data: text('Its data in zone-file form: `10 mail.example.jp` for MX, `127.0.0.1` for A.'),
});

export const settingsSchema = Type.Object(
  {
    hostname: Type.String({
      description:
        'The name of this server as other servers see it: it is in greetings, in Received fields and in the certificate. Needs an address record and a matching PTR.',
      minLength: 1,
    }),
    addresses: list(
      'Addresses of this server as the world sees them, where they are translated (NAT) on the way; empty takes those of its network interfaces, or those that DNS has for `hostname`.',
      Type.String(),
    ),
    data: text('Folder of all data. Made at first start.', './data'),
    language: oneOf('Language of notices where the reader’s own is not known.', ['en', 'ja'], 'en'),
    threads: count('Protocol threads; 0 is one less than the processor has cores, at least one.', {
      min: 0,
      max: 256,
      default: 0,
    }),
    store: section('Where mail is kept.', {
      engine: oneOf('`sqlite` on one machine, `postgres` for many.', ['sqlite', 'postgres'], 'sqlite'),
      url: text('For `postgres`: the connection URL, or `env:NAME`.', ''),
      connections: count('For `postgres`: connections of one thread.', { min: 1, max: 100, default: 4 }),
      allowUnsafe: list(
        'For `postgres`: what may be unsafe about its server all the same, by name. Each of them can lose acknowledged mail; without its name here, the server does not start.',
        oneOf('Setting of the database server.', [
          'fsync',
          'full_page_writes',
          'synchronous_commit',
          'asynchronous_standbys',
        ]),
      ),
      freeSpaceMinMiB: count(
        'New mail is refused with a temporary error while the disk has less room than this.',
        { min: 16, max: 1_048_576, default: 512 },
      ),
    }),
    listeners: list('What listens where.', listener),
    tls,
    dns: section('How names are looked up.', {
      servers: list('Resolvers as `ip` or `ip:port`; empty takes those of the system.', Type.String()),
      timeoutMs: count('For one question to one server.', { min: 100, max: 60_000, default: 3000 }),
      trustAuthenticated: flag(
        'The resolvers on this machine (127.0.0.0/8, ::1) validate DNSSEC, and their AD flag is believed: unbound, BIND or systemd-resolved with DNSSEC. Without it DANE is not used. The flag of a resolver elsewhere is never believed.',
        false,
      ),
      authoritativePort: count('Port of the name servers of domains: 53, save in test set-ups.', {
        min: 1,
        max: 65_535,
        default: 53,
      }),
      zone: list(
        'Records that are answered here and never looked up: for test set-ups and split networks.',
        dnsRecord,
      ),
    }),
    smtp: section('Mail coming in.', {
      messageMiB: count('Largest message.', { min: 1, max: 2048, default: 50 }),
      postmaster: text(
        'Who gets mail for `postmaster` without a domain, and for `postmaster` and `abuse` at `hostname`: an address. Empty is who is responsible in the organisation that runs the server. In each domain of ours these names are always there, and so are `dmarc-reports` and `tls-reports`.',
        '',
      ),
      recipientsMax: count('Recipients of one message.', { min: 100, max: 100_000, default: 1000 }),
      connectionsMax: count('Connections at one time to all SMTP listeners of a thread.', {
        min: 10,
        max: 1_000_000,
        default: 20_000,
      }),
      connectionsPerAddressMax: count(
        'The same from one address (IPv4) or /64 network (IPv6). Trusted networks are not counted.',
        { min: 1, max: 1_000_000, default: 100 },
      ),
    }),
    queue,
    delivery,
    shaping,
    tlsRules,
    mtaSts,
    routes,
    unanswered,
    authentication,
    filters,
    sending,
    suppression,
    files,
    sendApi,
    ip25b,
    reports,
    attachments,
    clamav,
    spamassassin,
    rspamd,
    milters,
    signing,
    forwarding,
    imap: section('Reading by IMAP.', {
      connectionsPerAccountMax: count(
        'Connections of one account, for each thread; the one idle for longest gives way.',
        { min: 5, max: 10_000, default: 100 },
      ),
      messagesPerCommandMax: count(
        'Messages that one command works on (MESSAGELIMIT); 0 for no limit. Mailers that do not know of it see only the newest.',
        { min: 0, max: 10_000_000, default: 0 },
      ),
      shortLiterals: flag(
        'Literals that a client does not wait with are at most 4,096 octets (LITERAL-).',
        false,
      ),
      plainTextLogin: flag('Allow a login without TLS. For test set-ups only.', false),
    }),
    pop3: section('Reading by POP3.', {
      loginDelaySeconds: count('Seconds between two logins of an account; 0 for none.', {
        min: 0,
        max: 86_400,
        default: 0,
      }),
      accountsExpire: flag(
        'Accounts may have mail deleted some days after it was retrieved (`hikyaku account access --pop3-expire`).',
        false,
      ),
      plainTextLogin: flag('Allow a login without TLS. For test set-ups only.', false),
    }),
    managesieve: section('Writing of filter scripts by ManageSieve.', {
      plainTextLogin: flag('Allow a login without TLS. For test set-ups only.', false),
    }),
    submission: section('Mail of our users.', {
      plainTextLogin: flag('Allow a login without TLS. For test set-ups only.', false),
      channelBinding: flag(
        'Offer SCRAM logins that are bound to their TLS connection (-PLUS). A mutt that is built with GNU SASL, as Debian’s is, takes them and fails: turn this off, or put `set smtp_authenticators="scram-sha-256:plain"` into its settings.',
        true,
      ),
    }),
    events: section('The ledger of what happened to each message.', {
      keepDays: count('Days that events are kept.', { min: 1, max: 3650, default: 60 }),
      shipTo: text(
        'File into which all events are written as JSON lines, for log collectors; `-` is standard output; `syslog+tls://host:6514` or `syslog+tcp://host:601` a syslog server (RFC 5424, 5425, 6587). None when empty.',
        '',
      ),
      shipAuthority: text(
        'File with the certificates (PEM) by which the syslog server is known; those of the system when empty.',
        '',
      ),
      shipFileMiB: count('The file is turned over at this size.', { min: 1, max: 10_000, default: 100 }),
      shipFiles: count('Older files that are kept.', { min: 1, max: 100, default: 5 }),
    }),
    webhooks,
    oidc,
    search: section('Searching in mail.', {
      index: flag(
        'Keeps an index of the texts of all mail, in a thread of its own. Without it searches read the mail: they find the same, more slowly.',
        true,
      ),
      attachments: flag(
        'Reads attachments (PDF, Word, Excel, PowerPoint, OpenDocument), so that what they say is found too.',
        true,
      ),
    }),
    doctor: section('What `hikyaku doctor` asks of others.', {
      blockLists: Type.Array(Type.String(), {
        description: 'Block lists (DNSBL) that are asked about our own addresses.',
        default: ['zen.spamhaus.org', 'b.barracudacentral.org', 'bl.spamcop.net'],
      }),
      timeServers: Type.Array(Type.String(), {
        description: 'Time servers (NTP), as `host` or `host:port`; the first that answers counts.',
        default: ['ntp.nict.jp', 'pool.ntp.org'],
      }),
    }),
    log: section('The log of the server itself, on standard error.', {
      level: oneOf('The least important line written.', ['debug', 'info', 'warn', 'error'], 'info'),
    }),
  },
  { additionalProperties: false },
);

export type Settings = Static<typeof settingsSchema>;
export type ListenerSettings = Settings['listeners'][number];
export type RouteSettings = Settings['routes'][number];
export type TlsRuleSettings = Settings['tlsRules'][number];
