/**
 * The DNS records that a domain needs for its mail: by which others find this server and believe it, and by which mailers set themselves up.
 * Pure: what a domain has in DNS already is looked at elsewhere (record-check.ts).
 */
import { reverseName } from '../net/address-block.ts';

/** What a record is for. */
export type RecordPurpose =
  | 'address'
  | 'reverse'
  | 'mx'
  | 'spf'
  | 'heloSpf'
  | 'dkim'
  | 'dmarc'
  | 'mtaSts'
  | 'mtaStsHost'
  | 'tlsReports'
  | 'tlsa'
  | 'mailers'
  | 'autoconfig'
  | 'autodiscover'
  | 'bimi';

/** `required`: without it mail does not flow, or is taken for junk. `optional`: nice to have. */
export type RecordNeed = 'required' | 'recommended' | 'optional';

export interface DomainRecord {
  /** Without a dot at its end, in A-labels. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'CNAME' | 'MX' | 'PTR' | 'SRV' | 'TLSA' | 'TXT';
  /** As in a zone file, save that a TXT is its plain text. */
  readonly data: string;
  readonly purpose: RecordPurpose;
  readonly need: RecordNeed;
}

/** A service that mailers use, as the world reaches it. */
export interface MailService {
  readonly kind: 'submission' | 'submissions' | 'imap' | 'imaps' | 'pop3' | 'pop3s' | 'managesieve';
  readonly port: number;
}

export interface MailDomain {
  /** In A-labels, as `hostname`. */
  readonly domain: string;
  readonly hostname: string;
  /** The server's, as others reach it; empty when they are not known. */
  readonly addresses: readonly string[];
  readonly services: readonly MailService[];
  /** HTTPS is served to the world: policies and set-up files can be. */
  readonly https: boolean;
  readonly dkim: readonly { readonly selector: string; readonly record: string }[];
  /** Of the policy that is served for the domain; undefined: it has none. */
  readonly mtaStsId: string | undefined;
  /** Data of TLSA records for port 25; empty without DANE. */
  readonly tlsa: readonly string[];
  /** Where reports about the domain go: what came in its name, and how encryption to it went. */
  readonly dmarcReportsTo: string;
  readonly tlsReportsTo: string;
  /** URL of the logo that mailers may show; `''`: none. */
  readonly bimiLogo: string;
}

/** Stands for an address that is not known here. */
export const unknownAddress = '<address of the server>';

/** What a domain without any SPF record begins with. */
const spfFirst = 'v=spf1 mx ~all';
/** Begins by looking on: a stricter policy comes when the reports are clean (RFC 9989, 7). */
const dmarcFirst = (reportsTo: string): string => `v=DMARC1; p=none; rua=mailto:${reportsTo}`;

export function domainRecords(of: MailDomain): DomainRecord[] {
  return [...hostRecords(of), ...trustRecords(of), ...encryptionRecords(of), ...mailerRecords(of)];
}

function hostRecords({ domain, hostname, addresses }: MailDomain): DomainRecord[] {
  const known = addresses.length > 0 ? addresses : [unknownAddress];
  return [
    ...known.map((ip): DomainRecord => {
      const type = ip.includes(':') ? 'AAAA' : 'A';
      return { name: hostname, type, data: ip, purpose: 'address', need: 'required' };
    }),
    ...addresses.map((ip): DomainRecord => {
      const name = reverseName(ip) ?? ip;
      return { name, type: 'PTR', data: `${hostname}.`, purpose: 'reverse', need: 'required' };
    }),
    { name: domain, type: 'MX', data: `10 ${hostname}.`, purpose: 'mx', need: 'required' },
  ];
}

