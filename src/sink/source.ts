/** What a provider knows of one address that sends to it. */
import { Allowance, LastMinute } from './meter.ts';

/** Recipients looked back over when the share of unknown ones is judged. */
const windowMax = 200;

export class Source {
  connections = 0;
  blockedUntilMs = 0;
  readonly connectionRate = new Allowance();
  readonly messageRate = new Allowance();
  readonly recipientRate = new Allowance();
  readonly byteRate = new Allowance();
  readonly connectionsLately = new LastMinute();
  readonly messagesLately = new LastMinute();
  readonly recipientsLately = new LastMinute();
  readonly bytesLately = new LastMinute();
  #recipients = 0;
  #unknown = 0;

  /** Older recipients count for half once there are many, so that the share follows what is sent now. */
  recipient(unknown: boolean): void {
    this.#recipients += 1;
    if (unknown) this.#unknown += 1;
    if (this.#recipients < windowMax) return;
    this.#recipients /= 2;
    this.#unknown /= 2;
  }

  /** Recipients that count, and which share of them is unknown. */
  get unknownShare(): { readonly recipients: number; readonly percent: number } {
    const percent = this.#recipients === 0 ? 0 : (100 * this.#unknown) / this.#recipients;
    return { recipients: this.#recipients, percent };
  }

  forgetRecipients(): void {
    this.#recipients = 0;
    this.#unknown = 0;
  }
}
