/** Names of folders and files of a Maildir: Maildir++ (`.Sent.2024`, modified UTF-7), and folders within folders as file systems have them. */
import { decodeModifiedUtf7, encodeModifiedUtf7 } from '../../proto/imap/modified-utf7.ts';
import { flagsFrom } from '../flag-words.ts';
import type { MessageFlags, SystemFlag } from '../source.ts';

/** A dot within a level cannot be written as itself. */
const escapedDot = '&AC4-';

/** `.Sent.2024` to its levels. Servers write modified UTF-7, some UTF-8. */
export function levelsOfFolder(folder: string): string[] {
  return folder.replace(/^\./, '').split('.').map(decodedLevel);
}

export function decodedLevel(level: string): string {
  const pieces = level.split(escapedDot).map((piece) => decodeModifiedUtf7(piece));
  return pieces.includes(undefined) ? level : pieces.join('.');
}

export function folderOfLevels(levels: readonly string[]): string {
  return levels.map((level) => `.${level.split('.').map(encodeModifiedUtf7).join(escapedDot)}`).join('');
}

const letters = new Map<string, string>([
  ['P', '$Forwarded'],
  ['R', '\\Answered'],
  ['S', '\\Seen'],
  ['T', '\\Deleted'],
  ['D', '\\Draft'],
  ['F', '\\Flagged'],
]);
const systemLetters: Readonly<Record<SystemFlag, string>> = {
  draft: 'D',
  flagged: 'F',
  answered: 'R',
  seen: 'S',
  deleted: 'T',
};

export interface FileName {
  /** What never changes, whatever the flags. */
  readonly base: string;
  readonly letters: string;
}

/** `base:2,FLAGS`; some systems have `;` or `!` for the colon. */
export function parseFileName(file: string): FileName {
  const match = /^(.+?)[:;!]2,(.*)$/.exec(file);
  return match === null
    ? { base: file.replace(/[:;!]1,.*$/, ''), letters: '' }
    : { base: match[1]!, letters: match[2]! };
}

/** `keywords` are those of the letters a to z, in their order. */
export function flagsOfLetters(text: string, keywords: readonly string[]): MessageFlags {
  const words = Array.from(text, (letter) => letters.get(letter) ?? keywords[letter.charCodeAt(0) - 0x61]);
  return flagsFrom(words.filter((word) => word !== undefined));
}

/** In the order of the alphabet, as the format wants it. `keywords` gets those that it has not yet, as long as there are letters. */
export function lettersOfFlags({ system, keywords: own }: MessageFlags, keywords: string[]): string {
  const found = system.map((flag) => systemLetters[flag]);
  for (const keyword of own) {
    if (keyword === '$Forwarded') {
      found.push('P');
      continue;
    }
    let at = keywords.indexOf(keyword);
    if (at === -1 && keywords.length < 26) at = keywords.push(keyword) - 1;
    if (at !== -1) found.push(String.fromCharCode(0x61 + at));
  }
  return found.toSorted().join('');
}
