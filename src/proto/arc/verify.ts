/**
 * Validates the ARC chain of a message (RFC 8617, 5.2) while its body passes by, as `DkimVerifier` does for DKIM.
 *
 * Only the newest message signature must hold, as every forwarder may change the message; all seals must. The older message signatures are not looked
 * at: what they are good for (`oldest-pass`) nobody asks.
 */
import { canonicalField, canonicalSignature } from '../dkim/header-canonicalization.ts';
import { isOfBadLength } from '../dkim/key-record.ts';
import { BodyHashes, isSignedBy, verifyHeader, type Keys } from '../dkim/verify.ts';
import type { Signature } from '../dkim/signature.ts';
import type { HeaderBlock, HeaderField } from '../mime/headers.ts';
import { readChain, type ArcSet, type BrokenChain, type ChainValidation } from './chain.ts';

export interface ArcResult {
  /** `temperror` is not in RFC 8617, which leaves it to us: DNS did not answer for a key. */
  readonly result: ChainValidation | 'temperror';
  readonly why: string;
  /** From the first to the last, when the chain could be read. */
  readonly sets: readonly ArcSet[];
  /** The number of the last set; 0 without a chain. */
  readonly instances: number;
}

export class ArcVerifier {
  readonly #header: Buffer;
  readonly #block: HeaderBlock;
  readonly #chain: readonly ArcSet[] | BrokenChain;
  readonly #hashes: BodyHashes;

  constructor(header: Buffer, block: HeaderBlock) {
    this.#header = header;
    this.#block = block;
    this.#chain = readChain(header, block);
    const last = 'broken' in this.#chain ? undefined : this.#chain.at(-1);
    this.#hashes = new BodyHashes(last?.message ?? []);
  }

  /** Whether there is a chain: otherwise the body need not pass by. */
  get needed(): boolean {
    return this.#hashes.size > 0;
  }

  /** The keys that will be asked for. */
  get named(): readonly { readonly selector: string; readonly domain: string }[] {
    return 'broken' in this.#chain ? [] : this.#chain.flatMap(({ message, seal }) => [message[0], seal]);
  }

  body(chunk: Uint8Array): void {
    this.#hashes.write(chunk);
  }

  async finish(keys: Keys): Promise<ArcResult> {
    this.#hashes.end();
    const chain = this.#chain;
    if ('broken' in chain) return { result: 'fail', why: chain.broken, sets: [], instances: chain.instances };
    const about = { sets: chain, instances: chain.length };
    const last = chain.at(-1);
    if (last === undefined) return { result: 'none', why: '', ...about };
    const failed = chain.find(({ seal }) => seal.cv === 'fail');
    if (failed) return { result: 'fail', why: `had failed at ${failed.seal.domain}`, ...about };
    const problem = (await this.#message(last, keys)) ?? (await this.#seals(chain, keys));
    return problem === undefined ? { result: 'pass', why: '', ...about } : { ...problem, ...about };
  }

  async #message({ instance, message, fields }: ArcSet, keys: Keys): Promise<Problem | undefined> {
    let problem: Problem | undefined;
    for (const signature of message) {
      const found = await this.#signature(signature, fields.message, keys);
      if (found === undefined) return undefined;
      problem ??= { ...found, why: `message signature ${instance}: ${found.why}` };
    }
    return problem;
  }

  async #signature(
    signature: Signature,
    field: HeaderField,
    { keyOf, nowSeconds }: Keys,
  ): Promise<Problem | undefined> {
    const no = (why: string): Problem => ({ result: 'fail', why });
    const { expiresAtSeconds = nowSeconds, bodyLength = 0, bodyHash } = signature;
    if (expiresAtSeconds < nowSeconds) return no('it has expired');
    const body = this.#hashes.of(signature);
    if (bodyLength > body.bodyBytes) return no('l= is more than there is');
    if (body.digest !== bodyHash) return no('the body has been changed');
    const key = await keyOf(signature.selector, signature.domain);
    if ('why' in key) return key.temporary ? { result: 'temperror', why: key.why } : no(key.why);
    const outcome = verifyHeader({ header: this.#header, block: this.#block, field, signature, key });
    return outcome.result === 'pass' ? undefined : no(outcome.why);
  }

  async #seals(chain: readonly ArcSet[], { keyOf }: Keys): Promise<Problem | undefined> {
    const problems = await Promise.all(
      chain.map(async ({ instance, seal }): Promise<Problem | undefined> => {
        const no = (why: string): Problem => ({ result: 'fail', why: `seal ${instance}: ${why}` });
        const key = await keyOf(seal.selector, seal.domain);
        if ('why' in key) return key.temporary ? { ...no(key.why), result: 'temperror' } : no(key.why);
        if (!seal.algorithm.startsWith(key.type)) return no('the key is of another kind');
        if (isOfBadLength(key)) return no(`a key of ${key.bits} bits`);
        const text = sealedText(this.#header, chain.slice(0, instance));
        return isSignedBy(key, Buffer.from(text, 'latin1'), seal.signature)
          ? undefined
          : no('it does not hold');
      }),
    );
    return (
      problems.find((problem) => problem?.result === 'fail') ??
      problems.find((problem) => problem !== undefined)
    );
  }
}

interface Problem {
  readonly result: 'fail' | 'temperror';
  readonly why: string;
}

/** RFC 8617, 5.1.1: all sets so far, each its results, message signature and seal; the last seal without its own signature. */
function sealedText(header: Buffer, sets: readonly ArcSet[]): string {
  return sets
    .map(({ fields }, i) => {
      const before = [fields.results, fields.message].map((field) =>
        canonicalField(header, field, 'relaxed'),
      );
      const last = i === sets.length - 1;
      const seal = last
        ? canonicalSignature(header, fields.seal, 'relaxed')
        : canonicalField(header, fields.seal, 'relaxed');
      return before.join('') + seal;
    })
    .join('');
}
