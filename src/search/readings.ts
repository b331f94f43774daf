/**
 * How names and subjects are read aloud, in hiragana, so that たかはし finds 髙橋, 高橋 and タカハシ.
 *
 * Of somebody's name every part is looked up; in a subject, the longest names that stand in it.
 */
import { foldText } from './fold.ts';
import { nameMaxLength, readingsOfName } from './name-dictionary.ts';

const katakana = /[\u30a1-\u30f6]/g;
const kanaRuns = /[\u3041-\u3096ー]{2,}/g;
const kanjiRuns = /(?:[\u3400-\u9fff々]|[\ud840-\ud88f][\udc00-\udfff])+/g;

/** Characters of one text that are looked at. */
const textMax = 500;
/** Within a subject, shorter ones are words more often than names. */
const nameInTextMin = 2;

/** Readings of one text, folded; none when there is nothing that is read otherwise than it is written. `asName` when it is somebody's name. */
export function readingsOf(text: string, asName: boolean): readonly string[] {
  const folded = foldText(text.slice(0, textMax));
  const written = asHiragana(folded).match(kanaRuns);
  const readings = new Set<string>();
  if (written !== null) readings.add(written.join(' '));
  for (const [run] of folded.matchAll(kanjiRuns))
    for (const reading of asName ? readingsInName(run) : readingsInText(run)) readings.add(reading);
  return [...readings];
}

/** A text as it is looked for among readings. */
export const asHiragana = (text: string): string =>
  text.replace(katakana, (each) => String.fromCharCode(each.charCodeAt(0) - 0x60));

/** A name, or a surname and a given name without a blank between them. */
function readingsInName(run: string): readonly string[] {
  const whole = readingsOfName(run);
  if (whole.length > 0) return whole;
  for (let length = Math.min(nameMaxLength, run.length - 1); length > 0; length--) {
    const surname = readingsOfName(run.slice(0, length));
    const given = readingsOfName(run.slice(length));
    if (surname.length > 0 && given.length > 0) return [...surname, ...given];
  }
  return readingsInText(run);
}

/** Names that stand in a text, the longest first from each place on. */
function readingsInText(run: string): readonly string[] {
  const found: string[] = [];
  for (let at = 0; at < run.length; ) {
    const length = lengthOfNameAt(run, at);
    if (length > 0) found.push(...readingsOfName(run.slice(at, at + length)));
    at += Math.max(1, length);
  }
  return found;
}

function lengthOfNameAt(run: string, at: number): number {
  for (let length = Math.min(nameMaxLength, run.length - at); length >= nameInTextMin; length--)
    if (readingsOfName(run.slice(at, at + length)).length > 0) return length;
  return 0;
}
