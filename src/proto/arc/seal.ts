/**
 * Seals a message that is sent on (RFC 8617, 5.1) while its body passes by: what we found, a signature over the message as we send it, and a seal over
 * the chain.
 *
 * A chain that was broken when it came is sealed as such, once (5.1.2); one that ends in `cv=fail` is left alone.
 */
import { BodyHash } from '../dkim/body-hash.ts';
import { canonicalField, relaxedField, selectFields } from '../dkim/header-canonicalization.ts';
import { signedField } from '../dkim/signature-field.ts';
import type { SigningKey } from '../dkim/signing-key.ts';
import type { HeaderBlock } from '../mime/headers.ts';
import { instancesMax, type ArcSet } from './chain.ts';
import type { ArcResult } from './verify.ts';

export interface Sealing {
  readonly key: SigningKey;
  readonly nowSeconds: number;
  /** Names for `h=`, each as often as it is signed. Not ARC-Seal, nor what changes on the way. */
  readonly names: readonly string[];
  /** Signatures in one piece, however long: as the test suite of ARC has them. */
  readonly unfolded?: boolean;
}

export class ArcSealer {
  readonly #header: Buffer;
  readonly #block: HeaderBlock;
  readonly #sealing: Sealing;
  readonly #hash = new BodyHash({ canonicalization: 'relaxed', hash: 'sha256' });

  constructor(header: Buffer, block: HeaderBlock, sealing: Sealing) {
    this.#header = header;
    this.#block = block;
    this.#sealing = sealing;
  }

  body(chunk: Uint8Array): void {
    this.#hash.write(chunk);
  }

  /**
   * The three fields of our set, to be put on top; `''` when the chain goes on no further. `results` is the content of an Authentication-Results
   * field, our id first. `chain` is what we found of the message as it came.
   */
  async finish(results: string, chain: ArcResult): Promise<string> {
    const instance = chain.instances + 1;
    const closed = chain.sets.at(-1)?.seal.cv === 'fail';
    if (closed || instance > instancesMax || chain.result === 'temperror') return '';
    const own = await this.#set(instance, results);
    const cv = chain.result;
    // RFC 8617, 5.1.2: of a broken chain only our own set is sealed, for the others may be anything.
    const before = cv === 'fail' ? '' : this.#earlier(chain.sets);
    const { key, nowSeconds, unfolded } = this.#sealing;
    const seal = await signedField({
      name: 'ARC-Seal',
      tags: [
        ['a', key.algorithm],
        ['b', ''],
        ['cv', cv],
        ['d', key.domain],
        ['i', String(instance)],
        ['s', key.selector],
        ['t', String(nowSeconds)],
      ],
      signed: before + own.canonical,
      key,
      unfolded,
    });
    return seal + own.fields;
  }

  async #set(instance: number, results: string): Promise<{ fields: string; canonical: string }> {
    const { key, nowSeconds, names, unfolded } = this.#sealing;
    const resultsField = `ARC-Authentication-Results: i=${instance}; ${results}\r\n`;
    const signed = selectFields(this.#block.fields, names)
      .map((field) => canonicalField(this.#header, field, 'relaxed'))
      .join('');
    const message = await signedField({
      name: 'ARC-Message-Signature',
      tags: [
        ['a', key.algorithm],
        ['b', ''],
        ['bh', this.#hash.digest()],
        ['c', 'relaxed/relaxed'],
        ['d', key.domain],
        ['h', names.join(':')],
        ['i', String(instance)],
        ['s', key.selector],
        ['t', String(nowSeconds)],
      ],
      signed,
      key,
      unfolded,
    });
    return {
      fields: message + resultsField,
      canonical: [resultsField, message].map((field) => `${relaxedOf(field)}\r\n`).join(''),
    };
  }

  #earlier(sets: readonly ArcSet[]): string {
    return sets
      .flatMap(({ fields }) => [fields.results, fields.message, fields.seal])
      .map((field) => canonicalField(this.#header, field, 'relaxed'))
      .join('');
  }
}

function relaxedOf(field: string): string {
  const colon = field.indexOf(':');
  return relaxedField(field.slice(0, colon), field.slice(colon + 1));
}
