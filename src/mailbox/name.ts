/**
 * Names of mailboxes: Unicode in NFC, levels separated by `/`. A name never becomes a path of a file.
 *
 * INBOX is one mailbox in any case (RFC 9051, 5.1), also as the first level of others. Names are otherwise compared exactly, after NFC: macOS sends NFD. Wire
 * forms (modified UTF-7) belong to proto/imap.
 */
import { Refusal } from '../base/refusal.ts';

export const delimiter = '/';

/** UTF-8 bytes of a whole name. JMAP clients are told 490 less for a level's siblings; every client in use copes. */
export const nameMaxBytes = 1000;
/** UTF-8 bytes of one level (RFC 8621, 1.3.1: at least 100). */
export const levelMaxBytes = 255;
/** Levels of a name (maxMailboxDepth of JMAP). */
export const levelsMax = 20;

// C0, DEL, C1, line and paragraph separators (RFC 9051, 5.1; RFC 5198, 2), bidi overrides, noncharacters, lone surrogates.
const forbidden = /[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]/u;

/** The one form in which a name is stored and compared. Throws Refusal mailboxNameInvalid. */
export function canonicalName(given: string): string {
  // A trailing delimiter only announces that there will be inferiors (RFC 9051, 6.3.4).
  const text = given.length > 1 && given.endsWith(delimiter) ? given.slice(0, -1) : given;
  if (forbidden.test(text)) throw invalid('a character that no name may have');
  const levels = text.normalize('NFC').split(delimiter);
  if (levels[0]!.toLowerCase() === 'inbox') levels[0] = 'INBOX';
  if (levels.length > levelsMax) throw invalid(`more than ${levelsMax} levels`);
  for (const level of levels) {
    if (level === '') throw invalid('an empty level');
    if (level.trim() !== level) throw invalid('white space at the edge of a level');
    if (Buffer.byteLength(level) > levelMaxBytes) throw invalid(`a level above ${levelMaxBytes} bytes`);
  }
  const name = levels.join(delimiter);
  if (Buffer.byteLength(name) > nameMaxBytes) throw invalid(`above ${nameMaxBytes} bytes`);
  return name;
}

/** The same for a name that is only looked up: what cannot be a name is not found, and is undefined. */
export function lookupName(given: string): string | undefined {
  try {
    return canonicalName(given);
  } catch {
    return undefined;
  }
}

/** Superior names, top first: of `a/b/c`, `a` and `a/b`. */
export function superiors(name: string): string[] {
  const names: string[] = [];
  for (let at = name.indexOf(delimiter); at !== -1; at = name.indexOf(delimiter, at + 1))
    names.push(name.slice(0, at));
  return names;
}

export const isInferior = (name: string, of: string): boolean => name.startsWith(of + delimiter);

/** INBOX first, then by level in code-point order, so that inferiors follow their superior. */
export function compareNames(a: string, b: string): number {
  const left = sortKey(a);
  const right = sortKey(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

// NUL sorts below every character a name can have, so the delimiter does.
const sortKey = (name: string): string =>
  (name === 'INBOX' || name.startsWith('INBOX/') ? '\x00' : '') + name.replaceAll(delimiter, '\x00');

const invalid = (why: string): Refusal => new Refusal('mailboxNameInvalid', why);
