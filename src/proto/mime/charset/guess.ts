/**
 * Shift_JIS or EUC-JP by the look of the bytes, for text whose label is missing or wrong. Cautious: Western
 * text in a single-byte charset must never turn into kanji, so every byte has to fit and the characters have to be those of Japanese prose.
 */

/** Enough to tell; the rest of a large text is not looked at. */
const sampleBytesMax = 64 * 1024;

const codes = ['euc-jp', 'shift_jis'] as const;
let decoders: ReadonlyMap<string, TextDecoder> | undefined;

export function guessJapanese(bytes: Uint8Array): 'shift_jis' | 'euc-jp' | undefined {
  decoders ??= new Map(codes.map((code) => [code, new TextDecoder(code)]));
  const sample = wholeLines(bytes);
  let best: (typeof codes)[number] | undefined;
  let bestScore = 0;
  for (const code of codes) {
    const score = japaneseness(decoders.get(code)!.decode(sample));
    if (score > bestScore) [best, bestScore] = [code, score];
  }
  return best;
}

function wholeLines(bytes: Uint8Array): Uint8Array {
  if (bytes.length <= sampleBytesMax) return bytes;
  const end = bytes.lastIndexOf(0x0a, sampleBytesMax);
  return bytes.subarray(0, end > 0 ? end : sampleBytesMax);
}

/**
 * The share of kana, common kanji and full-width forms among the characters outside ASCII, 0 when it is below half or a byte did not fit.
 * Half-width kana count for little: any Latin-1 text reads as some. Kanji of level 1 are what prose is made of; they begin
 * at Shift_JIS 889F, and are told by their place in the code.
 */
function japaneseness(text: string): number {
  if (text.includes('\ufffd')) return 0;
  let all = 0;
  let good = 0;
  let kana = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    if (code < 0x80) continue;
    all++;
    if (code >= 0x3040 && code <= 0x30ff) {
      good++;
      kana++;
    } else if ((code >= 0x3000 && code <= 0x303f) || (code >= 0xff01 && code <= 0xff5e)) good++;
    else if (code >= 0x4e00 && code <= 0x9fff) good += 0.8;
    else if (code >= 0xff61 && code <= 0xff9f) good += 0.3;
  }
  if (all === 0 || (all < 2 && kana === 0)) return 0;
  const share = good / all;
  return share > 0.5 ? share + kana / all : 0;
}
