/** Texts of parts (RFC 8621, 4.1.4): LF lines, and cut where that breaks nothing. */
export interface BodyValue {
  readonly value: string;
  readonly isEncodingProblem: boolean;
  readonly isTruncated: boolean;
}

/** At most so many octets of UTF-8 (0: all): no character is split, and in HTML no tag. */
export function bodyValue(
  text: string,
  {
    maxBytes,
    isHtml,
    isEncodingProblem,
  }: { readonly maxBytes: number; readonly isHtml: boolean; readonly isEncodingProblem: boolean },
): BodyValue {
  if (maxBytes === 0 || text.length * 3 <= maxBytes || Buffer.byteLength(text) <= maxBytes)
    return { value: text, isEncodingProblem, isTruncated: false };
  const bytes = Buffer.from(text.slice(0, maxBytes));
  let end = Math.min(maxBytes, bytes.length);
  while (end > 0 && (bytes[end]! & 0xc0) === 0x80) end--;
  const value = bytes.toString('utf8', 0, end);
  return { value: isHtml ? beforeOpenTag(value) : value, isEncodingProblem, isTruncated: true };
}

function beforeOpenTag(html: string): string {
  const open = html.lastIndexOf('<');
  return open > html.lastIndexOf('>') ? html.slice(0, open) : html;
}
