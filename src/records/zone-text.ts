/** Records as lines of a zone file (RFC 1035, 5.1), to be pasted at the provider of a domain's DNS. */
import { unknownAddress, type DomainRecord } from './domain-records.ts';

const ttlSeconds = 3600;
/** Octets of one string of a TXT record (RFC 1035, 3.3). */
const stringMax = 255;

/** What is not known here, and what belongs to somebody else's zone, is a comment. */
export function zoneLine({ name, type, data }: DomainRecord): string {
  const value = type === 'TXT' ? txtStrings(data) : data;
  const line = `${name}.\t${ttlSeconds}\tIN\t${type}\t${value}`;
  return data === unknownAddress || type === 'PTR' ? `; ${line}` : line;
}

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
