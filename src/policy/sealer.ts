/**
 * Seals what is sent on (ARC, RFC 8617): whoever gets it next can see what it was when it came here, though SPF fails now and others have perhaps changed it.
 *
 * Sealed is what our MX has examined, which is known by our Authentication-Results as the very first field: below it anybody may have written one.
 * The domain by whose address a message is sent on seals it, with its RSA key, as many know no other for ARC; and only when its record has been seen in DNS:
 * a seal without a key breaks the chain of those before.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import { readChain } from '../proto/arc/chain.ts';
import { ArcSealer } from '../proto/arc/seal.ts';
import type { ArcResult } from '../proto/arc/verify.ts';
import { parseResults } from '../proto/authres/parse.ts';
import { signedNames } from '../proto/dkim/sign.ts';
import { findFields, parseHeaders, type HeaderBlock } from '../proto/mime/headers.ts';
import type { OurKey } from './signer.ts';

export interface SealerParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Our name in Authentication-Results. */
  readonly authservId: string;
  readonly keysFor: (domain: string) => Promise<readonly OurKey[]>;
}

export interface Sealing {
  /** A piece of the body, as it is sent. */
  body(chunk: Uint8Array): void;
  /** Whole fields to be put on top; empty when it could not be sealed. */
  finish(): Promise<Buffer>;
}

const secondMs = 1000;

export class Sealer {
  readonly #parts: SealerParts;
  readonly #sealed: Counter<'cv'>;

  constructor(parts: SealerParts) {
    this.#parts = parts;
    this.#sealed = parts.metrics.counter(
      'hikyaku_policy_sealed_total',
      'Messages sealed (ARC) that were sent on.',
      ['cv'],
    );
  }

  /** `header` as it is stored, whole lines; `domain`: that of the address by which it is sent on. Undefined: it is not sealed. */
  async for(header: Buffer, domain: string): Promise<Sealing | undefined> {
    const { clock, authservId, keysFor, log } = this.#parts;
    const block = parseHeaders(header);
    const results = ownResults(header, block, authservId);
    const chain = results === undefined ? undefined : foundChain(header, block, results);
    if (results === undefined || chain === undefined) return undefined;
    const key = (await keysFor(domain)).find(({ algorithm, seen }) => algorithm === 'rsa-sha256' && seen);
    if (key === undefined) return undefined;
    const signatures = findFields(block, 'dkim-signature').map(({ name }) => name);
    const names = [...signedNames(block), ...signatures];
    const nowSeconds = Math.floor(clock.nowMs() / secondMs);
    const sealer = new ArcSealer(header, block, { key, nowSeconds, names });
    return {
      body: (chunk) => sealer.body(chunk),
      finish: async () => {
        try {
          const fields = await sealer.finish(results, chain);
          if (fields !== '') this.#sealed.add(1, { cv: chain.result });
          // Octets, as the results were read.
          return Buffer.from(fields, 'latin1');
        } catch (error) {
          log.error({ error, domain }, 'a message could not be sealed');
          return Buffer.alloc(0);
        }
      },
    };
  }
}

/** The content of the field that our MX has put on top, in latin1. */
function ownResults(header: Buffer, { fields }: HeaderBlock, authservId: string): string | undefined {
  const [first] = fields;
  if (first?.name !== 'authentication-results') return undefined;
  const value = header.toString('latin1', first.valueStart, first.end).trim();
  return parseResults(value).authservId === authservId.toLowerCase() ? value : undefined;
}

/** The chain as our MX found it. Undefined where that is not known, because DNS did not answer. */
function foundChain(header: Buffer, block: HeaderBlock, results: string): ArcResult | undefined {
  const said = parseResults(results).results.find(({ method }) => method === 'arc')?.result;
  if (said !== 'none' && said !== 'pass' && said !== 'fail') return undefined;
  const chain = readChain(header, block);
  if ('broken' in chain) return { result: 'fail', why: chain.broken, sets: [], instances: chain.instances };
  return { result: said, why: '', sets: chain, instances: chain.length };
}
