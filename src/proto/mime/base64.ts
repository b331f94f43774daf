/**
 * Base64 as mail has it (RFC 2045, 6.8): characters outside the alphabet are passed over, padding may be missing, and after
 * padding more may follow (bodies glued together). Never throws.
 */
const PAD = 0x3d;
const lineBytes = 57;

/** Decodes text or the bytes of a body. */
export function decodeBase64(input: string | Buffer): Buffer {
  const text = typeof input === 'string' ? input : input.toString('latin1');
  const pad = text.indexOf('=');
  // Node.js passes over foreign characters itself, and stops at padding.
  if (pad === -1 || isEnd(text, pad)) return Buffer.from(text, 'base64');
  const pieces: Buffer[] = [];
  for (let at = 0; at < text.length; ) {
    const next = text.indexOf('=', at);
    const end = next === -1 ? text.length : next;
    if (end > at) pieces.push(Buffer.from(text.slice(at, end), 'base64'));
    at = end + 1;
  }
  return Buffer.concat(pieces);
}

function isEnd(text: string, pad: number): boolean {
  for (let i = pad; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== PAD && code > 0x20) return false;
  }
  return true;
}

/** Lines of 76 characters, each with its CRLF; empty for no bytes. */
export function encodeBase64Lines(bytes: Buffer): Buffer {
  const lines = Math.ceil(bytes.length / lineBytes);
  const out = Buffer.allocUnsafe(Math.ceil(bytes.length / 3) * 4 + lines * 2);
  let at = 0;
  for (let from = 0; from < bytes.length; from += lineBytes) {
    at += out.write(bytes.toString('base64', from, Math.min(from + lineBytes, bytes.length)), at, 'latin1');
    out[at++] = 0x0d;
    out[at++] = 0x0a;
  }
  return out;
}
