export interface Decoded {
  readonly text: string;
  /** Bytes did not fit the charset, or the charset is unknown: `isEncodingProblem` of JMAP (RFC 8621, 4.1.4). */
  readonly problem: boolean;
}
/** Bytes to text by the label of a charset, repaired where the label is known to lie; undefined label: guessed. Never throws. */
export function decodeCharset(bytes: Uint8Array, label: string | undefined): Decoded {
  throw new Error(`${bytes.length}${label}`);
}
/** ISO-2022-JP, or undefined when the text has a character it cannot carry. Half-width kana become full-width. */
export function encodeIso2022Jp(text: string): Buffer | undefined {
  throw new Error(text);
}
