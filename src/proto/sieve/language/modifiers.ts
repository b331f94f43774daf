/** Modifiers of values that go into variables (RFC 5229, 4.1; RFC 5435, 6; draft-ietf-sieve-regex): applied from the highest precedence down. */
import { charactersOf, cutOctets, octetsOf } from '../text.ts';
import type { Call } from './call.ts';
import type { TagDefinition } from './definition.ts';

interface Modifier {
  readonly name: string;
  /** Those of one precedence exclude each other. */
  readonly precedence: number;
  readonly needs?: string;
  readonly apply: (value: string) => string;
}

const lower = (text: string): string => text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
const upper = (text: string): string => text.replaceAll(/[a-z]+/g, (letters) => letters.toUpperCase());

const modifiers: readonly Modifier[] = [
  { name: 'lower', precedence: 40, apply: lower },
  { name: 'upper', precedence: 40, apply: upper },
  { name: 'lowerfirst', precedence: 30, apply: (text) => lower(text.slice(0, 1)) + text.slice(1) },
  { name: 'upperfirst', precedence: 30, apply: (text) => upper(text.slice(0, 1)) + text.slice(1) },
  { name: 'quotewildcard', precedence: 20, apply: (text) => text.replaceAll(/[*?\\]/g, '\\$&') },
  {
    name: 'quoteregex',
    precedence: 20,
    needs: 'regex',
    apply: (text) => text.replaceAll(/[\\^$.[\]|()?*+{}]/g, '\\$&'),
  },
  { name: 'encodeurl', precedence: 15, needs: 'enotify', apply: encodeUrl },
  { name: 'length', precedence: 10, apply: (text) => `${charactersOf(text).length}` },
];

/** Every octet but the unreserved ones of RFC 3986, 2.3. */
function encodeUrl(text: string): string {
  let encoded = '';
  for (const octet of octetsOf(text)) {
    const character = String.fromCharCode(octet);
    encoded += /[A-Za-z0-9._~-]/.test(character)
      ? character
      : `%${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

export const modifierTags: readonly TagDefinition[] = modifiers.map(({ name, precedence, needs }) => ({
  name,
  group: `precedence ${precedence}`,
  ...(needs === undefined ? {} : { needs }),
}));

/** `maxBytes` bounds what a modifier is given: it may make the text up to three times as long. */
export function compileModifiers(call: Call, maxBytes: number): (value: string) => string {
  const chosen = modifiers.filter(({ name }) => call.has(name)).sort((a, b) => b.precedence - a.precedence);
  if (chosen.length === 0) return (value) => value;
  return (value) => chosen.reduce((text, { apply }) => apply(text), cutOctets(value, maxBytes));
}
