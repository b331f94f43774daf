/**
 * Folded text in runs (character-class.ts), each with its place.
 *
 * Places tell what stands between two runs: how much further the next one is says whether that is nothing, one blank, one of the marks that addresses, names and numbers are joined by, or
 * anything else. A query without other separators is thus found exactly where its runs stand at its own distances. Distances are small, since they are what the index stores.
 */
import { blank, classOf, type CharacterClass, isLowSurrogate, separator } from './character-class.ts';

/** Units of the longest run that an index takes; longer ones are found by reading the text. */
export const runMaxUnits = 200;

const adjacent = 1;
/** From one run to the next, by the one character between them. */
const distances: ReadonlyMap<number, number> = new Map([
  [0x20, 2],
  [0x2e, 3],
  [0x40, 4],
  [0x2d, 5],
]);
/** And where something else is. */
export const apart = 6;

export type OnRun = (start: number, end: number, place: number, kind: CharacterClass) => void;

/** Gives the place of the last run, from which a text that follows goes on. */
export function eachRun(text: string, from: number, onRun: OnRun): number {
  let place = from;
  let distance = apart;
  let at = 0;
  const { length } = text;
  while (at < length) {
    const unit = text.charCodeAt(at);
    const kind = classOf(unit);
    if (kind === separator || kind === blank) {
      distance = distance === adjacent ? (distances.get(unit) ?? apart) : apart;
      at += 1;
      continue;
    }
    let end = at + 1;
    while (end < length) {
      const next = text.charCodeAt(end);
      if (!isLowSurrogate(next) && classOf(next) !== kind) break;
      end += 1;
    }
    place += distance;
    onRun(at, end, place, kind);
    distance = adjacent;
    at = end;
  }
  return place;
}
