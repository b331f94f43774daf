/**
 * Text in the form in which it is compared by a search. Two texts that a reader would call the same have one form; nothing else is made the same.
 *
 * Letters of Latin, Greek and Cyrillic are lower case and decomposed, as i;unicode-casemap has them (RFC 5051): "cafe" is found in "Café", and "café" however it was typed.
 * Width does not matter (NFKC), so half-width kana equal full ones, with their voiced marks joined: か and が are different letters and stay so. Wave dashes (U+301C, U+FF5E)
 * and minus signs (U+2212, U+FF0D) are what different systems make of one JIS character. Variant kanji are one (variant-kanji.ts). White space is one blank, so that
 * a phrase is found over a line end. Invisible characters (soft hyphens, joiners) are dropped.
 *
 * Folding is per character up to normalisation: the folded form of a part of a text is found in the folded form of the whole.
 */
import { variantKanji } from './variant-kanji.ts';

const ascii = /^[\x00-\x7f]*$/;
const blanks = /\s+/g;
/** What is decomposed: letters of scripts with case and marks. Kana and hangul stay composed. */
const marked = /[\u00c0-\u02af\u0370-\u058f\u1e00-\u1fff]+/g;
const invisible = /\u034f|[\ufe00-\ufe0f]|[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]/g;
const special = /[\u301c\u2212\u03c2\u0131]/g;
const ideographs = /[\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff]|[\ud840-\ud88f][\udc00-\udfff]/g;

const specials: Readonly<Record<string, string>> = { '\u301c': '~', '\u2212': '-', ς: 'σ', ı: 'i' };

export function foldText(text: string): string {
  if (ascii.test(text)) return squeezed(text.toLowerCase());
  const lower = text.replace(invisible, '').normalize('NFKC').toLowerCase();
  const plain = lower
    .replace(special, (each) => specials[each]!)
    .replace(marked, (each) => each.normalize('NFD'))
    .replace(ideographs, (each) => variantKanji.get(each) ?? each);
  return squeezed(plain);
}

const squeezed = (text: string): string => text.replace(blanks, ' ');
