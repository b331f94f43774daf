/**
 * The Sender Rewriting Scheme: a sender's address wrapped into one of ours, so that SPF speaks of us when a message is sent on, and bounces come back here to be
 * sent to whom they belong.
 *
 *   bob@there.test                      → SRS0=hash=TT=there.test=bob@here.test
 *   SRS0=…=bob@first.test               → SRS1=hash=first.test==…=bob@here.test          whoever comes later names the first one alone,
 *   SRS1=…=first.test==…=bob@second.test → SRS1=hash=first.test==…=bob@here.test         so that the address stays short and bounces take two steps
 *
 * Only what carries our own hash is unwrapped, and for some time only: anything else would make us relay mail for anyone. The time of SRS1 is kept by the first one, to
 * whom alone it leads. Addresses in this form lose their case on the way, so the hash is one over lower case, in letters that have none.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { domainToAscii } from '../smtp/domain.ts';
import { joinAddress, splitAddress } from '../smtp/path.ts';

const dayMs = 86_400_000;
/** Two letters of base 32. */
const daysPeriod = 1024;
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
/** Forty bits: a guess is a recipient that is refused. */
const hashChars = 8;
/** RFC 5321, 4.5.3.1.3, without the angle brackets. The bound on local parts (64) is one that such addresses have never kept, and nobody insists. */
const addressMax = 254;

/** The sender as it is named when a message is sent on by an address of `domain`; undefined: it does not fit, and stays as it is. */
export function wrapped(
  sender: string,
  { domain, key, nowMs }: { readonly domain: string; readonly key: string; readonly nowMs: number },
): string | undefined {
  const from = splitAddress(sender);
  if (from === null || from.domain === '' || from.domain.startsWith('[')) return undefined;
  // Within a local part a domain needs no more of the next server than elsewhere.
  const ascii = { local: from.local, domain: domainToAscii(from.domain) ?? from.domain };
  const local = wrappedAgain(ascii, key) ?? wrappedFirst(ascii, key, nowMs);
  const address = joinAddress({ local, domain });
  return Buffer.byteLength(address) <= addressMax ? address : undefined;
}

interface Parts {
  readonly local: string;
  readonly domain: string;
}

function wrappedFirst({ local, domain }: Parts, key: string, nowMs: number): string {
  const what = `${dayText(nowMs)}=${domain}=${local}`;
  return `SRS0=${hashOf(what, key)}=${what}`;
}

/** Undefined when nobody has wrapped it before. */
function wrappedAgain({ local, domain }: Parts, key: string): string | undefined {
  // What stands behind SRS0 begins with a separator, which is not always `=`.
  const first = /^SRS0([-+=].+)$/is.exec(local);
  const later = /^SRS1[-+=][^=]+=([^=]+)=([-+=].+)$/is.exec(local);
  if (!first && !later) return undefined;
  const what = first ? `${domain}=${first[1]}` : `${later![1]}=${later![2]}`;
  return `SRS1=${hashOf(what, key)}=${what}`;
}

/** Whether a local part is of this form, with whatever hash. */
export const isWrapped = (local: string): boolean => /^SRS[01][-+=]/i.test(local);

/** The address that a local part of ours stands for; undefined: not by our hash, or too old. */
export function unwrapped(
  local: string,
  { key, nowMs, keptDays }: { readonly key: string; readonly nowMs: number; readonly keptDays: number },
): string | undefined {
  const [, kind, hash = '', what = ''] = /^SRS([01])[-+=]([^=]+)=(.+)$/is.exec(local) ?? [];
  if (kind === undefined || !isHash(hash, what, key)) return undefined;
  if (kind === '1') {
    const [, domain = '', rest = ''] = /^([^=]+)=([-+=].+)$/s.exec(what) ?? [];
    return rest === '' ? undefined : joinAddress({ local: `SRS0${rest}`, domain });
  }
  const [, day = '', domain = '', sender = ''] = /^([^=]+)=([^=]+)=(.+)$/s.exec(what) ?? [];
  if (sender === '' || !isRecent(day, nowMs, keptDays)) return undefined;
  return joinAddress({ local: sender, domain });
}

function hashOf(what: string, key: string): string {
  const bytes = createHmac('sha256', key).update(what.toLowerCase()).digest();
  return Array.from(bytes.subarray(0, hashChars), (byte) => letters[byte % letters.length]).join('');
}

function isHash(given: string, what: string, key: string): boolean {
  const [theirs, ours] = [given.toUpperCase(), hashOf(what, key)].map((text) => Buffer.from(text));
  return theirs!.length === ours!.length && timingSafeEqual(theirs!, ours!);
}

function dayText(nowMs: number): string {
  const day = Math.floor(nowMs / dayMs) % daysPeriod;
  return letters[Math.floor(day / letters.length)]! + letters[day % letters.length]!;
}

function isRecent(text: string, nowMs: number, keptDays: number): boolean {
  if (!/^[a-z2-7]{2}$/i.test(text)) return false;
  const [high, low] = [0, 1].map((at) => letters.indexOf(text[at]!.toUpperCase())) as [number, number];
  const day = high * letters.length + low;
  const age = (Math.floor(nowMs / dayMs) - day + daysPeriod * 2) % daysPeriod;
  return age <= keptDays;
}
