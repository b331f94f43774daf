/** DKIM's own quoted-printable (RFC 6376, 2.11): `=XX` for an octet, in `i=` tags. */

/** Undefined when an `=` stands for nothing. */
export function decodeQuotedPrintable(text: string): string | undefined {
  if (!text.includes('=')) return text;
  if (/=(?![0-9A-F]{2})/.test(text)) return undefined;
  const octets = Buffer.from(text).toString('latin1');
  const decoded = octets.replace(/=([0-9A-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  return Buffer.from(decoded, 'latin1').toString();
}
