/**
 * Compressed RTF undone ([MS-OXRTFCP]): a sliding window of 4096 bytes that begins with the words RTF mostly has. Never throws; the
 * output is bounded by what the head says, by the input, and by `rtfBytesMax`; damaged input gives what came before the damage.
 */
const windowSize = 4096;
const compressed = 0x75465a4c;
const uncompressed = 0x414c454d;
/** A body of more is none that a person wrote. */
const rtfBytesMax = 16 * 1024 * 1024;
const headBytes = 16;

/** [MS-OXRTFCP], 2.1.2.1: 207 bytes. */
const dictionary = Buffer.from(
  '{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New ' +
    'RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx',
  'latin1',
);

export function expandRtf(bytes: Buffer): Buffer {
  if (bytes.length < headBytes) return Buffer.alloc(0);
  const sizeMax = Math.min(bytes.readUInt32LE(4), rtfBytesMax);
  const kind = bytes.readUInt32LE(8);
  const content = bytes.subarray(headBytes);
  if (kind === uncompressed) return content.subarray(0, sizeMax);
  return kind === compressed ? expand(content, sizeMax) : Buffer.alloc(0);
}

function expand(content: Buffer, sizeMax: number): Buffer {
  const window = Buffer.alloc(windowSize);
  dictionary.copy(window);
  let write = dictionary.length;
  // A reference takes two bytes and an eighth and gives 17 at most.
  const out = Buffer.alloc(Math.min(sizeMax, content.length * 9));
  let size = 0;
  const put = (byte: number): void => {
    out[size++] = byte;
    window[write] = byte;
    write = (write + 1) % windowSize;
  };
  for (let at = 0; at < content.length; ) {
    const control = content[at++]!;
    for (let bit = 0; bit < 8 && at < content.length && size < out.length; bit++) {
      if ((control & (1 << bit)) === 0) {
        put(content[at++]!);
        continue;
      }
      const reference = (content[at]! << 8) | (content[at + 1] ?? 0);
      at += 2;
      const offset = reference >> 4;
      // A reference to where the next byte goes is the end.
      if (offset === write) return out.subarray(0, size);
      for (let i = 0; i < (reference & 15) + 2 && size < out.length; i++)
        put(window[(offset + i) % windowSize]!);
    }
    if (size >= out.length) break;
  }
  return out.subarray(0, size);
}
