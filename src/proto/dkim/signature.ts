/** A DKIM-Signature or ARC-Message-Signature field, read (RFC 6376, 3.5; RFC 8617, 4.1.2). What is wrong with one makes it no signature at all. */
import { foldingBlanks, trimmed } from '../../base/trimmed.ts';
import { decodeQuotedPrintable } from './quoted-printable.ts';
import type { Canonicalization, HashName } from './body-hash.ts';
import { base64Value, numberValue, parseTagList, squeezed, type TagList } from './tag-list.ts';

export type Algorithm = 'rsa-sha256' | 'ed25519-sha256';

export interface Signature {
  readonly algorithm: Algorithm;
  readonly signature: Buffer;
  /** Base64 without blanks. */
  readonly bodyHash: string;
  readonly header: Canonicalization;
  readonly body: Canonicalization;
  readonly hash: HashName;
  /** Lower case. */
  readonly domain: string;
  readonly selector: string;
  /** `i=`: on whose behalf, `@domain` when nobody is named. */
  readonly identity: string;
  /** Names in lower case, in their order. */
  readonly headers: readonly string[];
  readonly bodyLength: number | undefined;
  readonly signedAtSeconds: number | undefined;
  readonly expiresAtSeconds: number | undefined;
}

/** Why a field is no signature. `domain` and `selector` are told as far as they could be read. */
export class BadSignature {
  readonly why: string;
  readonly domain: string;
  readonly selector: string;

  constructor(why: string, tags?: TagList) {
    this.why = why;
    this.domain = tags?.get('d')?.toLowerCase() ?? '';
    this.selector = tags?.get('s') ?? '';
  }
}

/** RFC 6376, 3.5: `s=` and `d=` are names as DNS has them; underscores are met in selectors. International ones: RFC 8616, 4. */
const dnsName =
  /^[a-z0-9_\u0080-\uffff](?:[a-z0-9_\u0080-\uffff-]*[a-z0-9_\u0080-\uffff])?(?:\.[a-z0-9_\u0080-\uffff](?:[a-z0-9_\u0080-\uffff-]*[a-z0-9_\u0080-\uffff])?)*$/i;
const fieldName = /^[!-9<-~]+$/;
/** A header has some thirty fields; oversigned twice over it is still far from this. */
const headersMax = 1000;

export interface ReadOptions {
  /** ARC-Message-Signature: no `v=`, and `i=` is a number. From need not be signed, and `h=` may have blanks for names. */
  readonly arc?: boolean;
}

export function readSignature(value: string, { arc = false }: ReadOptions = {}): Signature | BadSignature {
  const tags = parseTagList(value);
  if (tags === undefined) return new BadSignature('not a tag list');
  const bad = (why: string): BadSignature => new BadSignature(why, tags);
  if (!arc && tags.get('v') !== '1') return bad(tags.has('v') ? 'unknown version' : 'no version');
  for (const tag of ['a', 'b', 'bh', 'd', 'h', 's']) if (!tags.has(tag)) return bad(`no ${tag}= tag`);
  const algorithm = tags.get('a')!.toLowerCase();
  // RFC 8301, 3.1: rsa-sha1 is not verified any more.
  if (algorithm === 'rsa-sha1') return bad('rsa-sha1 is no longer accepted');
  if (algorithm !== 'rsa-sha256' && algorithm !== 'ed25519-sha256') return bad('unknown algorithm');
  const domain = tags.get('d')!.toLowerCase();
  const selector = tags.get('s')!;
  if (!dnsName.test(domain) || !domain.includes('.')) return bad('d= is not a domain');
  if (!dnsName.test(selector)) return bad('s= is not a selector');
  const signature = base64Value(tags.get('b')!);
  if (signature === undefined) return bad('b= is not base64');
  if (base64Value(tags.get('bh')!) === undefined) return bad('bh= is not base64');
  const method = canonicalizations(tags.get('c'));
  if (method === undefined) return bad('unknown canonicalization');
  const headers = signedNames(tags.get('h')!, arc);
  if (headers === undefined) return bad('h= is not a list of fields');
  // RFC 6376, 5.4: who a message is from is what a signature is about.
  if (!arc && !headers.includes('from')) return bad('From is not signed');
  if (!arc && !methodsInclude(tags.get('q'), 'dns/txt')) return bad('unknown query method');
  const identity = arc ? `@${domain}` : identityOf(tags.get('i'), domain);
  if (identity === undefined) return bad('i= is not within d=');
  const times = timesOf(tags);
  if (typeof times === 'string') return bad(times);
  const length = tags.get('l');
  const bodyLength = length === undefined ? undefined : numberValue(length, 76);
  if (length !== undefined && bodyLength === undefined) return bad('l= is not a number');
  return {
    algorithm,
    signature,
    bodyHash: squeezed(tags.get('bh')!),
    ...method,
    hash: 'sha256',
    domain,
    selector,
    identity,
    headers,
    bodyLength,
    ...times,
  };
}

function canonicalizations(
  text: string | undefined,
): { header: Canonicalization; body: Canonicalization } | undefined {
  const [header = 'simple', body = 'simple', ...more] = (text ?? 'simple/simple').toLowerCase().split('/');
  if (more.length > 0 || !isMethod(header) || !isMethod(body)) return undefined;
  return { header, body };
}

const isMethod = (text: string): text is Canonicalization => text === 'simple' || text === 'relaxed';

function signedNames(text: string, arc: boolean): string[] | undefined {
  const all = squeezedAround(text, ':').map((name) => name.toLowerCase());
  const names = arc ? all.filter((name) => name !== '') : all;
  if (names.length > headersMax || !names.every((name) => fieldName.test(name))) return undefined;
  return names;
}

const squeezedAround = (text: string, separator: string): string[] =>
  text.split(separator).map((part) => trimmed(part, foldingBlanks));

function methodsInclude(text: string | undefined, method: string): boolean {
  return text === undefined || squeezedAround(text, ':').some((one) => one.toLowerCase() === method);
}

function identityOf(text: string | undefined, domain: string): string | undefined {
  if (text === undefined) return `@${domain}`;
  const identity = decodeQuotedPrintable(squeezed(text));
  if (identity === undefined) return undefined;
  const at = identity.lastIndexOf('@');
  const of = identity.slice(at + 1).toLowerCase();
  if (at === -1 || (of !== domain && !of.endsWith(`.${domain}`))) return undefined;
  return identity;
}

type Times = Pick<Signature, 'signedAtSeconds' | 'expiresAtSeconds'>;

function timesOf(tags: TagList): Times | string {
  const [t, x] = [tags.get('t'), tags.get('x')];
  const signedAtSeconds = t === undefined ? undefined : numberValue(t, 12);
  const expiresAtSeconds = x === undefined ? undefined : numberValue(x, 12);
  if (t !== undefined && signedAtSeconds === undefined) return 't= is not a time';
  if (x !== undefined && expiresAtSeconds === undefined) return 'x= is not a time';
  if (signedAtSeconds !== undefined && expiresAtSeconds !== undefined && expiresAtSeconds <= signedAtSeconds)
    return 'x= is not after t=';
  return { signedAtSeconds, expiresAtSeconds };
}
