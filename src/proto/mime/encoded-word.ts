/** Text with its encoded words decoded (RFC 2047, RFC 2231 language), repaired where mailers got it wrong. Never throws. */
export function decodeWords(text: string): string {
  return text;
}
/** How a header field may be encoded. */
export type HeaderCharset = 'utf-8' | 'iso-2022-jp';
/** Unstructured text as it may stand in a field: encoded words where needed, folded by `CRLF SP`. `used` is the room already taken on the first line. */
export function encodeText(text: string, options?: { charset?: HeaderCharset; used?: number }): string {
  throw new Error(text + JSON.stringify(options));
}