/** By which others believe that mail is the domain's. */
function trustRecords({ domain, hostname, dkim, dmarcReportsTo, bimiLogo }: MailDomain): DomainRecord[] {
  const text = (name: string, data: string, purpose: RecordPurpose, need: RecordNeed): DomainRecord => ({
    name,
    type: 'TXT',
    data,
    purpose,
    need,
  });
  return [
    text(domain, spfFirst, 'spf', 'required'),
    // A notice has no sender: its SPF is that of the name in EHLO (RFC 7208, 2.3 and 10.1.3).
    ...(hostname === domain ? [] : [text(hostname, 'v=spf1 a -all', 'heloSpf', 'recommended')]),
    ...dkim.map(({ selector, record }) =>
      text(`${selector}._domainkey.${domain}`, record, 'dkim', 'required'),
    ),
    text(`_dmarc.${domain}`, dmarcFirst(dmarcReportsTo), 'dmarc', 'required'),
    ...(bimiLogo === ''
      ? []
      : [text(`default._bimi.${domain}`, `v=BIMI1; l=${bimiLogo}; a=`, 'bimi', 'optional')]),
  ];
}

function encryptionRecords({
  domain,
  hostname,
  https,
  mtaStsId,
  tlsa,
  tlsReportsTo,
}: MailDomain): DomainRecord[] {
  const sts: DomainRecord[] =
    !https || mtaStsId === undefined
      ? []
      : [
          {
            name: `_mta-sts.${domain}`,
            type: 'TXT',
            data: `v=STSv1; id=${mtaStsId}`,
            purpose: 'mtaSts',
            need: 'recommended',
          },
          {
            name: `mta-sts.${domain}`,
            type: 'CNAME',
            data: `${hostname}.`,
            purpose: 'mtaStsHost',
            need: 'recommended',
          },
        ];
  return [
    ...sts,
    {
      name: `_smtp._tls.${domain}`,
      type: 'TXT',
      data: `v=TLSRPTv1; rua=mailto:${tlsReportsTo}`,
      purpose: 'tlsReports',
      need: 'recommended',
    },
    ...tlsa.map(
      (data): DomainRecord => ({
        name: `_25._tcp.${hostname}`,
        type: 'TLSA',
        data,
        purpose: 'tlsa',
        need: 'optional',
      }),
    ),
  ];
}

interface Offer {
  readonly service: string;
  readonly kind: MailService['kind'];
  /** TLS from the first byte is preferred to STARTTLS (RFC 8314, 3). */
  readonly priority: number;
}

/** RFC 6186, 3; RFC 8314, 5.1; RFC 5804, 1.8. */
const offers: readonly Offer[] = [
  { service: '_submissions', kind: 'submissions', priority: 0 },
  { service: '_submission', kind: 'submission', priority: 10 },
  { service: '_imaps', kind: 'imaps', priority: 0 },
  { service: '_imap', kind: 'imap', priority: 10 },
  { service: '_pop3s', kind: 'pop3s', priority: 20 },
  { service: '_pop3', kind: 'pop3', priority: 30 },
  { service: '_sieve', kind: 'managesieve', priority: 0 },
];

function mailerRecords({ domain, hostname, services, https }: MailDomain): DomainRecord[] {
  const own: DomainRecord[] = offers.map(({ service, kind, priority }) => {
    const offered = services.find((one) => one.kind === kind);
    // What is not offered is said not to be: a target of `.` (RFC 6186, 3.4).
    const data = offered === undefined ? '0 0 0 .' : `${priority} 1 ${offered.port} ${hostname}.`;
    const need = offered === undefined ? 'optional' : 'recommended';
    return { name: `${service}._tcp.${domain}`, type: 'SRV', data, purpose: 'mailers', need };
  });
  if (!https) return own;
  const target = `${hostname}.`;
  return [
    ...own,
    { name: `autoconfig.${domain}`, type: 'CNAME', data: target, purpose: 'autoconfig', need: 'recommended' },
    {
      name: `autodiscover.${domain}`,
      type: 'CNAME',
      data: target,
      purpose: 'autodiscover',
      need: 'recommended',
    },
    {
      name: `_autodiscover._tcp.${domain}`,
      type: 'SRV',
      data: `0 0 443 ${target}`,
      purpose: 'autodiscover',
      need: 'optional',
    },
  ];
}
