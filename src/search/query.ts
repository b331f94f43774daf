/**
 * What a text that is looked for asks of an index of runs.
 *
 * A run inside the text must stand in the message as it is; the first one may be the end of a longer run, the last one the beginning of one, and the only one may stand anywhere
 * within one. So "願い" is found in "お願いします" by the runs 願 and い…, "port" in "reports", and both without reading a message.
 */
import { blank, type CharacterClass, classOf } from './character-class.ts';
import { apart, eachRun } from './runs.ts';

export interface QueryTerm {
  readonly text: string;
  readonly kind: CharacterClass;
  /** It may have characters of its class before it, or after it. */
  readonly openStart: boolean;
  readonly openEnd: boolean;
  /** Distance from the first one's place. */
  readonly offset: number;
}

export interface Query {
  /** None when it has no run at all: then only reading can tell. */
  readonly terms: readonly QueryTerm[];
  /** The runs and their distances say all that the text does. */
  readonly exact: boolean;
}

/** Runs of one query that are looked up: more narrow nothing down. */
export const termsMax = 16;

/** `text` must be folded. */
export function queryOf(text: string): Query {
  const terms: QueryTerm[] = [];
  let exact = text !== '' && isRun(text, 0) && isRun(text, text.length - 1);
  let firstPlace = 0;
  let lastPlace = 0;
  eachRun(text, 0, (start, end, place, kind) => {
    if (terms.length === 0) firstPlace = place;
    else if (place - lastPlace >= apart) exact = false;
    lastPlace = place;
    const openStart = start === 0;
    const openEnd = end === text.length;
    terms.push({ text: text.slice(start, end), kind, openStart, openEnd, offset: place - firstPlace });
  });
  if (terms.length > termsMax) return { terms: terms.slice(0, termsMax), exact: false };
  return { terms, exact: exact && terms.length > 0 };
}

function isRun(text: string, at: number): boolean {
  const unit = text.charCodeAt(at);
  // The second half of a pair is of its first half's class.
  return unit >= 0xdc00 && unit < 0xe000 ? true : classOf(unit) > blank;
}
