/**
 * Text to the words that are counted. NFKC folds widths and half-width kana, case does not matter. Scripts that put no blanks between words (Japanese,
 * Chinese, Korean with its particles, Thai and their kin) give overlapping pairs of characters.
 *
 * Pure, linear in the length of the text.
 */

/** Longer ones are no words: of them only the first letter and about how long they are is kept. */
const wordMaxChars = 24;
/** A number of so many digits names one thing only: of it, only its length is kept. */
const digitsMax = 5;

const unspaced =
  '\\p{sc=Han}\\p{sc=Hiragana}\\p{sc=Katakana}\\p{sc=Hangul}\\p{sc=Thai}\\p{sc=Lao}\\p{sc=Khmer}\\p{sc=Myanmar}\\u30fc';
/** Some characters stand for many: of a text that is made of them, no more is looked at than this many times its length. */
const grownMax = 2;
const grownMin = 100;

/** `$`, `%` and `!` belong to what people sell with. */
const inWord = "\\p{L}\\p{M}\\p{N}$€£¥%!'-";
const run = new RegExp(`[${unspaced}][${unspaced}\\p{M}]*|(?:(?![${unspaced}])[${inWord}])+`, 'gu');
const isUnspaced = new RegExp(`^[${unspaced}]`, 'u');

/** Between letters they hide a word from filters, and are not seen: zero-width ones, soft hyphens, marks of direction. */
const invisible = /\p{Default_Ignorable_Code_Point}/gu;
const hidesLetters = /\p{L}[\u00ad\u200b\u200c\u2060\u2062\ufeff]\p{L}/u;
/** Letters of two alphabets in one word, as in a `paypal` with a Cyrillic `а`. */
const mixed = /[a-z][\p{sc=Cyrillic}\p{sc=Greek}]|[\p{sc=Cyrillic}\p{sc=Greek}][a-z]/u;

/** In their order. Oddities of the writing come as words that begin with `odd:`. */
export function wordsOf(text: string): string[] {
  const folded = text
    .normalize('NFKC')
    .slice(0, text.length * grownMax + grownMin)
    .toLowerCase();
  const words: string[] = [];
  if (hidesLetters.test(folded)) words.push('odd:hidden-letters');
  for (const [found] of folded.replace(invisible, '').matchAll(run)) {
    if (isUnspaced.test(found)) addPairs(found, words);
    else addWord(found, words);
  }
  return words;
}

function addPairs(characters: string, words: string[]): void {
  const each = Array.from(characters);
  if (each.length === 1) words.push(characters);
  for (let at = 1; at < each.length; at++) words.push(each[at - 1]! + each[at]!);
}

function addWord(found: string, words: string[]): void {
  const word = found.replace(/^['-]+|['-]+$/g, '').replace(/!{2,}/g, '!!');
  if (word.length > wordMaxChars) words.push(`long:${word[0]}${Math.floor(word.length / 10)}`);
  else if (/^\d+$/.test(word) && word.length > digitsMax) words.push(`digits:${word.length}`);
  else if (word.length > 1) words.push(word);
  if (mixed.test(word)) words.push('odd:mixed-alphabets');
}
