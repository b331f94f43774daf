/**
 * Somebody who watches the text of a mail on its way into the store, and at its end has header fields to put on top, or refuses the mail: who examines
 * mail from outside, and who signs our own.
 */
import type { Examination, Opinion } from '../policy/opinion.ts';
import { JudgedRefusal } from './judged-refusal.ts';

export interface TextWatch {
  /** Text as it is stored, from behind the header on: the blank line comes first. The bytes may be reused once this returned. */
  write(bytes: Buffer): void;
  /** The text is whole. Resolves with whole fields to be put on top; rejects with a refusal. */
  finish(): Promise<string>;
  abort(): void;
}

/** Octets of fields that a watch may put on top. */
export const watchFieldsMaxBytes = 32 * 1024;

const lineEndBytes = 2;

export type Accepting = Extract<Opinion, { is: 'accept' }>;

export class ExaminedText implements TextWatch {
  readonly #examination: Examination;
  readonly #onAccepted: (opinion: Accepting) => void;
  /** Octets of the blank line that have not come yet. */
  #blank = lineEndBytes;

  constructor(examination: Examination, onAccepted: (opinion: Accepting) => void) {
    this.#examination = examination;
    this.#onAccepted = onAccepted;
  }

  write(bytes: Buffer): void {
    const skipped = Math.min(this.#blank, bytes.length);
    this.#blank -= skipped;
    if (bytes.length > skipped) this.#examination.body(bytes.subarray(skipped));
  }

  async finish(): Promise<string> {
    const opinion = await this.#examination.finish();
    if (opinion.is === 'refuse') throw new JudgedRefusal(opinion);
    this.#onAccepted(opinion);
    return opinion.fields;
  }

  abort(): void {
    this.#examination.abort();
  }
}
