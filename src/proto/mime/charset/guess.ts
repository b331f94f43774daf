/**
 * Shift_JIS or EUC-JP by the look of the bytes, for text whose label is missing or wrong. Cautious: Western
 * text in a single-byte charset must never turn into kanji, so every byte has to fit and the characters have to stand as in Japanese.
 */

import { isAscii, isUtf8 } from 'node:buffer';

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

/** Of the double-byte characters this share must stand beside another one: in Western text a high byte stands alone among letters. */
const besideMin = 0.6;
/** And this share must be kana, kanji or full-width forms. */
const japaneseMin = 0.5;

/** How Japanese the text looks; 0 when a byte did not fit or too little speaks for it. Half-width kana count for little: any Latin-1 text reads as some. */
function japaneseness(text: string): number {
  if (text.includes('\ufffd')) return 0;
  const seen = { all: 0, good: 0, kana: 0, beside: 0 };
  let before = false;
  let counted = true;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    const foreign = code >= 0x80;
    if (foreign) {
      seen.all++;
      weigh(code, seen);
      if (before) seen.beside += counted ? 1 : 2;
      counted = before;
    }
    before = foreign;
  }
  const share = seen.good / seen.all;
  if (seen.all === 0 || seen.beside / seen.all < besideMin || share <= japaneseMin) return 0;
  return share + seen.kana / seen.all;
}

function weigh(code: number, seen: { good: number; kana: number }): void {
  if (code >= 0x3040 && code <= 0x30ff) {
    seen.good++;
    seen.kana++;
  } else if ((code >= 0x3000 && code <= 0x303f) || (code >= 0xff01 && code <= 0xff5e)) seen.good++;
  else if (code >= 0x4e00 && code <= 0x9fff) seen.good += 0.8;
  else if (code >= 0xff61 && code <= 0xff9f) seen.good += 0.3;
}

/** For each byte that does not fit so many characters of several bytes have to. */
const fittingMin = 4;

/** UTF-8, perhaps cut off within its last character, or damaged here and there. Text of another charset fits by chance only. */
export function isMostlyUtf8(bytes: Uint8Array): boolean {
  if (isUtf8(bytes)) return true;
  const sample = wholeLines(bytes);
  // A high byte behind ASCII alone is a letter of Latin-1, not half a character.
  const whole = withoutCut(sample);
  if (isUtf8(whole)) return !isAscii(whole);
  let fitting = 0;
  let wrong = 0;
  for (const character of (utf8 ??= new TextDecoder()).decode(sample)) {
    if (character === '\ufffd') wrong++;
    else if (character.codePointAt(0)! >= 0x80) fitting++;
  }
  return fitting >= wrong * fittingMin;
}

let utf8: TextDecoder | undefined;

/** Without a last character that is not whole. */
function withoutCut(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= 3; back++) {
    const byte = bytes[bytes.length - back];
    if (byte === undefined || byte < 0x80) break;
    if (byte >= 0xc2) return bytes.subarray(0, -back);
  }
  return bytes;
}
