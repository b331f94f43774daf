/** Macro strings of SPF (RFC 7208, 7): read once, expanded for each message. */

export type MacroPart =
  | { readonly is: 'text'; readonly text: string }
  | {
      readonly is: 'macro';
      /** Lower case. */
      readonly letter: string;
      /** Written in upper case: the value is URL-escaped. */
      readonly escaped: boolean;
      /** Labels from the right that are kept; 0 keeps all. */
      readonly keep: number;
      readonly reversed: boolean;
      readonly delimiters: string;
    };

export type MacroString = readonly MacroPart[];

const macro = /^%\{([a-z])(\d*)(r?)([.\-+,/_=]*)\}/i;
const domainLetters = 'slodiphv';
const explanationLetters = `${domainLetters}crt`;

/** Undefined when it breaks the grammar. `c`, `r` and `t` may only stand in explanations, where blanks may stand too. */
export function parseMacroString(text: string, { explanation = false } = {}): MacroString | undefined {
  const parts: MacroPart[] = [];
  const letters = explanation ? explanationLetters : domainLetters;
  const literal = explanation ? /^[ -$&-~]+/ : /^[!-$&-~]+/;
  for (let rest = text; rest !== ''; ) {
    const plain = literal.exec(rest)?.[0];
    const part =
      plain === undefined ? parsePercent(rest, letters) : { read: plain.length, part: textPart(plain) };
    if (part === undefined) return undefined;
    parts.push(part.part);
    rest = rest.slice(part.read);
  }
  return parts;
}

const textPart = (text: string): MacroPart => ({ is: 'text', text });

function parsePercent(text: string, letters: string): { read: number; part: MacroPart } | undefined {
  const short = { '%%': '%', '%_': ' ', '%-': '%20' }[text.slice(0, 2)];
  if (short !== undefined) return { read: 2, part: textPart(short) };
  const match = macro.exec(text);
  if (match === null) return undefined;
  const [whole, letter, digits, reversed, delimiters] = match as unknown as [
    string,
    string,
    string,
    string,
    string,
  ];
  const keep = digits === '' ? 0 : Number(digits);
  // RFC 7208, 7.3: "0" is no number of labels.
  if (!letters.includes(letter.toLowerCase()) || (digits !== '' && keep === 0)) return undefined;
  return {
    read: whole.length,
    part: {
      is: 'macro',
      letter: letter.toLowerCase(),
      escaped: letter !== letter.toLowerCase(),
      keep,
      reversed: reversed !== '',
      delimiters: delimiters === '' ? '.' : delimiters,
    },
  };
}

/** What a macro letter stands for. `p` needs DNS. */
export type MacroValue = (letter: string) => string | Promise<string>;

export async function expand(parts: MacroString, valueOf: MacroValue): Promise<string> {
  let text = '';
  for (const part of parts) {
    if (part.is === 'text') text += part.text;
    else text += transformed(part, await valueOf(part.letter));
  }
  return text;
}

function transformed(
  { escaped, keep, reversed, delimiters }: Extract<MacroPart, { is: 'macro' }>,
  value: string,
): string {
  let text = value;
  if (keep > 0 || reversed || delimiters !== '.') {
    let labels = split(value, delimiters);
    if (reversed) labels.reverse();
    if (keep > 0) labels = labels.slice(-keep);
    text = labels.join('.');
  }
  return escaped ? urlEscaped(text) : text;
}

function split(value: string, delimiters: string): string[] {
  const labels = [''];
  for (const character of value) {
    if (delimiters.includes(character)) labels.push('');
    else labels[labels.length - 1] += character;
  }
  return labels;
}

/** RFC 3986: all but unreserved characters. */
function urlEscaped(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** RFC 7208, 7.1: a domain-spec ends with a macro or with a top label. */
export function isDomainSpec(parts: MacroString): boolean {
  const last = parts.at(-1);
  if (last === undefined) return false;
  if (last.is === 'macro') return true;
  const label = /\.([^.]+)\.?$/.exec(last.text)?.[1] ?? '';
  return /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/i.test(label) && /[a-z-]/i.test(label);
}

const nameCharsMax = 253;

/** An expanded domain, without its final dot, cut to the length of a name at its left labels (RFC 7208, 7.3). */
export function asDomain(text: string): string {
  let domain = text.endsWith('.') ? text.slice(0, -1) : text;
  while (domain.length > nameCharsMax) {
    const dot = domain.indexOf('.');
    if (dot === -1) break;
    domain = domain.slice(dot + 1);
  }
  return domain;
}
