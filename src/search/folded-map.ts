/** The folded form of a text with the way back: which piece of the text each unit of the form comes from. For highlights, which are of the text as it was written. */
import { foldText } from './fold.ts';

/**
 * What folds by itself: white space, or a character with the marks that belong to it; what is invisible belongs to what is in front of it, for it keeps nothing apart. Normalisation joins
 * no more than that: combining marks, the half-width voiced marks of kana, and the parts of a hangul syllable.
 */
const clusters =
  /\s[\s\p{M}\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*|[\u1100-\u11ff][\u1100-\u11ff\p{M}\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*|\S[\p{M}\u00ad\u1160-\u11ff\u200b-\u200f\u2060-\u2064\uff9e\uff9f\ufeff]*/gu;

export interface FoldedMap {
  readonly folded: string;
  /** For each unit of `folded`, where its piece of the text begins and ends. */
  readonly starts: Uint32Array;
  readonly ends: Uint32Array;
}

export function foldWithMap(text: string): FoldedMap {
  const starts: number[] = [];
  const ends: number[] = [];
  const forms: string[] = [];
  for (const { 0: piece, index } of text.matchAll(clusters)) {
    const form = foldText(piece);
    forms.push(form);
    for (let i = 0; i < form.length; i++) {
      starts.push(index);
      ends.push(index + piece.length);
    }
  }
  return { folded: forms.join(''), starts: Uint32Array.from(starts), ends: Uint32Array.from(ends) };
}

export interface Highlight {
  readonly start: number;
  readonly end: number;
}

/** Where the text has one of `wanted` (folded): in its own units, in order, those that touch joined. */
export function highlightsIn({ folded, starts, ends }: FoldedMap, wanted: readonly string[]): Highlight[] {
  const found: Highlight[] = [];
  for (const each of wanted) {
    if (each === '') continue;
    for (let at = folded.indexOf(each); at !== -1; at = folded.indexOf(each, at + each.length))
      found.push({ start: starts[at]!, end: ends[at + each.length - 1]! });
  }
  found.sort((a, b) => a.start - b.start || a.end - b.end);
  const joined: Highlight[] = [];
  for (const each of found) {
    const last = joined.at(-1);
    if (last !== undefined && each.start <= last.end)
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, each.end) };
    else joined.push(each);
  }
  return joined;
}
