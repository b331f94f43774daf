/** LANGUAGE and COMPARATOR (RFC 5255): the language of texts for people, English or Japanese, and the one collation there is. */
import type { Outcome } from '../outcome.ts';
import { no } from '../replies.ts';
import type { Session } from '../session.ts';
import type { LoggedIn } from './run.ts';
import { namespaceText } from './general.ts';

export type TextLanguage = 'en' | 'ja';

/** By their tags; `i-default` is English (RFC 2277, 4.5). */
const known = new Map<string, TextLanguage>([
  ['en', 'en'],
  ['ja', 'ja'],
  ['i-default', 'en'],
  ['default', 'en'],
  ['*', 'en'],
]);

export async function language(session: Session, ranges: readonly string[]): Promise<Outcome> {
  if (ranges.length === 0) {
    session.untagged('LANGUAGE (EN JA I-DEFAULT)');
    return undefined;
  }
  const chosen = ranges.map(lookUp).find((found) => found !== undefined);
  if (chosen === undefined) throw no('None of these languages is spoken here');
  session.language = chosen;
  session.untagged(`LANGUAGE (${chosen.toUpperCase()})`);
  // Names of namespaces are told in the new language (RFC 5255, 3.2).
  if (session.principal !== undefined) session.untagged(namespaceText(session));
  return undefined;
}

/** `ja-JP` is answered in `ja` (RFC 4647, 3.4). */
function lookUp(range: string): TextLanguage | undefined {
  const parts = range.toLowerCase().split('-');
  for (; parts.length > 0; parts.pop()) {
    const found = known.get(parts.join('-'));
    if (found !== undefined) return found;
  }
  return undefined;
}

const collation = 'i;unicode-casemap';

export async function comparator(session: LoggedIn, names: readonly string[]): Promise<Outcome> {
  const matches = names.length === 0 || names.some((name) => covers(name.toLowerCase()));
  if (!matches) throw no('No such collation', 'BADCOMPARATOR');
  session.untagged(`COMPARATOR "${collation}"`);
  return undefined;
}

/** A name, `default`, or one with a `*` (RFC 4790, 3.2). */
function covers(name: string): boolean {
  if (name === 'default' || name === collation) return true;
  const star = name.indexOf('*');
  if (star === -1) return false;
  const before = name.slice(0, star);
  const after = name.slice(star + 1);
  return (
    collation.length >= before.length + after.length &&
    collation.startsWith(before) &&
    collation.endsWith(after)
  );
}
