/**
 * Text as it is compared in a search: case and width do not matter, nor which wave dash, minus or long mark was typed.
 *
 * NFKC makes half-width kana full and joins their voiced marks; marks are never dropped, since か and が are different letters. U+301C and U+FF5E, U+2212 and U+FF0D
 * are what different systems make of the same JIS character.
 */
const variants = /[\u301c\u2212]/g;

export function foldText(text: string): string {
  const normal = text.normalize('NFKC').toLowerCase();
  return normal.replace(variants, (each) => (each === '\u301c' ? '~' : '-'));
}

/** Folded, with runs of white space as one space: a phrase is found over a line end. */
export function foldBody(text: string): string {
  return foldText(text).replace(/\s+/g, ' ');
}
