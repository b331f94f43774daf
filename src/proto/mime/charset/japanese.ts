/**
 * Shift_JIS and EUC-JP as WHATWG defines them. ICU, which stands behind TextDecoder, differs in two points: it swallows the ASCII
 * byte behind a bad lead byte (a quote or `<` could vanish), and it has IBM characters in EUC-JP rows 83 and 84 that the standard has not.
 */
const shiftJis = new TextDecoder('shift_jis');
const eucJp = new TextDecoder('euc-jp');

/** Lead byte × 256 + trail byte to character; built when the first damaged text is met. */
let pairs: Map<number, string> | undefined;

export function decodeShiftJis(bytes: Uint8Array): string {
  const text = shiftJis.decode(bytes);
  if (!text.includes('\ufffd')) return text;
  pairs ??= shiftJisPairs();
  const out: string[] = [];
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    if (byte <= 0x80) out.push(String.fromCharCode(byte));
    else if (byte >= 0xa1 && byte <= 0xdf) out.push(String.fromCharCode(0xff61 + byte - 0xa1));
    else {
      const character = pairs.get(byte * 256 + (bytes[i + 1] ?? 0));
      out.push(character ?? '\ufffd');
      const trail = bytes[i + 1] ?? 0;
      if (character !== undefined || trail >= 0x80) i++;
    }
  }
  return out.join('');
}

function shiftJisPairs(): Map<number, string> {
  const found = new Map<number, string>();
  for (let lead = 0x81; lead <= 0xfc; lead++) {
    if (lead === 0xa0) lead = 0xe0;
    for (let trail = 0x40; trail <= 0xfc; trail++) {
      const text = shiftJis.decode(Uint8Array.of(lead, trail));
      if (!text.includes('\ufffd') && text.length === 1) found.set(lead * 256 + trail, text);
    }
  }
  return found;
}

/** EUC-JP without the vendor rows. 8F is never a trail byte, so finding it is enough. */
export function decodeEucJp(bytes: Uint8Array): string {
  let text = '';
  let from = 0;
  for (let at = bytes.indexOf(0x8f); at !== -1; at = bytes.indexOf(0x8f, at + 1)) {
    const row = bytes[at + 1];
    const cell = bytes[at + 2];
    if ((row !== 0xf3 && row !== 0xf4) || cell === undefined || cell < 0xa1) continue;
    text += `${eucJp.decode(bytes.subarray(from, at))}\ufffd`;
    from = at + 3;
  }
  return text + eucJp.decode(bytes.subarray(from));
}
