/**
 * MAPI properties as TNEF carries them ([MS-OXTNEF], 2.1.3.4; types: [MS-OXCDATA], 2.11). Each value is kept as a view of its bytes;
 * only the first value of a multiple one is. Never throws; what is cut off or of unknown size ends the list.
 */
import { ByteCursor } from './byte-cursor.ts';

/** Properties of one list that are read. Outlook writes about a hundred. */
const propertiesMax = 5000;
/** Values of one property, or characters of a name, that are passed over. */
const valuesMax = 100_000;

export interface Property {
  readonly type: number;
  readonly value: Buffer;
}

/** By the id of the property; named ones (8000 hex and above) are left out, as their ids mean something else in each message. */
export type Properties = ReadonlyMap<number, Property>;

const multiple = 0x1000;
const namedFrom = 0x8000;

/** Sizes of values that have no length in front; all fill four bytes at least. */
const fixedSizes = new Map([
  [0x0001, 4],
  [0x0002, 4],
  [0x0003, 4],
  [0x0004, 4],
  [0x0005, 8],
  [0x0006, 8],
  [0x0007, 8],
  [0x000a, 4],
  [0x000b, 4],
  [0x0014, 8],
  [0x0040, 8],
  [0x0048, 16],
]);

/** Text in a code page, text in UTF-16, an object, bytes. */
const stringType = 0x1e;
const unicodeType = 0x1f;
const variable = new Set([stringType, unicodeType, 0x0d, 0x102]);

export const isUnicode = ({ type }: Property): boolean => (type & ~multiple) === unicodeType;

export function readProperties(bytes: Buffer): Properties {
  const cursor = new ByteCursor(bytes);
  const found = new Map<number, Property>();
  const count = Math.min(cursor.u32() ?? 0, propertiesMax);
  for (let i = 0; i < count && cursor.left > 0; i++) {
    const type = cursor.u16();
    const id = cursor.u16();
    if (type === undefined || id === undefined) break;
    if (id >= namedFrom) skipName(cursor);
    const value = readValue(cursor, type);
    if (value === undefined) break;
    if (id < namedFrom && !found.has(id)) found.set(id, { type, value });
  }
  return found;
}

/** A GUID, then a number or a name in UTF-16. */
function skipName(cursor: ByteCursor): void {
  cursor.take(16);
  if (cursor.u32() === 0) cursor.take(4);
  else takePadded(cursor, cursor.u32() ?? 0);
}

function readValue(cursor: ByteCursor, type: number): Buffer | undefined {
  const single = type & ~multiple;
  const fixed = fixedSizes.get(single);
  if (fixed === undefined && !variable.has(single)) return undefined;
  const counted = fixed === undefined || (type & multiple) !== 0;
  const count = counted ? cursor.u32() : 1;
  if (count === undefined || count > valuesMax) return undefined;
  let first: Buffer = Buffer.alloc(0);
  for (let i = 0; i < count; i++) {
    const value = fixed === undefined ? takePadded(cursor, cursor.u32() ?? 0) : cursor.take(fixed);
    if (value === undefined) return i === 0 ? undefined : first;
    if (i === 0) first = value;
  }
  return first;
}

/** Values of any length are filled up to a multiple of four bytes. */
function takePadded(cursor: ByteCursor, size: number): Buffer | undefined {
  const value = cursor.take(size);
  cursor.takeUpTo((4 - (size % 4)) % 4);
  return value;
}
