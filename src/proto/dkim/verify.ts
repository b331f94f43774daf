/**
 * Verifies the DKIM signatures of a message (RFC 6376, 6; RFC 8301; RFC 8463) while its body passes by.
 *
 *   const verifier = new DkimVerifier(header, parseHeaders(header));
 *   verifier.body(chunk); …
 *   const results = await verifier.finish({ keyOf, nowSeconds });
 *
 * Results are in the terms of RFC 8601, 2.7.1. One that is good but for something we do not accept (a short key, text behind what `l=` covers) is
 * `policy`. Bounds: `signaturesMax` are verified, the first ones; the others are `neutral`.
 */
import { hash, verify } from 'node:crypto';
import { findFields, type HeaderBlock, type HeaderField } from '../mime/headers.ts';
import { BodyHash } from './body-hash.ts';
import { canonicalField, canonicalSignature, selectFields } from './header-canonicalization.ts';
import { isOfBadLength, type NoKey, type PublicKey } from './key-record.ts';
import { BadSignature, readSignature, type Algorithm, type Signature } from './signature.ts';

export type DkimVerdict = 'pass' | 'fail' | 'policy' | 'neutral' | 'temperror' | 'permerror';

export interface DkimResult {
  readonly result: DkimVerdict;
  /** In a few words; `''` when it passed. */
  readonly why: string;
  /** `''` where it could not be read. */
  readonly domain: string;
  readonly selector: string;
  readonly identity: string;
  readonly algorithm: Algorithm | undefined;
  /** 0 when there was no key to look at. */
  readonly keyBits: number;
  /** The key says that the domain is testing. */
  readonly testing: boolean;
  /** The start of the signature, to tell signatures of one domain apart (RFC 6008). */
  readonly start: string;
}

export interface Keys {
  /** The key of a selector of a domain. */
  readonly keyOf: (selector: string, domain: string) => Promise<PublicKey | NoKey>;
  readonly nowSeconds: number;
}

export const signaturesMax = 10;
/** Signatures that are told of at all. */
const toldMax = 20;
const startChars = 8;

export class DkimVerifier {
  readonly #header: Buffer;
  readonly #block: HeaderBlock;
  readonly #found: readonly { readonly field: HeaderField; readonly signature: Signature | BadSignature }[];
  readonly #hashes: BodyHashes;

  constructor(header: Buffer, block: HeaderBlock) {
    this.#header = header;
    this.#block = block;
    this.#found = findFields(block, 'dkim-signature')
      .slice(0, toldMax)
      .map((field) => ({
        field,
        signature: readSignature(header.toString('utf8', field.valueStart, field.end)),
      }));
    this.#hashes = new BodyHashes(this.#checked().map(({ signature }) => signature));
  }

  /** Whether there is a signature: otherwise the body need not pass by. */
  get needed(): boolean {
    return this.#hashes.size > 0;
  }

  /** The keys that will be asked for. */
  get named(): readonly Pick<Signature, 'selector' | 'domain'>[] {
    return this.#checked().map(({ signature }) => signature);
  }

  /** A piece of the body: what stands behind the blank line after the header. */
  body(chunk: Uint8Array): void {
    this.#hashes.write(chunk);
  }

  /** One result for each signature field, from the top of the header down. */
  async finish(keys: Keys): Promise<DkimResult[]> {
    this.#hashes.end();
    const checked = new Set(this.#checked().map(({ field }) => field));
    return Promise.all(
      this.#found.map(async ({ field, signature }): Promise<DkimResult> => {
        if (signature instanceof BadSignature) return unread(signature);
        const outcome = checked.has(field)
          ? await this.#check(field, signature, keys)
          : { result: 'neutral' as const, why: `more than ${signaturesMax} signatures` };
        return { ...described(signature), ...outcome };
      }),
    );
  }

  #checked(): { field: HeaderField; signature: Signature }[] {
    const good = this.#found.filter(
      (one): one is { field: HeaderField; signature: Signature } => !(one.signature instanceof BadSignature),
    );
    return good.slice(0, signaturesMax);
  }

  async #check(field: HeaderField, signature: Signature, { keyOf, nowSeconds }: Keys): Promise<Outcome> {
    if (signature.expiresAtSeconds !== undefined && signature.expiresAtSeconds < nowSeconds)
      return { result: 'fail', why: 'the signature has expired' };
    const body = this.#hashes.of(signature);
    const { bodyLength = body.bodyBytes } = signature;
    if (bodyLength > body.bodyBytes) return { result: 'permerror', why: 'l= is more than there is' };
    if (body.digest !== signature.bodyHash) return { result: 'fail', why: 'the body has been changed' };
    const key = await keyOf(signature.selector, signature.domain);
    if ('why' in key) return { result: key.temporary ? 'temperror' : 'permerror', why: key.why };
    const outcome = verifyHeader({ header: this.#header, block: this.#block, field, signature, key });
    if (outcome.result !== 'pass' || bodyLength === body.bodyBytes) return outcome;
    return {
      ...outcome,
      result: 'policy',
      why: `${body.bodyBytes - bodyLength} octets of the body are not signed`,
    };
  }
}

