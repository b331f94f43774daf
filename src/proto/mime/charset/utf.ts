/** UTF-7 (RFC 2152) and UTF-32, which TextDecoder does not have. Errors become U+FFFD. */

/** Decodes UTF-7 given as latin1 text. Characters outside ASCII stand for themselves (they are not UTF-7). */
export function decodeUtf7(text: string): string {
  let out = '';
  let at = 0;
  for (;;) {
    const plus = text.indexOf('+', at);
    if (plus === -1) return out + text.slice(at);
    out += text.slice(at, plus);
    let end = plus + 1;
    while (end < text.length && isBase64(text.charCodeAt(end))) end++;
    if (end === plus + 1) out += text[end] === '-' ? '+' : text.slice(plus, end);
    else out += utf16(text.slice(plus + 1, end));
    at = text[end] === '-' ? end + 1 : end;
  }
}

function isBase64(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x2f && code <= 0x39) ||
    code === 0x2b
  );
}

function utf16(base64: string): string {
  const bytes = Buffer.from(base64, 'base64');
  return bytes
    .subarray(0, bytes.length & ~1)
    .swap16()
    .toString('utf16le')
    .toWellFormed();
}

export function decodeUtf32(bytes: Uint8Array, charset: 'utf-32' | 'utf-32le' | 'utf-32be'): string {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const size = bytes.byteLength & ~3;
  let little = charset === 'utf-32le';
  const parts: string[] = [];
  for (let at = 0; at < size; at += 4) {
    const code = view.getUint32(at, little);
    if (at === 0 && code === 0xfeff) continue;
    if (at === 0 && code === 0xfffe0000) little = !little;
    else
      parts.push(
        code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? '\ufffd' : String.fromCodePoint(code),
      );
  }
  return parts.join('') + (size === bytes.byteLength ? '' : '\ufffd');
}

/** What is looked at where no mark tells the order. */
const orderSampleBytes = 1000;

/** The order of the bytes under the label `UTF-16`: by the mark, else by where the zeros of Latin letters stand, else the greater first (RFC 2781, 4.3). */
export function utf16Order(bytes: Uint8Array): 'utf-16le' | 'utf-16be' {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le';
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  let balance = 0;
  for (let i = 0; i < Math.min(bytes.length, orderSampleBytes); i++)
    if (bytes[i] === 0) balance += i % 2 ? 1 : -1;
  return balance > 0 ? 'utf-16le' : 'utf-16be';
}
