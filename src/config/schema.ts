/**
 * The settings file: one schema from which the type, the check, the defaults and the reference page (docs/reference/settings.md) come.
 *
 * Names carry their unit. Every setting has a default that is right for most, except `hostname`; what is not a setting is an error.
 */
import * as Type from 'typebox';
import type { Static, TObject, TProperties } from 'typebox';

/** A section: all of its fields, nothing else, and absent means all defaults. */
function section<P extends TProperties>(description: string, fields: P): TObject<P> {
  return Type.Object(fields, { description, additionalProperties: false, default: {} });
}

/** An element of a list: has no default of its own. */
function item<P extends TProperties>(fields: P): TObject<P> {
  return Type.Object(fields, { additionalProperties: false });
}

const text = (description: string, fallback?: string) =>
  Type.String({
    description,
    minLength: fallback === '' ? 0 : 1,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
const count = (description: string, bounds: { min: number; max: number; default: number }) =>
  Type.Integer({ description, minimum: bounds.min, maximum: bounds.max, default: bounds.default });
const flag = (description: string, fallback: boolean) => Type.Boolean({ description, default: fallback });
const oneOf = <const T extends string>(description: string, choices: readonly T[], fallback?: NoInfer<T>) =>
  Type.Unsafe<T>({
    type: 'string',
    enum: [...choices],
    description,
    ...(fallback === undefined ? {} : { default: fallback }),
  });
const list = <T extends Parameters<typeof Type.Array>[0]>(description: string, of: T) =>
  Type.Array(of, { description, default: [] });

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

const tlsRule = item({
  domain: text('Destination domain, `*.example.jp` for all below one, or `*` for every destination.'),
  level: oneOf(
    '`none`: never encrypted; `may`: when it works, whatever the destination asks for; `encrypt`: always, any certificate; `verify`: with a certificate valid for the host that MX names; `dane`: proved by TLSA records; `secure`: with a certificate valid for the destination’s own name or `names`. From `encrypt` on mail waits where it cannot be; what the destination itself asks for by DANE or MTA-STS comes on top, save with `secure`.',
    ['none', 'may', 'encrypt', 'verify', 'dane', 'secure'],
  ),
  names: list(
    'Only for `secure`: names any of which the certificate must carry; `*.example.jp` is any below. Empty: the domain and any name below it.',
    Type.String(),
  ),
});

const dnsRecord = item({
  name: text('Owner name, as `mail.example.jp`.'),
  type: oneOf('Record type.', ['A', 'AAAA', 'MX', 'TXT', 'CNAME', 'SRV', 'PTR', 'TLSA']),
  data: text('Its data in zone-file form: `10 mail.example.jp` for MX, `127.0.0.1` for A.'),
});

const certificate = item({
  certificate: text('PEM file of the certificate with its chain.'),
  key: text('PEM file of the private key.'),
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
    tls: section('Encryption of connections to us.', {
      certificates: list(
        'Certificates; the one that fits the name a client asks for is used, the first otherwise. Without any, a self-signed one is made.',
        certificate,
      ),
      publishTlsa: flag(
        'Recommend TLSA records (DANE) among the DNS records of our domains: only useful where the zone of `hostname` is signed.',
        false,
      ),
      acme: section('Certificates that an authority issues by itself (ACME), renewed in good time.', {
        directory: text(
          'URL of the authority’s directory, as `https://acme-v02.api.letsencrypt.org/directory`; empty: none. Naming it agrees to its terms of service.',
          '',
        ),
        contact: text('Address that the authority may write to.', ''),
        extraNames: list('Host names besides `hostname` for its certificate.', Type.String()),
        domains: flag(
          'Also one for the names of each domain that lead here: `mta-sts`, `autoconfig` and `autodiscover` below it.',
          true,
        ),
        challenge: oneOf(
          'How a name is proved to be ours. `http-01`: by a listener of kind `http` that the world reaches on port 80; `tls-alpn-01`: by one of kind `https` on port 443; `dns-01`: by a DNS record, which `dnsHook` publishes.',
          ['http-01', 'tls-alpn-01', 'dns-01'],
          'http-01',
        ),
        dnsHook: text(
          'Program for `dns-01`: run as `PROGRAM set NAME TEXT` to publish a TXT record, and with `unset` to remove it. It ends with 0 when that is done.',
          '',
        ),
        dnsWaitSeconds: count('How long a record takes to reach all name servers of its zone.', {
          min: 0,
          max: 3600,
          default: 30,
        }),
        keepKey: flag(
          'Keep the private key when a certificate is renewed, so that a TLSA record of it stays right.',
          false,
        ),
        accountId: text('Only for authorities that want an account made with them before: its id.', ''),
        accountKey: text('Its key (base64url), or `env:NAME`.', ''),
        authorities: text(
          'PEM file of those who vouch for the authority’s own HTTPS, when it is a private one.',
          '',
        ),
      }),
    }),
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
        'Who gets mail for `postmaster` without a domain, and for `postmaster` and `abuse` at `hostname`: an address. Empty is who is responsible in the organisation that runs the server. In each domain of ours these names are always there.',
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
    queue: section('Mail on its way.', {
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
    }),
    delivery: section('Mail going out.', {
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
      policyPort: count('Port of MTA-STS policy servers: 443, save in test set-ups.', {
        min: 1,
        max: 65_535,
        default: 443,
      }),
      authorities: text(
        'PEM file of the certificate authorities that are trusted when other servers prove themselves; empty takes the well-known ones.',
        '',
      ),
    }),
    tlsRules: list('What encryption to some destinations must be at least.', tlsRule),
    mtaSts: section(
      'The MTA-STS policies (RFC 8461) that are served for our domains, at `https://mta-sts.DOMAIN`.',
      {
        mode: oneOf(
          'For domains without a mode of their own. `testing`: other servers report when our encryption fails; `enforce`: they keep their mail until it works; `none`.',
          ['none', 'testing', 'enforce'],
          'testing',
        ),
        maxAgeDays: count('For how long other servers remember a policy.', { min: 1, max: 365, default: 7 }),
        hosts: list(
          'MX hosts of our domains besides `hostname`, or `*.example.jp` for all directly below one.',
          Type.String(),
        ),
      },
    ),
    routes: list('Where mail goes otherwise than by MX: smart hosts and mail stores.', route),
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
