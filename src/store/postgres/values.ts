/** Values on their way to and from PostgreSQL, so that both engines give the same: numbers, strings, bytes, null. */
import type { Param } from '../transaction.ts';

type Parser = (value: string) => unknown;

const toBytes: Parser = (value) => {
  const bytes = Buffer.from(value.slice(2), 'hex');
  return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
};
const toBit: Parser = (value) => (value === 't' ? 1 : 0);
const asText: Parser = (value) => value;

/** By type OID. Sums of bigint come as numeric. What is not listed comes as text. */
const parsers: Readonly<Record<number, Parser>> = {
  16: toBit,
  17: toBytes,
  20: Number,
  21: Number,
  23: Number,
  26: Number,
  700: Number,
  701: Number,
  1700: Number,
};

export const types = {
  getTypeParser: (oid: number): Parser => parsers[oid] ?? asText,
};

/** Throws for what a statement may not have as a parameter. PostgreSQL has no NUL in text; it becomes U+FFFD. */
export function toParameter(value: Param): unknown {
  if (value === null || typeof value === 'number' || value instanceof Uint8Array) return value;
  if (typeof value !== 'string')
    throw new TypeError(`a ${typeof value} cannot be a parameter of a statement`);
  return value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
}
