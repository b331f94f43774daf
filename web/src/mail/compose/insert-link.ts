/** A link to a large file, as it stands in the text: above the signature, in the form that the mail has. */
import type { Draft } from './draft.ts';
import { type RichNode, textOf } from './rich-doc.ts';

export interface LinkLine {
  readonly name: string;
  readonly url: string;
  /** Size, and until when. */
  readonly facts: string;
}

const inSignature = /\n-- \n/;

export function withLink(draft: Draft, { name, url, facts }: LinkLine): Draft {
  if (draft.format === 'plain' || draft.doc === undefined) {
    const at = inSignature.exec(draft.text)?.index ?? draft.text.length;
    const line = `\n${name} (${facts})\n${url}\n`;
    return { ...draft, text: draft.text.slice(0, at) + line + draft.text.slice(at) };
  }
  const content = draft.doc.content ?? [];
  const found = content.findIndex(({ type }) => type === 'signature');
  const at = found === -1 ? content.length : found;
  const line: RichNode = {
    type: 'paragraph',
    content: [
      { type: 'text', text: name, marks: [{ type: 'link', attrs: { href: url } }] },
      { type: 'text', text: ` (${facts})` },
    ],
  };
  const doc: RichNode = { type: 'doc', content: [...content.slice(0, at), line, ...content.slice(at)] };
  return { ...draft, doc, text: textOf(doc) };
}
