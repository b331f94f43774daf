/**
 * Characters of folded text by what runs they make.
 *
 * A run is as many characters of one class as stand together. What class a character has depends on nothing but itself, so that the runs of a part of a text are those of the whole, but
 * for the first and the last, which may be cut: that is what makes a search by runs exact (query.ts). Hence no dictionary and no language decide where a run ends.
 */
export const separator = 0;
/** The one blank that folded text has. */
export const blank = 1;
/** Letters, digits and marks of every script without a class of its own. */
export const word = 2;
export const ideograph = 3;
export const hiragana = 4;
export const katakana = 5;
export const hangul = 6;
/** Pictures: emoji and the like. */
export const symbol = 7;

export type CharacterClass = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7;

const lowSurrogates = 0xdc00;
const surrogatesEnd = 0xe000;

const table = classes();

/** Of a UTF-16 unit that is no low surrogate: those are of the class of what stands before them. */
export const classOf = (unit: number): CharacterClass => table[unit] as CharacterClass;

export const isLowSurrogate = (unit: number): boolean => unit >= lowSurrogates && unit < surrogatesEnd;

/** The class of each unit: computed once, some milliseconds. */
function classes(): Uint8Array {
  const found = new Uint8Array(0x1_0000);
  const letters = /[\p{L}\p{M}\p{N}]/u;
  const pictures = /\p{Extended_Pictographic}/u;
  for (let unit = 0; unit < found.length; unit++) {
    if (unit >= 0xd800 && unit < surrogatesEnd) continue;
    const character = String.fromCharCode(unit);
    if (letters.test(character)) found[unit] = word;
    else if (unit > 0xff && pictures.test(character)) found[unit] = symbol;
  }
  found[0x20] = blank;
  found.fill(ideograph, 0x2e80, 0x2fe0);
  found.fill(ideograph, 0x3400, 0xa000);
  found.fill(ideograph, 0xf900, 0xfb00);
  for (const mark of '々〆〇') found[mark.charCodeAt(0)] = ideograph;
  found.fill(hiragana, 0x3041, 0x3097);
  found.fill(hiragana, 0x3099, 0x30a0);
  found.fill(katakana, 0x30a1, 0x30fb);
  found.fill(katakana, 0x30fc, 0x3100);
  found.fill(katakana, 0x31f0, 0x3200);
  found.fill(hangul, 0x1100, 0x1200);
  found.fill(hangul, 0x3130, 0x3190);
  found.fill(hangul, 0xac00, 0xd7b0);
  // High surrogates stand for blocks of 1,024 characters.
  found.fill(word, 0xd800, 0xd83c);
  found.fill(symbol, 0xd83c, 0xd840);
  found.fill(ideograph, 0xd840, 0xd890);
  found.fill(symbol, 0xdb40, 0xdb41);
  return found;
}
