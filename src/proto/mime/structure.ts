import type { Envelope } from './envelope.ts';
import type { ParameterizedValue, Parameters } from './parameter.ts';

/** One MIME part. Offsets are bytes from the start of the message. JSON-able; absent fields are left out. */
export interface Part {
  /** `text` and `plain`, lower case. What to show for an `opaque` part tells `presentedType`. */
  readonly type: string;
  readonly subtype: string;
  readonly params: Parameters;
  /** Content-Transfer-Encoding in lower case, `7bit` when absent. */
  readonly encoding: string;
  readonly headerStart: number;
  /** Behind the blank line. */
  readonly bodyStart: number;
  /** The line end in front of a boundary is not part of the body. Size in octets: `bodyEnd - bodyStart`. */
  readonly bodyEnd: number;
  /** Line ends in the body; only for `text/*` and for parts with `message`. */
  readonly lines?: number;
  /** Raw, unfolded. */
  readonly id?: string;
  readonly description?: string;
  readonly md5?: string;
  readonly location?: string;
  readonly language?: readonly string[];
  readonly disposition?: ParameterizedValue;
  /** The parts of a multipart. */
  readonly parts?: readonly Part[];
  /** The message inside message/rfc822 or message/global. */
  readonly message?: Message;
  /** A multipart without a usable boundary, or an encoded or too deep message or multipart: a leaf all the same. */
  readonly opaque?: true;
}

export interface Message {
  readonly envelope: Envelope;
  readonly root: Part;
}

export interface MessageIndex extends Message {
  readonly sizeBytes: number;
}

/** The structure of a message, in one pass. Never throws; time and memory are linear in the size. */
export function indexMessage(bytes: Uint8Array): MessageIndex {
  throw new Error(`${bytes.length}`);
}

/** Type to show to a client that must be able to rely on its form: an opaque multipart is text/plain, an opaque message application/octet-stream. */
export function presentedType(part: Part): Pick<Part, 'type' | 'subtype' | 'params'> {
  throw new Error(part.type);
}
