/** Public keys as DNS has them, at `<selector>._domainkey.<domain>` (RFC 6376, 3.6.1; RFC 8463, 4.2). */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { recordsOf, type Found } from '../dns/lookup.ts';
import { base64Value, parseTagList, squeezed, type TagList } from './tag-list.ts';

export interface PublicKey {
  readonly type: 'rsa' | 'ed25519';
  readonly key: KeyObject;
  /** Of the modulus; 256 for Ed25519. */
  readonly bits: number;
  /** `t=y`: the domain is trying DKIM out. */
  readonly testing: boolean;
  /** `t=s`: a signature may name no subdomain in `i=`. */
  readonly strict: boolean;
}

/** Why there is no key. Only `temporary` may be otherwise later. */
export interface NoKey {
  readonly why: string;
  readonly temporary: boolean;
}

/** RFC 8301, 3.2. */
const rsaBitsMin = 1024;
/** A key of more takes a verifier's time for nothing. */
const rsaBitsMax = 8192;

/** Whether no signature counts that is made with a key of this length. */
export const isOfBadLength = ({ type, bits }: PublicKey): boolean =>
  type === 'rsa' && (bits < rsaBitsMin || bits > rsaBitsMax);

export const keyName = (selector: string, domain: string): string => `${selector}._domainkey.${domain}`;

/** The key among the records of its name. What is no key may stand beside it (a wildcard's record, say); two keys leave us with none (RFC 6376, 3.6.2.2). */
export function keyOf(found: Found<string>): PublicKey | NoKey {
  const records = recordsOf(found);
  if (records === undefined) return { why: 'DNS did not answer', temporary: true };
  let key: PublicKey | undefined;
  let no: NoKey = { why: 'no key', temporary: false };
  for (const record of records) {
    const read = readKeyRecord(record);
    if ('why' in read) no = read;
    else if (key !== undefined) return { why: 'several keys', temporary: false };
    else key = read;
  }
  return key ?? no;
}

export function readKeyRecord(text: string): PublicKey | NoKey {
  const no = (why: string): NoKey => ({ why, temporary: false });
  const tags = parseTagList(text);
  const data = tags?.get('p');
  if (tags === undefined || data === undefined) return no('not a key record');
  if (tags.has('v') && !(tags.get('v') === 'DKIM1' && [...tags.keys()][0] === 'v'))
    return no('not a DKIM1 record');
  if (squeezed(data) === '') return no('the key is revoked');
  if (!listHas(tags, 'h', ['sha256'])) return no('the key is not for SHA-256');
  if (!listHas(tags, 's', ['*', 'email'])) return no('the key is not for mail');
  const type = (tags.get('k') ?? 'rsa').toLowerCase();
  const bytes = base64Value(data);
  const key = bytes && (type === 'rsa' ? rsaKey(bytes) : type === 'ed25519' ? ed25519Key(bytes) : undefined);
  if (key === undefined)
    return no(type === 'rsa' || type === 'ed25519' ? 'the key cannot be read' : 'unknown kind of key');
  const flags = listOf(tags.get('t'));
  const bits = key.asymmetricKeyDetails?.modulusLength ?? 256;
  return {
    type: type as PublicKey['type'],
    key,
    bits,
    testing: flags.includes('y'),
    strict: flags.includes('s'),
  };
}

const listOf = (text: string | undefined): string[] =>
  text === undefined ? [] : text.split(':').map((one) => squeezed(one).toLowerCase());

function listHas(tags: TagList, tag: string, wanted: readonly string[]): boolean {
  return !tags.has(tag) || listOf(tags.get(tag)).some((one) => wanted.includes(one));
}

/** A SubjectPublicKeyInfo as everybody publishes it, or the bare RSAPublicKey that RFC 6376 speaks of. */
function rsaKey(der: Buffer): KeyObject | undefined {
  return publicKey(der, 'spki', 'rsa') ?? publicKey(der, 'pkcs1', 'rsa');
}

/** SubjectPublicKeyInfo of an Ed25519 key up to the key itself (RFC 8410, 4). */
const ed25519Prefix = Buffer.from('302a300506032b6570032100', 'hex');

function ed25519Key(bytes: Buffer): KeyObject | undefined {
  if (bytes.length !== 32) return undefined;
  return publicKey(Buffer.concat([ed25519Prefix, bytes]), 'spki', 'ed25519');
}

function publicKey(der: Buffer, type: 'spki' | 'pkcs1', kind: string): KeyObject | undefined {
  try {
    const key = createPublicKey({ key: der, format: 'der', type });
    return key.asymmetricKeyType === kind ? key : undefined;
  } catch {
    return undefined;
  }
}
