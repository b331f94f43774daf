/**
 * The match type `:regex` (draft-ietf-sieve-regex): POSIX extended regular expressions, searched for anywhere in the value.
 *
 * RE2's engine: the time is linear in the value whatever the expression, so neither a script nor a message can make it run away. Back references, which POSIX
 * extended expressions do not have either, are an error.
 */
import { RE2JS } from 're2js';
import type { Comparator } from './comparator.ts';
import { regexSize } from './regex-size.ts';
import type { Captures, Spend } from './wildcard.ts';

/** Instructions of one expression: `(a{1,500}){1,500}` would need more than a machine has. */
const programMax = 10_000;
const sourceMax = 10_000;
/** Work of looking at one character, and of one instruction for it, where the engine has to go the long way. */
const characterCost = 40;
const instructionCost = 4;
/** Work of making one instruction. */
const makingCost = 120;

export interface Regex {
  readonly expression: RE2JS;
  readonly size: number;
}

/** The expression, or why it is none. Bounded work, which is counted before it is done. */
export function parseRegex(
  source: string,
  comparator: Comparator,
  spend: Spend,
): Regex | { readonly problem: string } {
  if (source.length > sourceMax) return { problem: `${source.length} > ${sourceMax}` };
  const written = regexSize(source);
  if (written > programMax) return { problem: `${written} > ${programMax}` };
  spend(makingCost * (source.length + written));
  const flags = RE2JS.DOTALL | RE2JS.LONGEST_MATCH | (comparator.ignoresCase ? RE2JS.CASE_INSENSITIVE : 0);
  try {
    const expression = RE2JS.compile(source, flags);
    const size = expression.matcher('').programSize();
    return size > programMax ? { problem: `${size} > ${programMax}` } : { expression, size };
  } catch (error) {
    return { problem: (error as Error).message };
  }
}

export function matchRegex({ expression, size }: Regex, value: string, spend: Spend): Captures | undefined {
  spend(value.length * (characterCost + instructionCost * size));
  const matcher = expression.matcher(value);
  if (!matcher.find()) return undefined;
  return Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? '');
}
