/**
 * Folded text in runs (character-class.ts), each with its place.
 *
 * Places tell what stands between two runs: the next run is 1 further when nothing does, 2 when one blank does, 3 otherwise. A query without other separators than blanks
 * is thus found exactly where its runs stand at its own distances.
 */
import { blank, classOf, type CharacterClass, isLowSurrogate, separator } from './character-class.ts';

/** Units of the longest run that an index takes; longer ones are found by reading the text. */
export const runMaxUnits = 200;

/** From one run to the next, where neither nothing nor one blank is between them. */
export const apart = 3;

/** Called for each run with its end in the text; returns nothing. */
export type OnRun = (start: number, end: number, place: number, kind: CharacterClass) => void;

/** Gives the place after the last run: where a text that follows may begin, when `apart` is added. */
export function eachRun(text: string, from: number, onRun: OnRun): number {
  let place = from;
  /** What stands since the last run: 0 nothing, 1 one blank, 2 anything else. */
  let between = 2;
  let at = 0;
  const { length } = text;
  while (at < length) {
    const kind = classOf(text.charCodeAt(at));
    if (kind === separator || kind === blank) {
      between = kind === blank && between === 0 ? 1 : 2;
      at += 1;
      continue;
    }
    let end = at + 1;
    while (end < length) {
      const unit = text.charCodeAt(end);
      if (!isLowSurrogate(unit) && classOf(unit) !== kind) break;
      end += 1;
    }
    place += between + 1;
    onRun(at, end, place, kind);
    between = 0;
    at = end;
  }
  return place;
}
