/**
 * The DNS records that a domain needs for its mail: by which others find this server and believe it, and by which mailers set themselves up.
 */
import type { ListenerSettings } from '../config/schema.ts';

/** What a record is for; the words are the command line's. */
export type RecordPurpose = 'address' | 'mx' | 'spf' | 'heloSpf' | 'dkim' | 'dmarc' | 'mailers';

export interface DnsRecord {
  /** Without a dot at its end, in A-labels. */
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'MX' | 'TXT' | 'SRV';
  /** As in a zone file, save that a TXT is its plain text. */
  readonly data: string;
  readonly purpose: RecordPurpose;
}

export interface DkimKey {
  readonly selector: string;
  /** The text of its record: `v=DKIM1; …`. */
  readonly record: string;
}

export interface MailDomain {
  /** In A-labels, as `hostname`. */
  readonly domain: string;
  readonly hostname: string;
  /** The server's, as others reach it; empty when they are not known. */
  readonly addresses: readonly string[];
  readonly listeners: readonly Pick<ListenerSettings, 'kind' | 'host' | 'port'>[];
  readonly dkim: readonly DkimKey[];
}

/** Stands for an address that is not known here. */
export const unknownAddress = '<address of the server>';

export function dnsRecords(of: MailDomain): DnsRecord[] {
  const { domain, hostname, addresses, dkim } = of;
  const known = addresses.length > 0 ? addresses : [unknownAddress];
  return [
    ...known.map(
      (ip): DnsRecord => ({
        name: hostname,
        type: ip.includes(':') ? 'AAAA' : 'A',
        data: ip,
        purpose: 'address',
      }),
    ),
    { name: domain, type: 'MX', data: `10 ${hostname}.`, purpose: 'mx' },
    { name: domain, type: 'TXT', data: 'v=spf1 mx ~all', purpose: 'spf' },
    // A notice has no sender: its SPF is that of the name in EHLO (RFC 7208, 2.3 and 10.1.3).
    ...(hostname === domain
      ? []
      : [{ name: hostname, type: 'TXT', data: 'v=spf1 a -all', purpose: 'heloSpf' } as const]),
    ...dkim.map(
      ({ selector, record }): DnsRecord => ({
        name: `${selector}._domainkey.${domain}`,
        type: 'TXT',
        data: record,
        purpose: 'dkim',
      }),
    ),
    // Begins by looking on: a stricter policy comes when the reports are clean (RFC 7489, 6.3).
    {
      name: `_dmarc.${domain}`,
      type: 'TXT',
      data: `v=DMARC1; p=none; rua=mailto:postmaster@${domain}`,
      purpose: 'dmarc',
    },
    ...mailerRecords(of),
  ];
}

interface Mailers {
  readonly service: string;
  readonly kind: ListenerSettings['kind'];
  /** TLS from the first byte is preferred to STARTTLS (RFC 8314, 3). */
  readonly priority: number;
}

/** RFC 6186, 3; RFC 8314, 5.1; RFC 5804, 1.8. */
const services: readonly Mailers[] = [
  { service: '_submissions', kind: 'submissions', priority: 0 },
  { service: '_submission', kind: 'submission', priority: 10 },
  { service: '_imaps', kind: 'imaps', priority: 0 },
  { service: '_imap', kind: 'imap', priority: 10 },
  { service: '_pop3s', kind: 'pop3s', priority: 20 },
  { service: '_pop3', kind: 'pop3', priority: 30 },
  { service: '_sieve', kind: 'managesieve', priority: 0 },
];

/** What is not offered is said not to be: a target of `.` (RFC 6186, 3.4). */
function mailerRecords({ domain, hostname, listeners }: MailDomain): DnsRecord[] {
  return services.map(({ service, kind, priority }) => {
    const offered = listeners.find((one) => one.kind === kind && !isLoopback(one.host) && one.port > 0);
    const data = offered === undefined ? '0 0 0 .' : `${priority} 1 ${offered.port} ${hostname}.`;
    return { name: `${service}._tcp.${domain}`, type: 'SRV', data, purpose: 'mailers' };
  });
}

const isLoopback = (host: string): boolean =>
  host === '::1' || host === 'localhost' || host.startsWith('127.');

const ttlSeconds = 3600;
/** Octets of one string of a TXT record (RFC 1035, 3.3). */
const stringMax = 255;

/** A line of a zone file (RFC 1035, 5.1). What lacks an address is a comment. */
export function zoneLine({ name, type, data }: DnsRecord): string {
  const value = type === 'TXT' ? txtStrings(data) : data;
  const line = `${name}.\t${ttlSeconds}\tIN\t${type}\t${value}`;
  return data === unknownAddress ? `; ${line}` : line;
}

function txtStrings(text: string): string {
  const pieces = text.match(new RegExp(`[^]{1,${stringMax}}`, 'g')) ?? [''];
  return pieces.map((piece) => `"${piece.replaceAll(/["\\]/g, '\\$&')}"`).join(' ');
}

/** The name under which an address is looked up backwards (RFC 1035, 3.5; RFC 3596, 2.5). */
export function reverseName(ip: string): string {
  if (!ip.includes(':')) return `${ip.split('.').toReversed().join('.')}.in-addr.arpa`;
  const [head = '', tail = ''] = ip.toLowerCase().split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === '' ? [] : tail.split(':');
  const zeros = Array.from({ length: 8 - left.length - right.length }, () => '0');
  const groups = ip.includes('::') ? [...left, ...zeros, ...right] : left;
  const digits = groups.map((group) => group.padStart(4, '0')).join('');
  return `${Array.from(digits).toReversed().join('.')}.ip6.arpa`;
}
