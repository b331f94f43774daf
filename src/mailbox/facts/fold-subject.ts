/**
 * Subjects as threads compare them: case and width do not matter, nor which wave dash or minus was typed. Hashes of this form are stored, so it stays as it is; searches have a
 * form of their own (search/fold.ts of the part `search`).
 */
const variants = /[\u301c\u2212]/g;

export function foldSubject(text: string): string {
  const normal = text.normalize('NFKC').toLowerCase();
  return normal.replace(variants, (each) => (each === '\u301c' ? '~' : '-'));
}
