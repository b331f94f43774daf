/**
 * Addresses as the directory keeps and compares them.
 *
 * A row's address is `local@domain`: the local part decoded (no quotes, so `"a..b"@x` and `a..b@x` are one), in NFC, the domain as A-labels in lower case.
 * Local parts of our own domains are compared without regard to case, unless the domain says otherwise (RFC 5321, 2.4 leaves it to us).
 */
import { domainToAscii, isLiteral } from '../proto/smtp/domain.ts';
import { localOctetsMax, parseMailbox, splitAddress } from '../proto/smtp/path.ts';

export interface Address {
  readonly local: string;
  readonly domain: string;
}

const unusable = /[\u0000-\u001f\u007f\ud800-\udfff]/u;

/** The address in wire spelling or decoded, or undefined when it is none. Never throws. */
export function readAddress(text: string): Address | undefined {
  const given = (text.startsWith('"') ? parseMailbox(text) : undefined) ?? splitAddress(text);
  if (!given || given.local === '' || unusable.test(given.local)) return undefined;
  const domain = domainToAscii(given.domain);
  if (domain === undefined) return undefined;
  const local = given.local.normalize('NFC');
  return Buffer.byteLength(local) > localOctetsMax ? undefined : { local, domain };
}

/** As `readAddress`, for addresses that people enter: strict, and no address literals. */
export function readNewAddress(text: string): Address | undefined {
  const given = parseMailbox(text);
  return given && !isLiteral(given.domain) ? readAddress(text) : undefined;
}

export function formatAddress({ local, domain }: Address): string {
  return `${local}@${domain}`;
}

/** What a local part is found by. */
export function localKey(local: string, caseSensitive: boolean): string {
  return caseSensitive ? local : local.toLowerCase().normalize('NFC');
}

/** Dots at the ends or side by side: not a dot-atom (RFC 5321, 4.1.2), but Japanese carriers gave out such addresses. */
export function isLegacyLocal(local: string): boolean {
  return local.startsWith('.') || local.endsWith('.') || local.includes('..');
}

/** Splits at the first separator that has something before it: `user+tag` is `user` and `tag`. */
export function splitDetail(local: string, separators: string): { base: string; detail: string } | undefined {
  for (let i = 1; i < local.length; i++) {
    if (separators.includes(local[i]!)) return { base: local.slice(0, i), detail: local.slice(i + 1) };
  }
  return undefined;
}
