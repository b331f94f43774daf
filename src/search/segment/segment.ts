/**
 * A segment of an account's index: a dictionary of runs and their postings for some consecutive emails. It never changes; several are merged into one, and whatever is in none of
 * them is found by reading.
 *
 * Stored as pieces that are read one by one: sheets of the dictionary (some blocks each, compressed) and strips of postings, plus the heading below. A block has the runs of one field and
 * partition in their order, and of each how many documents it is in and how long its two streams are; the streams of all runs of a segment follow one another in the order of the dictionary.
 */
import { deserialize, serialize } from 'node:v8';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/** Bytes of one strip of postings, but for the last: with its key it fits in a page. */
export const stripBytes = 15_000;

export interface BlockPlace {
  readonly field: number;
  readonly partition: number;
  readonly sheet: number;
  /** Where it begins in its sheet. */
  readonly offset: number;
}

export interface Heading {
  /** Email numbers, ascending: a document is a position in here. */
  readonly emails: Uint32Array;
  /** Lengths of each document in the long fields, as postings.ts wants them; short ones have `shortBits`. */
  readonly lengths: readonly Uint8Array[];
  /** Documents that the index does not know whole: they are read in any case. */
  readonly unsure: Uint32Array;
  readonly blocks: readonly BlockPlace[];
}

/** Fields that may be long, by their number: body, header, attachment. */
export const longFields: readonly number[] = [0, 6, 8];
export const shortBits = 6;

export function lengthsOf(
  { emails, lengths }: Heading,
  field: number,
): { documents: number; bits: Uint8Array } {
  const long = longFields.indexOf(field);
  return { documents: emails.length, bits: lengths[long] ?? short(emails.length) };
}

let shortLengths = new Uint8Array(0);

function short(documents: number): Uint8Array {
  if (shortLengths.length < documents) shortLengths = new Uint8Array(2 * documents).fill(shortBits);
  return shortLengths;
}

export function encodeHeading(heading: Heading): Uint8Array {
  const { emails, blocks } = heading;
  const gaps = emails.map((email, i) => (i === 0 ? email : email - emails[i - 1]!));
  const places = Uint32Array.from(
    blocks.flatMap(({ field, partition, sheet, offset }) => [field, partition, sheet, offset]),
  );
  return zstdCompressSync(serialize({ ...heading, emails: gaps, blocks: places }));
}

export function decodeHeading(bytes: Uint8Array): Heading {
  const stored = deserialize(zstdDecompressSync(bytes)) as Omit<Heading, 'blocks'> & { blocks: Uint32Array };
  const emails = stored.emails.slice();
  for (let i = 1; i < emails.length; i++) emails[i]! += emails[i - 1]!;
  const blocks: BlockPlace[] = [];
  for (let at = 0; at < stored.blocks.length; at += 4) {
    const [field, partition, sheet, offset] = stored.blocks.subarray(at, at + 4);
    blocks.push({ field: field!, partition: partition!, sheet: sheet!, offset: offset! });
  }
  return { ...stored, emails, blocks };
}
