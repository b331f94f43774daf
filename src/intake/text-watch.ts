/**
 * Somebody who watches the text of a mail on its way into the store, and at its end has header fields to put on top, or refuses the mail: who examines
 * mail from outside, and who signs our own.
 */
import type { MailInspection, Ruling } from '../policy/inspector.ts';
import type { Signed, Signing, StartSigning } from '../policy/signer.ts';
import { HeaderGatherer } from './header-gatherer.ts';
import { JudgedRefusal } from './judged-refusal.ts';

export interface TextWatch {
  /** Text as it is stored, from behind the header on: the blank line comes first. The bytes may be reused once this returned and its promise, if any, resolved. */
  write(bytes: Buffer): Promise<void> | undefined;
  /** The text is whole. Resolves with whole fields to be put on top; rejects with a refusal. */
  finish(): Promise<string>;
  abort(): void;
}

/** Each in turn sees the text; at the end the first may refuse before the others have done their work. */
export class WatchedBySeveral implements TextWatch {
  readonly #watches: readonly TextWatch[];

  constructor(watches: readonly TextWatch[]) {
    this.#watches = watches;
  }

  write(bytes: Buffer): Promise<void> | undefined {
    const waits = this.#watches.flatMap((watch) => watch.write(bytes) ?? []);
    return waits.length === 0 ? undefined : Promise.all(waits).then(() => undefined);
  }

  async finish(): Promise<string> {
    let fields = '';
    for (const watch of this.#watches) fields += await watch.finish();
    return fields;
  }

  abort(): void {
    for (const watch of this.#watches) watch.abort();
  }
}

export function together(watches: readonly TextWatch[]): TextWatch | undefined {
  return watches.length > 1 ? new WatchedBySeveral(watches) : watches[0];
}

/** Octets of fields that a watch may put on top. */
export const watchFieldsMaxBytes = 32 * 1024;

const lineEndBytes = 2;

export type Accepting = Extract<Ruling, { is: 'accept' }>;

export class ExaminedText implements TextWatch {
  readonly #inspection: MailInspection;
  readonly #onAccepted: (ruling: Accepting) => void;
  /** Fields that we put behind the header that was examined, as we do with mail of our own. */
  #label: HeaderGatherer | undefined = new HeaderGatherer(watchFieldsMaxBytes);
  readonly #others: () => Parameters<MailInspection['finish']>[0];
  /** Octets of the blank line that have not come yet. */
  #blank = lineEndBytes;

  /** `others`: what was found by whoever is no part of the inspection, once the text is whole. */
  constructor(
    inspection: MailInspection,
    onAccepted: (ruling: Accepting) => void,
    others: () => Parameters<MailInspection['finish']>[0] = () => undefined,
  ) {
    this.#inspection = inspection;
    this.#onAccepted = onAccepted;
    this.#others = others;
  }

  write(bytes: Buffer): Promise<void> | undefined {
    if (this.#label === undefined) return this.#body(bytes);
    const gathered = this.#label.push(bytes);
    if (gathered === undefined || gathered === 'tooLarge') return undefined;
    this.#label = undefined;
    return this.#body(gathered.rest);
  }

  #body(bytes: Buffer): Promise<void> | undefined {
    const skipped = Math.min(this.#blank, bytes.length);
    this.#blank -= skipped;
    return bytes.length > skipped ? this.#inspection.body(bytes.subarray(skipped)) : undefined;
  }

  async finish(): Promise<string> {
    const ruling = await this.#inspection.finish(this.#others());
    if (ruling.is === 'refuse') throw new JudgedRefusal(ruling);
    this.#onAccepted(ruling);
    return ruling.fields;
  }

  abort(): void {
    this.#inspection.abort();
  }
}

export interface ToSign {
  readonly start: StartSigning;
  /** Whole lines without the blank line. Fields may still be added to it at the beginning of what is written. */
  readonly header: Buffer;
  readonly headerMaxBytes: number;
  readonly onSigned: (signed: Signed) => void;
}

/** Signs mail of our own: over the header as it is sent, with whatever is still put into it, and the body behind it. */
export class SignedText implements TextWatch {
  readonly #start: StartSigning;
  readonly #onSigned: (signed: Signed) => void;
  #gatherer: HeaderGatherer | undefined;
  #signing: Signing | undefined;
  #blank = lineEndBytes;

  constructor({ start, header, headerMaxBytes, onSigned }: ToSign) {
    this.#start = start;
    this.#onSigned = onSigned;
    this.#gatherer = new HeaderGatherer(headerMaxBytes + watchFieldsMaxBytes);
    this.#gatherer.push(header);
  }

  write(bytes: Buffer): undefined {
    if (this.#gatherer === undefined) return this.#body(bytes);
    const gathered = this.#gatherer.push(bytes);
    if (gathered === undefined || gathered === 'tooLarge') return undefined;
    this.#gatherer = undefined;
    this.#signing = this.#start(gathered.header);
    return this.#body(gathered.rest);
  }

  #body(bytes: Buffer): undefined {
    const skipped = Math.min(this.#blank, bytes.length);
    this.#blank -= skipped;
    if (bytes.length > skipped) this.#signing!.body(bytes.subarray(skipped));
    return undefined;
  }

  async finish(): Promise<string> {
    this.#signing ??= this.#start(this.#gatherer!.end().header);
    const signed = await this.#signing.finish();
    this.#onSigned(signed);
    return signed.fields;
  }

  abort(): void {}
}
