/** HZ-GB-2312 (RFC 1843) and ISO-2022-KR (RFC 1557): 7-bit codes that are read by setting the high bit. */

const gb = new TextDecoder('gb18030');
let kr: TextDecoder | undefined;

/** `~{` and `~}` switch, `~~` is a tilde, `~` before a line end joins lines. A line end leaves GB mode. */
export function decodeHz(bytes: Uint8Array): string {
  const out = Buffer.allocUnsafe(bytes.length);
  let size = 0;
  let double = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === 0x0a) double = false;
    if (byte === 0x7e && i + 1 < bytes.length) {
      const next = bytes[i + 1]!;
      const was = size;
      if (next === 0x7b) double = true;
      else if (next === 0x7d) double = false;
      else if (next === 0x7e) out[size++] = 0x7e;
      if (size !== was || next === 0x7b || next === 0x7d || next === 0x0a) {
        i++;
        continue;
      }
    }
    out[size++] = double && byte > 0x20 ? byte | 0x80 : byte;
  }
  return gb.decode(out.subarray(0, size));
}

/** `ESC $ ) C` announces, SO and SI switch. */
export function decodeIso2022Kr(bytes: Uint8Array): string {
  kr ??= new TextDecoder('euc-kr');
  const out = Buffer.allocUnsafe(bytes.length);
  let size = 0;
  let double = false;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte === 0x0e) double = true;
    else if (byte === 0x0f) double = false;
    else if (byte === 0x1b && bytes[i + 1] === 0x24 && bytes[i + 2] === 0x29 && bytes[i + 3] === 0x43) i += 3;
    else out[size++] = double && byte > 0x20 ? byte | 0x80 : byte;
  }
  return kr.decode(out.subarray(0, size));
}
