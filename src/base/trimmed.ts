/**
 * Blanks at both ends taken away, those that a grammar calls so and no others. By hand: a pattern for "blanks up to the end" begins anew at each blank of a
 * run that does not reach the end, which takes square time where strangers write the text.
 */
export function trimmed(text: string, blanks: string): string {
  let [start, end] = [0, text.length];
  while (start < end && blanks.includes(text[start]!)) start += 1;
  while (end > start && blanks.includes(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

/** RFC 5234, B.1. */
export const wsp = ' \t';
/** What is left of folding white space as well (RFC 5322, 3.2.2). */
export const foldingBlanks = ' \t\r\n';
