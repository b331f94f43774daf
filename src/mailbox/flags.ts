/**
 * Flags of a message in a mailbox: five system flags as bits, everything else as keywords.
 *
 * Keywords are atoms, compared without case (RFC 9051, 2.3.2). A mailbox remembers the spelling it first met, except for the registered ones, whose
 * spelling is fixed here. The stored form is a list sorted without case, joined by spaces.
 */
import { Refusal } from '../base/refusal.ts';

export const seen = 1;
export const answered = 2;
export const flagged = 4;
export const deleted = 8;
export const draft = 16;

export interface Flags {
  /** Sum of `seen`, `answered`, `flagged`, `deleted`, `draft`. */
  readonly system: number;
  readonly keywords: readonly string[];
}

export const noFlags: Flags = { system: 0, keywords: [] };

/** Longest keyword, in characters (RFC 8621, 4.1.1). */
export const keywordMaxChars = 255;
/** Keywords of one message. */
export const keywordsMax = 60;
/** Different keywords ever used in one mailbox: they are all listed at SELECT. */
export const mailboxKeywordsMax = 500;

const registered = new Map(
  [
    '$Forwarded',
    '$MDNSent',
    '$SubmitPending',
    '$Submitted',
    '$Junk',
    '$NotJunk',
    '$Phishing',
    '$Important',
  ].map((name) => [name.toLowerCase(), name]),
);

// An atom without `\` in front and without list wildcards, resp-specials, quotes or brackets (RFC 9051, 9: flag-keyword).
const keywordForm = /^[^\x00-\x20(){%*"\\\]\x7f-\uffff]+$/;

export const isKeyword = (name: string): boolean => name.length <= keywordMaxChars && keywordForm.test(name);

/** The spellings to store, sorted and without doubles; `known` are those of the mailbox. */
export function spellKeywords(keywords: readonly string[], known: readonly string[]): string[] {
  if (keywords.length === 0) return [];
  const spelled = new Map<string, string>();
  for (const keyword of keywords) {
    if (!isKeyword(keyword)) throw new Refusal('invalid', `not a keyword: ${JSON.stringify(keyword)}`);
    const lower = keyword.toLowerCase();
    if (spelled.has(lower)) continue;
    spelled.set(
      lower,
      registered.get(lower) ?? known.find((each) => each.toLowerCase() === lower) ?? keyword,
    );
  }
  if (spelled.size > keywordsMax) throw new Refusal('limitReached', `more than ${keywordsMax} keywords`);
  return [...spelled].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, name]) => name);
}

export const joinKeywords = (keywords: readonly string[]): string => keywords.join(' ');
export const splitKeywords = (text: string): string[] => (text === '' ? [] : text.split(' '));
