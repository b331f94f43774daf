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
  const data = Buffer.from(signed + relaxedField(name, written(name, tags, '')), 'latin1');
  const signature = (await key.sign(data)).toString('base64');
  return `${name}: ${written(name, tags, unfolded ? signature : base64Lines(signature))}\r\n`;
}

function written(name: string, tags: Tags, signature: string): string {
  let text = '';
  let column = name.length + 2;
  for (const [i, [tag, value]] of tags.entries()) {
    const long = tag === 'h' && value.length + 3 > lineChars;
    const content = `${tag}=${tag === 'b' ? signature : long ? nameLines(value) : value}`;
    const head = tag === 'b' ? signatureLineChars : value.length + tag.length + 1;
    const breaks = i > 0 && (long || column + head + 2 > lineChars);
    text += `${i === 0 ? '' : breaks ? `;${fold}` : '; '}${content}`;
    const lastFold = content.lastIndexOf(fold);
    if (lastFold !== -1) column = content.length - lastFold - 2;
    else column = (breaks ? 1 : column + 2) + content.length;
  }
  return text;
}

/** A signature is left out of what is signed, with its blanks: it may be folded anywhere. */
function base64Lines(text: string): string {
  return text.replace(/.{72}(?=.)/g, `$&${fold}`);
}

function nameLines(list: string): string {
  let line = 3;
  const names = list.split(':').map((name, i) => {
    const breaks = i > 0 && line + name.length + 2 > lineChars;
    line = breaks ? name.length + 1 : line + name.length + 1;
    return breaks ? fold + name : name;
  });
  return names.join(':');
}
