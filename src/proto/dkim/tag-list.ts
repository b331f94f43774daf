/**
 * Tag lists: `v=1; a=rsa-sha256; …` (RFC 6376, 3.2), as in DKIM signatures, key records, ARC and BIMI.
 *
 * A list that breaks the grammar, or has a tag twice, is no list at all: a verifier that mends what it reads can be shown one thing while another
 * verifier sees another.
 */
import { foldingBlanks, trimmed } from '../../base/trimmed.ts';

export type TagList = ReadonlyMap<string, string>;

const name = /^[A-Za-z][A-Za-z0-9_]*$/;
/** Tag values are printable ASCII, and blanks within; in mail of RFC 6532 also what is beyond ASCII (RFC 8616, 3). */
const value =
  /^(?:[\u0021-\u003a\u003c-\u007e\u0080-\uffff](?:[ \t\r\n]*[\u0021-\u003a\u003c-\u007e\u0080-\uffff]+)*)?$/u;
/** Tags of one list: a hostile one may have thousands. */
const tagsMax = 100;

/** Undefined when it is no tag list. Values are trimmed; blanks within them are left. */
export function parseTagList(text: string): TagList | undefined {
  const tags = new Map<string, string>();
  const specs = text.split(';');
  // One semicolon may stand at the end.
  if (specs.length > 1 && isBlank(specs.at(-1)!)) specs.pop();
  if (specs.length > tagsMax) return undefined;
  for (const spec of specs) {
    const equals = spec.indexOf('=');
    if (equals === -1) return undefined;
    const tag = trimmed(spec.slice(0, equals), foldingBlanks);
    const content = trimmed(spec.slice(equals + 1), foldingBlanks);
    if (!name.test(tag) || tags.has(tag) || !isValue(content)) return undefined;
    tags.set(tag, content);
  }
  return tags;
}

/** Without folding white space, as base64 values and lists are read. */
export function squeezed(content: string): string {
  return content.replace(/[ \t\r\n]+/g, '');
}

/** Strict base64 with its padding, blanks anywhere; undefined when it is not, or empty. */
export function base64Value(content: string): Buffer | undefined {
  const text = squeezed(content);
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}

/** An unsigned number of at most `digits` digits; undefined when it is not one. */
export function numberValue(content: string, digits: number): number | undefined {
  return content.length <= digits && /^\d+$/.test(content) ? Number(content) : undefined;
}

const isBlank = (text: string): boolean => /^[ \t\r\n]*$/.test(text);
// A long value is looked at piece by piece: the pattern above is linear, yet its stack is not.
const isValue = (content: string): boolean =>
  content.length < 10_000
    ? value.test(content)
    : !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f;]/.test(content);
