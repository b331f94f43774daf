/**
 * I-JSON (RFC 7493), which every request is (RFC 8620, 1.5): UTF-8 without lone surrogates, and no name twice in an object. `JSON.parse` takes
 * both; whoever reads the first of two equal names and whoever reads the second would see two requests.
 */

/** Levels of arrays and objects within each other. */
export const jsonDepthMax = 128;

export class IJsonError extends Error {
  override readonly name = 'IJsonError';
}

/** The value, or an `IJsonError`. */
export function parseIJson(bytes: Uint8Array): unknown {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new IJsonError('not UTF-8');
  }
  checkDepth(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new IJsonError(error instanceof Error ? error.message : 'not JSON');
  }
  checkNames(text);
  return value;
}

/** Before parsing, so that the parser never goes deeper. */
function checkDepth(text: string): void {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x22) at = stringEnd(text, at);
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > jsonDepthMax) throw new IJsonError(`deeper than ${jsonDepthMax} levels`);
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}

/** The text is JSON by now. A string that a colon follows is a name of the innermost object. */
function checkNames(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x7b) open.push(new Set());
    else if (code === 0x5b) open.push(undefined);
    else if (code === 0x7d || code === 0x5d) open.pop();
    else if (code === 0x22) {
      const end = stringEnd(text, at);
      const raw = text.slice(at, end + 1);
      const string = raw.includes('\\') ? (JSON.parse(raw) as string) : raw.slice(1, -1);
      if (raw.includes('\\u') && !string.isWellFormed()) throw new IJsonError('a lone surrogate');
      at = end;
      const names = open.at(-1);
      if (names === undefined || !isName(text, end + 1)) continue;
      if (names.has(string)) throw new IJsonError(`the name ${JSON.stringify(string)} comes twice`);
      names.add(string);
    }
  }
}

function isName(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at++;
  return text[at] === ':';
}

/** Of the closing quote. */
function stringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at++;
    else if (code === 0x22) return at;
  }
  return text.length;
}
