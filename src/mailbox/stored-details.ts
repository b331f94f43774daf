/**
 * `EmailDetails` in the form in which a row keeps them: what IMAP asks for most, ready for the wire, then all of it as JSON.
 *
 *   line 1   ENVELOPE        empty where it is no line of ASCII: then it is made from the details
 *   line 2   BODYSTRUCTURE   as above
 *   line 3   JSON
 *
 * A reader that lists a mailbox needs the first two alone, and nothing is parsed for it. Rows of before have the JSON alone.
 */
import { bodyText } from '../proto/imap/body-structure.ts';
import { envelopeText } from '../proto/imap/envelope.ts';
import type { MessageIndex } from '../proto/mime/structure.ts';
import type { EmailDetails } from './email-facts.ts';

/** Text without control characters: the same in every dialect of IMAP, and never a literal. */
const plainLine = /^[\x20-\x7e]*$/;

const lineOf = (text: string): string => (plainLine.test(text) ? text : '');

export function encodeDetails(details: EmailDetails): string {
  const { envelope, root } = details.index;
  return `${lineOf(envelopeText(envelope))}\n${lineOf(bodyText(root, true))}\n${JSON.stringify(details)}`;
}

export const decodeDetails = (stored: string): StoredDetails => new StoredDetails(stored);

/** Parsed when something is asked for that is not there as a line. */
export class StoredDetails implements EmailDetails {
  readonly #stored: string;
  readonly #structureAt: number;
  readonly #jsonAt: number;
  #parsed: EmailDetails | undefined;

  constructor(stored: string) {
    this.#stored = stored;
    const bare = stored.startsWith('{');
    this.#structureAt = bare ? 0 : stored.indexOf('\n') + 1;
    this.#jsonAt = bare ? 0 : stored.indexOf('\n', this.#structureAt) + 1;
  }

  /** The text of ENVELOPE; undefined where it must be made. */
  get wireEnvelope(): string | undefined {
    return this.#structureAt <= 1 ? undefined : this.#stored.slice(0, this.#structureAt - 1);
  }

  /** The text of BODYSTRUCTURE; undefined where it must be made. */
  get wireStructure(): string | undefined {
    const end = this.#jsonAt - 1;
    return end <= this.#structureAt ? undefined : this.#stored.slice(this.#structureAt, end);
  }

  get index(): MessageIndex {
    return this.#all.index;
  }

  get preview(): string {
    return this.#all.preview;
  }

  get hasAttachment(): boolean {
    return this.#all.hasAttachment;
  }

  get sentAtMs(): number | undefined {
    return this.#all.sentAtMs;
  }

  get sentZoneMinutes(): number {
    return this.#all.sentZoneMinutes;
  }

  get ancestors(): readonly number[] | undefined {
    return this.#all.ancestors;
  }

  get #all(): EmailDetails {
    return (this.#parsed ??= JSON.parse(this.#stored.slice(this.#jsonAt)) as EmailDetails);
  }
}
