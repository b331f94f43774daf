/**
 * Envelope addresses: reverse-path, forward-path and mailbox of RFC 5321, 4.1.2, with RFC 6531 (UTF-8) and RFC 5321, 4.1.3
 * (address literals).
 *
 * A mailbox is kept decoded: `local` without quotes and backslashes, so both spellings of one address are the same value.
 * Quotes are put back on the wire, only where the grammar needs them. Source routes are parsed and dropped (RFC 5321, C).
 *
 * One liberty: dots at the ends of a local part or side by side (`a..b@docomo.ne.jp`, `a.@ezweb.ne.jp`) are taken without
 * quotes. Japanese carriers gave out such addresses for years, and their mailers send them so. We send them quoted.
 */
import { domainToAscii, isDomain } from './domain.ts';

export interface Mailbox {
  /** Decoded: no surrounding quotes, no backslashes. */
  readonly local: string;
  /** As given: a domain, `[address literal]`, or `''` for `<Postmaster>` alone (RFC 5321, 4.5.1). */
  readonly domain: string;
}

/** `null` is the null reverse-path `<>`. `end` is the index after `>`. */
export interface ParsedPath {
  readonly mailbox: Mailbox | null;
  readonly end: number;
}

/**
 * Octets of a local part we take. RFC 5321, 4.5.3.1.1 asks for 64 at least and for no limit if possible: bounce addresses
 * with a recipient inside (VERP) are often longer.
 */
export const localOctetsMax = 256;

const dotString =
  /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{80}-\u{10ffff}-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~\u{80}-\u{10ffff}-]+)*$/u;
/** atext and dots in any order: the legacy form. Sticky; it never backtracks. */
const looseLocal = /[A-Za-z0-9!#$%&'*+/=?^_`{|}~.\u{80}-\u{10ffff}-]+/uy;
const quotedLocal = /"(?:[ !#-[\]-~\u{80}-\u{10ffff}]|\\[ -~])*"/uy;
const sourceRoute = /@[^\s,:<>@[\]]+(?:,@[^\s,:<>@[\]]+)*:/y;
const domainText = /\[[!-Z^-~]*\]|[^\s<>@[\]",:;\\()]+/y;
const controls = /[\u0000-\u001f\u007f]/;

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** The path that begins at `text[at]`; undefined when it is not one. `<>` is taken only as a reverse-path. */
export function parsePath(
  text: string,
  at: number,
  direction: 'reverse' | 'forward',
): ParsedPath | undefined {
  if (text[at] !== '<') return undefined;
  if (text[at + 1] === '>') return direction === 'reverse' ? { mailbox: null, end: at + 2 } : undefined;
  const start = at + 1 + routeLength(text, at + 1);
  const found = mailboxAt(text, start, direction === 'forward');
  if (found === undefined || text[found.end] !== '>') return undefined;
  return { mailbox: found.mailbox, end: found.end + 1 };
}

/** A mailbox and nothing else, in wire spelling or with legacy dots: for addresses in settings, AUTH=, ORCPT and the like. */
export function parseMailbox(text: string): Mailbox | undefined {
  const found = mailboxAt(text, 0, false);
  return found?.end === text.length ? found.mailbox : undefined;
}

function routeLength(text: string, at: number): number {
  return text[at] === '@' ? (matchAt(sourceRoute, text, at)?.length ?? 0) : 0;
}

function mailboxAt(
  text: string,
  at: number,
  postmaster: boolean,
): { mailbox: Mailbox; end: number } | undefined {
  const wire = text[at] === '"' ? matchAt(quotedLocal, text, at) : matchAt(looseLocal, text, at);
  if (wire === undefined) return undefined;
  const local = wire[0] === '"' ? wire.slice(1, -1).replace(/\\(.)/gsu, '$1') : wire;
  if (tooLong(local) || (wire[0] !== '"' && /^\.+$/.test(local))) return undefined;
  const afterLocal = at + wire.length;
  if (text[afterLocal] !== '@') {
    const alone = postmaster && local.toLowerCase() === 'postmaster';
    return alone ? { mailbox: { local, domain: '' }, end: afterLocal } : undefined;
  }
  const domain = matchAt(domainText, text, afterLocal + 1);
  if (domain === undefined || !isDomain(domain)) return undefined;
  return { mailbox: { local, domain }, end: afterLocal + 1 + domain.length };
}

function tooLong(local: string): boolean {
  return (
    local.length > localOctetsMax ||
    (local.length * 3 > localOctetsMax && Buffer.byteLength(local) > localOctetsMax)
  );
}

/** `local@domain` in wire spelling: quoted where RFC 5321 needs it. Throws a RangeError on control characters, which no wire may see. */
export function formatMailbox(mailbox: Mailbox): string {
  const { local, domain } = mailbox;
  if (controls.test(local) || controls.test(domain)) throw new RangeError('control character in an address');
  const wire = dotString.test(local) ? local : `"${local.replace(/["\\]/g, '\\$&')}"`;
  return domain === '' ? wire : `${wire}@${domain}`;
}

/** `<local@domain>`, or `<>` for the null reverse-path. */
export function formatPath(mailbox: Mailbox | null): string {
  return mailbox === null ? '<>' : `<${formatMailbox(mailbox)}>`;
}

/**
 * The one spelling we keep in rows: `local@domain` with the local part decoded. `splitAddress` is its inverse, for no domain holds an `@`.
 * The null reverse-path is `''`.
 */
export function joinAddress(mailbox: Mailbox | null): string {
  if (mailbox === null) return '';
  return mailbox.domain === '' ? mailbox.local : `${mailbox.local}@${mailbox.domain}`;
}

export function splitAddress(address: string): Mailbox | null {
  if (address === '') return null;
  const at = address.lastIndexOf('@');
  return at === -1
    ? { local: address, domain: '' }
    : { local: address.slice(0, at), domain: address.slice(at + 1) };
}

/** Same mailbox: equal local parts (case counts, RFC 5321, 2.4), domains equal as A-labels. */
export function sameMailbox(a: Mailbox, b: Mailbox): boolean {
  if (a.local !== b.local) return false;
  return a.domain === b.domain || domainToAscii(a.domain) === domainToAscii(b.domain);
}

/** Only ASCII: needs no SMTPUTF8 (RFC 6531, 3.3). */
export function isAsciiMailbox(mailbox: Mailbox): boolean {
  return isAsciiText(mailbox.local) && isAsciiText(mailbox.domain);
}

export function isAsciiText(text: string): boolean {
  return !/[^\u0000-\u007f]/.test(text);
}
