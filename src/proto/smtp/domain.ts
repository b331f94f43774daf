/**
 * Domains of the envelope: RFC 5321, 4.1.2 (letters, digits, hyphens), U-labels (RFC 6531, by UTS #46 with all checks on), and address
 * literals (RFC 5321, 4.1.3).
 *
 * The tables of tr46 are large and most mail needs none of them: they are loaded when the first international domain comes.
 */
import { createRequire } from 'node:module';

/** RFC 1035, 2.3.4: 255 octets on the DNS wire are 253 characters of text. */
const domainCharsMax = 253;
const label = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?';
const asciiDomain = new RegExp(`^${label}(?:\\.${label})*$`);
const ipv4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

/** What we use of tr46, which has no types of its own. */
interface Tr46 {
  toASCII(domain: string, options: Tr46Options & { verifyDNSLength: boolean }): string | null;
  toUnicode(domain: string, options: Tr46Options): { domain: string; error: boolean };
}
interface Tr46Options {
  readonly checkBidi: boolean;
  readonly checkHyphens: boolean;
  readonly checkJoiners: boolean;
  readonly useSTD3ASCIIRules: boolean;
}

/** Hyphens in the third and fourth place are left to the registries: such names exist (`r3---sn-x.example`). */
const checks: Tr46Options = {
  checkBidi: true,
  checkHyphens: false,
  checkJoiners: true,
  useSTD3ASCIIRules: true,
};

let loaded: Tr46 | undefined;
function tr46(): Tr46 {
  loaded ??= createRequire(import.meta.url)('tr46') as Tr46;
  return loaded;
}

/**
 * The domain as A-labels in lower case, what DNS is asked and what domains are compared by; `[literal]` in lower case; undefined when it is no domain.
 */
export function domainToAscii(domain: string): string | undefined {
  const lower = domain.toLowerCase();
  if (lower.startsWith('[')) return isLiteral(lower) ? lower : undefined;
  if (asciiDomain.test(lower) && !lower.includes('xn--')) {
    return lower.length <= domainCharsMax ? lower : undefined;
  }
  if (!/[^\u0000-\u007f]|xn--/.test(lower)) return undefined;
  const ascii = tr46().toASCII(lower, { ...checks, verifyDNSLength: true });
  return ascii !== null && asciiDomain.test(ascii) ? ascii : undefined;
}

/** The domain for people: U-labels where they are valid. */
export function domainToUnicode(domain: string): string {
  if (!domain.toLowerCase().includes('xn--')) return domain;
  const { domain: unicode, error } = tr46().toUnicode(domain, checks);
  return error ? domain : unicode;
}

export function isDomain(domain: string): boolean {
  return domainToAscii(domain) !== undefined;
}

/** `[192.0.2.1]` or `[IPv6:2001:db8::1]`. Other tags of RFC 5321's general form have never been registered. */
export function isLiteral(domain: string): boolean {
  return literalAddress(domain) !== undefined;
}

/** The IP address inside an address literal. */
export function literalAddress(domain: string): string | undefined {
  if (!domain.startsWith('[') || !domain.endsWith(']')) return undefined;
  const inside = domain.slice(1, -1);
  if (ipv4.test(inside)) return inside;
  if (!/^ipv6:/i.test(inside)) return undefined;
  const address = inside.slice(5);
  return isIpv6(address) ? address : undefined;
}

const groups = (half: string): string[] => (half === '' ? [] : half.split(':'));

/** RFC 5321, 4.1.3, and RFC 4291, 2.2: eight groups, or fewer around one `::`; the last two may be an IPv4 address. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const all = [...groups(halves[0]!), ...groups(halves[1] ?? '')];
  let count = all.length;
  const last = all.at(-1);
  if (last !== undefined && ipv4.test(last) && halves.at(-1) !== '') {
    all.pop();
    count += 1;
  }
  if (!all.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  return halves.length === 2 ? count <= 7 : count === 8;
}
