/**
 * What tells one mail of a program from another when it comes again with the same idempotency key: all of it but what a program makes anew each time (Date, Message-ID,
 * boundaries of parts, traces and signatures).
 */
import { createHash } from 'node:crypto';
import { fieldText, type HeaderBlock } from '../proto/mime/headers.ts';
import type { TextWatch } from './text-watch.ts';
import { onceFields } from './submitted-once.ts';

const madeAnew = new Set([
  'date',
  'message-id',
  'received',
  'return-path',
  'dkim-signature',
  'content-id',
  'x-mailer',
  'feedback-id',
]);

const dash = 0x2d;
const lineFeed = 0x0a;
/** Longer lines are compared in pieces. */
const lineMaxBytes = 64 * 1024;

export class SameText implements TextWatch {
  readonly #hash = createHash('sha256');
  #pending: Buffer | undefined;

  constructor(header: Buffer, { fields }: HeaderBlock) {
    const lines = fields
      .map((field) => ({ name: field.name.toLowerCase(), value: fieldText(header, field) }))
      .filter(({ name }) => !madeAnew.has(name) && !onceFields.has(name))
      .map(({ name, value }) => `${name}:${withoutBoundary(value).replace(/\s+/g, ' ').trim()}`);
    this.#hash.update(lines.toSorted().join('\n'));
  }

  write(bytes: Buffer): undefined {
    let at = 0;
    for (;;) {
      const end = bytes.indexOf(lineFeed, at);
      if (end === -1) break;
      this.#line(this.#joined(bytes.subarray(at, end + 1)));
      at = end + 1;
    }
    const rest = bytes.subarray(at);
    if (rest.length === 0) return;
    // The bytes may be reused.
    this.#pending = Buffer.from(this.#joined(rest));
    if (this.#pending.length > lineMaxBytes) this.#line(this.#joined(Buffer.alloc(0)));
  }

  #joined(bytes: Buffer): Buffer {
    const whole = this.#pending === undefined ? bytes : Buffer.concat([this.#pending, bytes]);
    this.#pending = undefined;
    return whole;
  }

  #line(line: Buffer): void {
    if (line[0] === dash && line[1] === dash) return;
    if (line.length < 1000 && line.includes('boundary=')) return;
    if (line.length < 1000 && /^content-id:/i.test(line.toString('latin1'))) return;
    this.#hash.update(line);
  }

  finish(): Promise<string> {
    if (this.#pending !== undefined) this.#line(this.#joined(Buffer.alloc(0)));
    return Promise.resolve('');
  }

  /** Once the text is whole. */
  digest(): string {
    return this.#hash.copy().digest('base64url');
  }

  abort(): void {
    this.#pending = undefined;
  }
}

const withoutBoundary = (value: string): string =>
  value.replace(/;\s*boundary\s*=\s*(?:"[^"]*"|[^;\s]*)/i, '');
