/** Records as lines of a zone file (RFC 1035, 5.1), to be pasted at the provider of a domain's DNS. */
import { unknownAddress, type DomainRecord } from './domain-records.ts';

const ttlSeconds = 3600;
/** Octets of one string of a TXT record (RFC 1035, 3.3). */
const stringMax = 255;

/**
 * What goes into the zone of the domain; behind it, as comments, what is not known here and what belongs into other zones, such as the names of addresses
 * and of a host of another domain: a name server would not take those lines here.
 */
export function zoneLines(domain: string, records: readonly DomainRecord[]): readonly string[] {
  const isOwn = ({ name, data }: DomainRecord): boolean =>
    data !== unknownAddress && (name === domain || name.endsWith(`.${domain}`));
  return [
    ...records.filter(isOwn).map(line),
    ...records.filter((one) => !isOwn(one)).map((one) => `; ${line(one)}`),
  ];
}

const line = ({ name, type, data }: DomainRecord): string =>
  `${name}.\t${ttlSeconds}\tIN\t${type}\t${type === 'TXT' ? txtStrings(data) : data}`;

/** Strings in quotes; what is not ASCII as `\DDD`, octet by octet. */
export function txtStrings(text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  const strings: string[] = [];
  for (let at = 0; at === 0 || at < bytes.length; at += stringMax)
    strings.push(`"${Array.from(bytes.subarray(at, at + stringMax), quoted).join('')}"`);
  return strings.join(' ');
}

function quoted(byte: number): string {
  const char = String.fromCharCode(byte);
  if (char === '"' || char === '\\') return `\\${char}`;
  return byte < 0x20 || byte > 0x7e ? `\\${String(byte).padStart(3, '0')}` : char;
}
