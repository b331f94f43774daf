/**
 * Signs a message with all keys of its domain while its body passes by (RFC 6376, 5; RFC 8463: an RSA and an Ed25519 signature side by side).
 *
 *   const signer = new DkimSigner(header, parseHeaders(header), { keys, nowSeconds });
 *   signer.body(chunk); …
 *   const fields = await signer.finish();          // to be put on top
 *
 * Relaxed both ways. Fields that make a message what it is are signed once more than they stand there (oversigned), so that none can be added; fields
 * that lists and gateways rightly add are signed as they are.
 */
import type { HeaderBlock } from '../mime/headers.ts';
import { BodyHash } from './body-hash.ts';
import { canonicalField, selectFields } from './header-canonicalization.ts';
import { signedField } from './signature-field.ts';
import type { SigningKey } from './signing-key.ts';

export interface SigningOptions {
  /** Of one domain. */
  readonly keys: readonly SigningKey[];
  readonly nowSeconds: number;
}

/** RFC 6376, 5.4.1, and what decides how the body is read. */
const oversigned: readonly string[] = [
  'from',
  'to',
  'cc',
  'subject',
  'date',
  'message-id',
  'reply-to',
  'in-reply-to',
  'references',
  'mime-version',
  'content-type',
  'content-transfer-encoding',
];
/** Signed where they stand. RFC 8058, 4 wants the List-Unsubscribe fields signed. */
const signedOnce: readonly string[] = [
  'sender',
  'resent-date',
  'resent-from',
  'resent-sender',
  'resent-to',
  'resent-cc',
  'resent-message-id',
  'list-id',
  'list-help',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-subscribe',
  'list-post',
  'list-owner',
  'list-archive',
  'content-id',
  'content-description',
  'content-disposition',
  'content-language',
  'auto-submitted',
  'feedback-id',
  'cfbl-address',
  'cfbl-feedback-id',
  'tls-required',
];

/** The names of `h=` for this header. */
export function signedNames(block: HeaderBlock): string[] {
  const counts = new Map<string, number>();
  for (const { name } of block.fields) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names: string[] = [];
  for (const name of oversigned) for (let i = counts.get(name) ?? 0; i >= 0; i--) names.push(name);
  for (const name of signedOnce) for (let i = counts.get(name) ?? 0; i > 0; i--) names.push(name);
  return names;
}

export class DkimSigner {
  readonly #header: Buffer;
  readonly #block: HeaderBlock;
  readonly #options: SigningOptions;
  readonly #hash = new BodyHash({ canonicalization: 'relaxed', hash: 'sha256' });

  constructor(header: Buffer, block: HeaderBlock, options: SigningOptions) {
    this.#header = header;
    this.#block = block;
    this.#options = options;
  }

  body(chunk: Uint8Array): void {
    this.#hash.write(chunk);
  }

  /** One field for each key. */
  async finish(): Promise<string> {
    const { keys, nowSeconds } = this.#options;
    const bodyHash = this.#hash.digest();
    const names = signedNames(this.#block);
    const signed = selectFields(this.#block.fields, names)
      .map((field) => canonicalField(this.#header, field, 'relaxed'))
      .join('');
    const fields = keys.map((key) =>
      signedField({
        name: 'DKIM-Signature',
        tags: [
          ['v', '1'],
          ['a', key.algorithm],
          ['c', 'relaxed/relaxed'],
          ['d', key.domain],
          ['s', key.selector],
          ['t', String(nowSeconds)],
          ['h', names.join(':')],
          ['bh', bodyHash],
          ['b', ''],
        ],
        signed,
        key,
      }),
    );
    return (await Promise.all(fields)).join('');
  }
}
