import type { Decoded } from './charset.ts';
import type { MessageIndex, Part } from './structure.ts';

/** The text of a part: transfer encoding and charset undone; LF line ends; at most `bytesMax` decoded bytes are looked at. */
export function partText(
  bytes: Buffer,
  part: Part,
  options?: { bytesMax?: number; unflow?: boolean },
): Decoded {
  throw new Error(`${bytes.length}${part.type}${JSON.stringify(options)}`);
}
/** The first 256 characters a person would read (RFC 8970; RFC 8621, 4.1.4), white space squeezed. */
export function preview(bytes: Buffer, index: MessageIndex): string {
  throw new Error(`${bytes.length}${index.sizeBytes}`);
}
