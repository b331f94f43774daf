/**
 * Signs what we send: picks the keys of the author's domain, or of the domain of ours above it, and hands out a signer for the text.
 *
 * Mail whose author is nobody of ours is not signed, and what carries a signature of these keys already is not signed again. A key that cannot be used is an
 * error in the log, and its mail goes unsigned: it is better late in another's Junk than not there at all.
 */
import type { KeyObject } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import { BadSignature, readSignature } from '../proto/dkim/signature.ts';
import { DkimSigner } from '../proto/dkim/sign.ts';
import { signingKey, type SigningKey } from '../proto/dkim/signing-key.ts';
import { authorOf } from '../proto/dmarc/author.ts';
import { findFields, parseHeaders, type HeaderBlock } from '../proto/mime/headers.ts';

/** A key as it is kept. */
export interface KeptKey {
  readonly domain: string;
  readonly selector: string;
  readonly kept: string;
  /** Its record has been seen in DNS. */
  readonly seen: boolean;
}

/** A key that signs, opened. */
export type OurKey = SigningKey & Pick<KeptKey, 'seen'>;

export interface SignerParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  /** Keys that sign for a domain now. */
  readonly keysOf: (domain: string) => Promise<readonly KeptKey[]>;
  /** Whether a domain is one of ours, with keys or without. */
  readonly isOurs: (domain: string) => Promise<boolean>;
  /** Whether any domain has one. */
  readonly hasKeys: () => Promise<boolean>;
  /** Throws when it cannot be opened. */
  readonly open: (key: KeptKey) => KeyObject;
}

/** Signs one text. */
export interface Signing {
  body(chunk: Uint8Array): void;
  finish(): Promise<Signed>;
}

export interface Signed {
  /** Whole fields to be put on top; `''` when it could not be signed. */
  readonly fields: string;
  readonly domain: string;
  /** Which keys have signed. */
  readonly keys: readonly Pick<OurKey, 'selector' | 'algorithm' | 'seen'>[];
}

/** Begins with the header as it is sent. */
export type StartSigning = (header: Buffer) => Signing;

/** Opened keys that are kept: those of many thousands of domains. */
const openedMax = 5000;
/** Labels of a name below a domain of ours. */
const labelsMax = 10;
/** How often it is looked whether there are keys by now. */
const lookAgainMs = 1000;
const secondMs = 1000;

export class Signer {
  readonly #parts: SignerParts;
  readonly #opened = new Map<string, SigningKey | undefined>();
  readonly #signed: Counter<'outcome'>;
  #idleUntilMs = Number.NEGATIVE_INFINITY;

  constructor(parts: SignerParts) {
    this.#parts = parts;
    this.#signed = parts.metrics.counter(
      'hikyaku_policy_signed_total',
      'Messages of ours, signed or why not.',
      ['outcome'],
    );
  }

  /** False while no domain has keys: nothing needs to be looked at. */
  get active(): boolean {
    return this.#parts.clock.monotonicMs() >= this.#idleUntilMs;
  }

  /** Who signs mail with this header (whole lines, without the blank line); undefined: nobody. */
  async for(header: Buffer): Promise<StartSigning | undefined> {
    const { clock, hasKeys } = this.#parts;
    if (!(await hasKeys())) {
      this.#idleUntilMs = clock.monotonicMs() + lookAgainMs;
      return undefined;
    }
    const block = parseHeaders(header);
    // Lines at its end that are no fields: some take them for the body.
    if (block.end < header.length) return undefined;
    const author = authorOf(header, block);
    const keys = author.is === 'author' ? await this.keysFor(author.domain) : [];
    if (keys.length === 0 || carriesOurs(header, block, keys)) return undefined;
    return (sent) => this.#start(sent, keys);
  }

  /** Signs a whole message, as those are that we write ourselves. The same message when nobody signs it. */
  async signed(message: Buffer): Promise<Buffer> {
    const block = parseHeaders(message);
    const header = message.subarray(0, block.end);
    const start = this.active ? await this.for(header) : undefined;
    if (start === undefined) return message;
    const signing = start(header);
    signing.body(message.subarray(block.bodyStart));
    const { fields } = await signing.finish();
    return Buffer.concat([Buffer.from(fields), message]);
  }

  /**
   * Keys of the domain, or of the nearest above it that is ours: relaxed alignment lets that stand for it (RFC 9989, 4.4.1). A domain of ours without
   * keys is signed by nobody: what is above it may be another organisation's.
   */
  async keysFor(domain: string): Promise<readonly OurKey[]> {
    const { keysOf, isOurs } = this.#parts;
    let name = domain;
    for (let i = 0; i < labelsMax && name.includes('.'); i++) {
      const kept = await keysOf(name);
      if (kept.length > 0) return kept.flatMap((key) => this.#open(key) ?? []);
      if (await isOurs(name)) return [];
      name = name.slice(name.indexOf('.') + 1);
    }
    return [];
  }

  #start(header: Buffer, keys: readonly OurKey[]): Signing {
    const { clock, log } = this.#parts;
    const { domain } = keys[0]!;
    const nowSeconds = Math.floor(clock.nowMs() / secondMs);
    const signer = new DkimSigner(header, parseHeaders(header), { keys, nowSeconds });
    return {
      body: (chunk) => signer.body(chunk),
      finish: async () => {
        try {
          const fields = await signer.finish();
          this.#signed.add(1, { outcome: 'signed' });
          return { fields, domain, keys };
        } catch (error) {
          this.#signed.add(1, { outcome: 'failed' });
          log.error({ error, domain }, 'a message could not be signed');
          return { fields: '', domain, keys: [] };
        }
      },
    };
  }

  #open(key: KeptKey): OurKey | undefined {
    const { domain, selector, kept, seen } = key;
    const id = `${selector} ${domain} ${kept}`;
    const opened = this.#opened.has(id) ? this.#opened.get(id) : this.#openNew(id, key);
    return opened && { ...opened, seen };
  }

  #openNew(id: string, key: KeptKey): SigningKey | undefined {
    const { domain, selector } = key;
    if (this.#opened.size >= openedMax) this.#opened.clear();
    let opened: SigningKey | undefined;
    try {
      opened = signingKey(domain, selector, this.#parts.open(key));
    } catch (error) {
      this.#parts.log.error(
        { error, domain, selector },
        'a signing key cannot be used: mail of the domain goes unsigned',
      );
    }
    this.#opened.set(id, opened);
    return opened;
  }
}

function carriesOurs(header: Buffer, block: HeaderBlock, keys: readonly SigningKey[]): boolean {
  return findFields(block, 'dkim-signature').some((field) => {
    const read = readSignature(header.toString('utf8', field.valueStart, field.end));
    if (read instanceof BadSignature) return false;
    return keys.some(({ domain, selector }) => domain === read.domain && selector === read.selector);
  });
}
