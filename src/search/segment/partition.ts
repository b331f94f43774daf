/**
 * The dictionary of a segment in partitions, by the characters of its runs: a text with a "z" in it need not be looked for among hexadecimal numbers, nor kanji among words.
 * Half of what mail has is made by machines and occurs once.
 */
import { type CharacterClass, hangul, hiragana, ideograph, katakana, symbol } from '../character-class.ts';

const digits = 0;
const hexadecimal = 1;
const letters = 2;
const mixed = 3;
const otherScript = 4;
/** The classes with a partition of their own follow. */
const firstClass = 5;

const classes: readonly CharacterClass[] = [ideograph, hiragana, katakana, hangul, symbol];

/** Which partition a run is in. */
export function partitionOf(run: string, kind: CharacterClass): number {
  const own = classes.indexOf(kind);
  if (own !== -1) return firstClass + own;
  if (/^[0-9]+$/.test(run)) return digits;
  if (/^[a-z]+$/.test(run)) return letters;
  if (/^[0-9a-f]+$/.test(run)) return hexadecimal;
  return /^[0-9a-z]+$/.test(run) ? mixed : otherScript;
}

/** Partitions in which there may be runs with this text in them. */
export function partitionsWith(text: string, kind: CharacterClass): readonly number[] {
  switch (partitionOf(text, kind)) {
    case digits:
      return [digits, hexadecimal, mixed, otherScript];
    case letters:
      return /^[a-f]+$/.test(text)
        ? [hexadecimal, letters, mixed, otherScript]
        : [letters, mixed, otherScript];
    case hexadecimal:
      return [hexadecimal, mixed, otherScript];
    case mixed:
      return [mixed, otherScript];
    case otherScript:
      return [otherScript];
    default:
      return [firstClass + classes.indexOf(kind)];
  }
}
