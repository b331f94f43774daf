/** Texts that a filter looks for (RFC 8621, 4.4.1): words, all of which must be there, and phrases in quotes. */

/** Words of one text. */
export const wordsMax = 50;

export function searchWords(text: string): string[] {
  const words: string[] = [];
  // A quote begins a phrase only in front of a word, so that `it's` is one.
  const form = /"((?:\\.|[^"\\])*)"|(?<!\S)'((?:\\.|[^'\\])*)'(?!\S)|([^\s"]+)/gu;
  for (const [, double, single, word] of text.matchAll(form)) {
    const phrase = double ?? single;
    const found = phrase === undefined ? word! : phrase.replaceAll(/\\(.)/gsu, '$1').trim();
    if (found !== '') words.push(found);
    if (words.length === wordsMax) break;
  }
  return words;
}
