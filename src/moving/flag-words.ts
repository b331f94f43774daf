/** Flags and keywords of other programs, as they can be here. */
import type { MessageFlags, SystemFlag } from './source.ts';

const system = new Map<string, SystemFlag>([
  ['\\seen', 'seen'],
  ['\\answered', 'answered'],
  ['\\flagged', 'flagged'],
  ['\\deleted', 'deleted'],
  ['\\draft', 'draft'],
]);

const keywordMaxChars = 255;
const keywordsMax = 60;
// An atom of IMAP that is no system flag (RFC 9051, 9: flag-keyword).
const keywordForm = /^[^\x00-\x20(){%*"\\\]\x7f-\uffff]+$/;

export const noFlags: MessageFlags = { system: [], keywords: [] };

/** IMAP's spelling. What is neither a system flag nor a keyword that can be stored is left out. */
export function flagsFrom(words: readonly string[]): MessageFlags {
  const found = new Set<SystemFlag>();
  const keywords = new Map<string, string>();
  for (const word of words) {
    const flag = system.get(word.toLowerCase());
    if (flag !== undefined) found.add(flag);
    else if (isKeyword(word) && keywords.size < keywordsMax) keywords.set(word.toLowerCase(), word);
  }
  return { system: [...found], keywords: [...keywords.values()] };
}

const isKeyword = (word: string): boolean => word.length <= keywordMaxChars && keywordForm.test(word);

/** The same flags, in whatever order and case. */
export function sameFlags(a: MessageFlags, b: MessageFlags): boolean {
  return flagText(a) === flagText(b);
}

export function flagText({ system: flags, keywords }: MessageFlags): string {
  return [...flags.map((flag) => `\\${flag}`), ...keywords.map((word) => word.toLowerCase())]
    .toSorted()
    .join(' ');
}
