/**
 * Writes DKIM-Signature, ARC-Message-Signature and ARC-Seal fields: folded, and with their signature put in.
 *
 * Where a tag breaks to a new line its relaxed form stays the same: one blank either way. Folds within a list of names are signed, so they must not
 * depend on the signature that is not there yet: a long list begins on a line of its own.
 */
import { relaxedField } from './header-canonicalization.ts';
import type { SigningKey } from './signing-key.ts';

/** Tags in their order; `b` with an empty value is where the signature goes. */
export type Tags = readonly (readonly [name: string, value: string])[];

export interface FieldToSign {
  readonly name: string;
  readonly tags: Tags;
  /** The canonical text that stands before the field in what is signed. */
  readonly signed: string;
  readonly key: SigningKey;
  /** The signature in one piece, for whoever compares octets of what is signed in turn. */
  readonly unfolded?: boolean | undefined;
}

const lineChars = 76;
const signatureLineChars = 72;
const fold = '\r\n\t';

/** The whole field with its CRLF. */
export async function signedField({ name, tags, signed, key, unfolded }: FieldToSign): Promise<string> {
  const { before, after } = written(name, tags);
  const data = Buffer.from(signed + relaxedField(name, before + after), 'latin1');
  const signature = (await key.sign(data)).toString('base64');
  return `${name}: ${before}${unfolded ? signature : base64Lines(signature)}${after}\r\n`;
}

/** The content of the field on either side of its signature. */
function written(name: string, tags: Tags): { readonly before: string; readonly after: string } {
  let before = '';
  let text = '';
  let column = name.length + 2;
  for (const [i, [tag, value]] of tags.entries()) {
    const long = tag === 'h' && value.length + 3 > lineChars;
    const content = `${tag}=${long ? nameLines(value) : value}`;
    const head = tag === 'b' ? signatureLineChars : content.length;
    const breaks = i > 0 && (long || column + head + 2 > lineChars);
    text += `${i === 0 ? '' : breaks ? `;${fold}` : '; '}${content}`;
    if (tag === 'b') {
      before = text;
      text = '';
    }
    const lastFold = content.lastIndexOf(fold);
    if (lastFold !== -1) column = content.length - lastFold - 2;
    else column = tag === 'b' ? lineChars : (breaks ? 1 : column + 2) + content.length;
  }
  return { before, after: text };
}

/** A signature is left out of what is signed, with its blanks: it may be folded anywhere. */
function base64Lines(text: string): string {
  let lines = text.slice(0, signatureLineChars);
  for (let at = signatureLineChars; at < text.length; at += signatureLineChars)
    lines += fold + text.slice(at, at + signatureLineChars);
  return lines;
}

function nameLines(list: string): string {
  let line = 3;
  let lines = '';
  for (const name of list.split(':')) {
    const breaks = lines !== '' && line + name.length + 2 > lineChars;
    lines += `${lines === '' ? '' : ':'}${breaks ? fold : ''}${name}`;
    line = breaks ? name.length + 1 : line + name.length + 1;
  }
  return lines;
}
