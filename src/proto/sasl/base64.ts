/** Base64 as SASL profiles use it on a line (RFC 4648, 4): strict, no white space, right padding. */

const shape = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** The bytes, or undefined when the text is not base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  return shape.test(text) ? Buffer.from(text, 'base64') : undefined;
}

export function encodeBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

/** An initial response as it stands in the command: `=` is an empty one (RFC 4954, 4; RFC 9051, 6.2.2; RFC 5034, 4). */
export function decodeInitial(text: string): Uint8Array | undefined {
  return text === '=' ? new Uint8Array(0) : decodeBase64(text);
}
