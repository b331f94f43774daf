/**
 * One address read strictly: what RFC 5321, 4.1.2 allows in an envelope and RFC 5322 in a header, with RFC 6531's characters. No
 * comments, no folding, no obsolete forms. The limits are those of RFC 5321, 4.5.3.1 and RFC 1035.
 */
import { isDotAtom, isLegacyDotAtom, type Mailbox } from './address.ts';

const localOctetsMax = 64;
const domainOctetsMax = 255;
const labelOctetsMax = 63;
/** A path is at most 256 octets with its angle brackets. */
const addressOctetsMax = 254;

/** The mailbox, or undefined when the text is not exactly one address. */
export function parseAddrSpec(text: string): Mailbox | undefined {
  if (Buffer.byteLength(text) > addressOctetsMax) return undefined;
  const sign = text.lastIndexOf('@');
  if (sign < 1) return undefined;
  const local = localPart(text.slice(0, sign));
  const domain = text.slice(sign + 1);
  return local === undefined || !isDomainOrLiteral(domain) ? undefined : { local, domain };
}

/** The same, and addresses with dots at the ends of the local part or side by side, which Japanese carriers gave out (`a..b@docomo.ne.jp`). */
export function parseLegacyAddrSpec(text: string): Mailbox | undefined {
  const sign = text.lastIndexOf('@');
  const local = text.slice(0, Math.max(0, sign));
  return parseAddrSpec(isLegacyDotAtom(local) ? `"${local}"${text.slice(sign)}` : text);
}

/** The local part without its quoting. */
function localPart(text: string): string | undefined {
  if (Buffer.byteLength(text) > localOctetsMax) return undefined;
  if (isDotAtom(text)) return text;
  const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e\u0080-\u{10ffff}]|\\[\x20-\x7e])*)"$/u.exec(text);
  return quoted?.[1]!.replace(/\\(.)/gs, '$1');
}

/** A host name (letters, digits, hyphens; underscores exist; RFC 5890 labels in Unicode), or a literal in brackets. */
export function isDomainOrLiteral(domain: string): boolean {
  if (domain.startsWith('[')) return isLiteral(domain);
  if (domain === '' || Buffer.byteLength(domain) > domainOctetsMax) return false;
  return domain.split('.').every(isLabel);
}

function isLabel(label: string): boolean {
  if (Buffer.byteLength(label) > labelOctetsMax) return false;
  return /^[\w\u0080-\u{10ffff}](?:[\w\-\u0080-\u{10ffff}]*[\w\u0080-\u{10ffff}])?$/u.test(label);
}

/** RFC 5321, 4.1.3: `[192.0.2.1]`, `[IPv6:2001:db8::1]`. */
function isLiteral(text: string): boolean {
  const inside = /^\[([^[\]\\]*)\]$/.exec(text)?.[1];
  if (inside === undefined) return false;
  return /^ipv6:/i.test(inside) ? isIpv6(inside.slice(5)) : isIpv4(inside);
}

function isIpv4(text: string): boolean {
  return /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/.test(text);
}

/** Eight groups, or fewer with one `::`; the last two may be written as IPv4. */
function isIpv6(text: string): boolean {
  const last = text.slice(text.lastIndexOf(':') + 1);
  const dotted = last.includes('.');
  if (dotted && !isIpv4(last)) return false;
  const plain = dotted ? `${text.slice(0, -last.length)}0:0` : text;
  const halves = plain.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (!groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 1 ? groups.length === 8 : groups.length <= 7;
}