export interface HeaderToVerify {
  readonly header: Buffer;
  readonly block: HeaderBlock;
  /** The signature's own field. */
  readonly field: HeaderField;
  readonly signature: Signature;
  readonly key: PublicKey;
}

export type Outcome = Pick<DkimResult, 'result' | 'why'> & Partial<Pick<DkimResult, 'keyBits' | 'testing'>>;

/** The signature over the header, when the body is known to be right. */
export function verifyHeader({ header, block, field, signature, key }: HeaderToVerify): Outcome {
  const about = { keyBits: key.bits, testing: key.testing };
  if (!signature.algorithm.startsWith(key.type))
    return { result: 'permerror', why: 'the key is of another kind' };
  if (isOfBadLength(key)) return { ...about, result: 'policy', why: `a key of ${key.bits} bits` };
  if (
    key.strict &&
    signature.identity.slice(signature.identity.lastIndexOf('@') + 1).toLowerCase() !== signature.domain
  )
    return { ...about, result: 'permerror', why: 'the key does not allow a subdomain in i=' };
  const signed = selectFields(block.fields, signature.headers)
    .map((one) => canonicalField(header, one, signature.header))
    .join('');
  const own = canonicalSignature(header, field, signature.header);
  const good = isSignedBy(key, Buffer.from(signed + own, 'latin1'), signature.signature);
  return good
    ? { ...about, result: 'pass', why: '' }
    : { ...about, result: 'fail', why: 'the header has been changed' };
}

/** RFC 6376, 3.3.1; RFC 8463, 3: Ed25519 signs the hash of the data. */
export function isSignedBy(key: PublicKey, data: Buffer, signature: Buffer): boolean {
  try {
    if (key.type === 'rsa') return verify('sha256', data, key.key, signature);
    return verify(null, hash('sha256', data, 'buffer'), key.key, signature);
  } catch {
    return false;
  }
}

function described({
  domain,
  selector,
  identity,
  algorithm,
  signature,
}: Signature): Omit<DkimResult, 'result' | 'why'> {
  const start = signature.toString('base64').slice(0, startChars);
  return { domain, selector, identity, algorithm, keyBits: 0, testing: false, start };
}

function unread({ why, domain, selector }: BadSignature): DkimResult {
  const about = {
    domain,
    selector,
    identity: '',
    algorithm: undefined,
    keyBits: 0,
    testing: false,
    start: '',
  };
  return { result: 'permerror', why, ...about };
}

interface HashedBody {
  readonly digest: string;
  readonly bodyBytes: number;
}

/** The hashes that signatures ask for: most ask for the same one. */
export class BodyHashes {
  readonly #hashes = new Map<string, BodyHash>();
  readonly #done = new Map<string, HashedBody>();

  constructor(signatures: readonly Signature[]) {
    for (const signature of signatures) {
      const { body, hash: name, bodyLength: length } = signature;
      const key = keyOfHash(signature);
      if (!this.#hashes.has(key))
        this.#hashes.set(key, new BodyHash({ canonicalization: body, hash: name, length }));
    }
  }

  get size(): number {
    return this.#hashes.size;
  }

  write(chunk: Uint8Array): void {
    for (const one of this.#hashes.values()) one.write(chunk);
  }

  end(): void {
    for (const [key, one] of this.#hashes)
      this.#done.set(key, { digest: one.digest(), bodyBytes: one.bodyBytes });
    this.#hashes.clear();
  }

  of(signature: Signature): HashedBody {
    return this.#done.get(keyOfHash(signature))!;
  }
}

const keyOfHash = ({ body, hash: name, bodyLength }: Signature): string =>
  `${body} ${name} ${bodyLength ?? ''}`;
