/**
 * What is known of an email without reading it again: computed once, when it comes in, on the thread that received it.
 *
 * `EmailFacts` is what a placement or an append carries: scalars for rows, and the details in their stored form. `EmailDetails` is what
 * a reader gets back: the MIME index with envelope and offsets, and the preview.
 */
import type { MessageIndex } from '../proto/mime/structure.ts';
import type { Bodies, StoredBody } from '../store/body.ts';

/** Must survive a structured clone. */
export interface EmailFacts {
  readonly sizeBytes: number;
  /** From the Date field; undefined when there is none that can be read. */
  readonly sentAtMs: number | undefined;
  /** Hashes of own Message-ID and of those it refers to, at most `referencesMax`; below 2^52. */
  readonly references: readonly number[];
  /** Hash of the base subject (RFC 5256, 2.1), below 2^52. */
  readonly subject: number;
  /** `EmailDetails` as it is stored. */
  readonly details: string;
}

export interface EmailDetails {
  readonly index: MessageIndex;
  readonly preview: string;
  readonly hasAttachment: boolean;
  /** Of the Date field, with its zone in minutes east; undefined when there is none that can be read. */
  readonly sentAtMs: number | undefined;
  readonly sentZoneMinutes: number;
}

/** Own id, the first reference, and the last ones: a long chain is bounded without losing either end. */
export const referencesMax = 20;

/** A message above this is indexed from its first bytes only, so that one message cannot fill the memory. */
export const indexedMaxBytes = 64 * 1024 * 1024;

export function prepareEmail(bytes: Uint8Array): EmailFacts {
  throw new Error(`not landed yet: ${bytes.length}`);
}

/** The same for a body that is stored already. */
export async function prepareStored(bodies: Bodies, body: StoredBody): Promise<EmailFacts> {
  return prepareEmail(await bodies.read(body));
}

export function decodeDetails(stored: string): EmailDetails {
  return JSON.parse(stored) as EmailDetails;
}
