/**
 * Somebody who watches the text of a mail on its way into the store, and at its end has header fields to put on top, or refuses the mail: who examines
 * mail from outside, and who signs our own.
 */
import type { MailInspection, Ruling } from '../policy/inspector.ts';
import { JudgedRefusal } from './judged-refusal.ts';

export interface TextWatch {
  /** Text as it is stored, from behind the header on: the blank line comes first. The bytes may be reused once this returned and its promise, if any, resolved. */
  write(bytes: Buffer): Promise<void> | undefined;
  /** The text is whole. Resolves with whole fields to be put on top; rejects with a refusal. */
  finish(): Promise<string>;
  abort(): void;
}

/** Octets of fields that a watch may put on top. */
export const watchFieldsMaxBytes = 32 * 1024;

const lineEndBytes = 2;

export type Accepting = Extract<Ruling, { is: 'accept' }>;

export class ExaminedText implements TextWatch {
  readonly #inspection: MailInspection;
  readonly #onAccepted: (ruling: Accepting) => void;
  /** Octets of the blank line that have not come yet. */
  #blank = lineEndBytes;

  constructor(inspection: MailInspection, onAccepted: (ruling: Accepting) => void) {
    this.#inspection = inspection;
    this.#onAccepted = onAccepted;
  }

  write(bytes: Buffer): Promise<void> | undefined {
    const skipped = Math.min(this.#blank, bytes.length);
    this.#blank -= skipped;
    return bytes.length > skipped ? this.#inspection.body(bytes.subarray(skipped)) : undefined;
  }

  async finish(): Promise<string> {
    const ruling = await this.#inspection.finish();
    if (ruling.is === 'refuse') throw new JudgedRefusal(ruling);
    this.#onAccepted(ruling);
    return ruling.fields;
  }

  abort(): void {
    this.#inspection.abort();
  }
}
