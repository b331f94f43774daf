/** Settings of encryption: certificates of ours, what is asked of destinations, and the policies that we publish. */
import * as Type from 'typebox';
import { count, flag, item, list, oneOf, section, text } from './fields.ts';

const certificate = item({
  certificate: text('PEM file of the certificate with its chain.'),
  key: text('PEM file of the private key.'),
});

export const tls = section('Encryption of connections to us.', {
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

export const tlsRules = list('What encryption to some destinations must be at least.', tlsRule);

export const mtaSts = section(
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
);
