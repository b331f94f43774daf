/** What stands in the composer at first: whose mail it is, in which form, with which signature, above what it quotes. */
import type { Id, Identity } from '../jmap/types.ts';
import { bodiesOf } from './message.ts';
import { type Draft, domainOf, type Format } from './draft.ts';
import { docOfText, textOf, textWithSignature, withSignature } from './rich-doc.ts';
import { parsedHtml, signatureBlocks } from './rich/read.ts';

/** The identity that was written to, else the first; one of a whole domain sends from the address that was used. */
export function identityFor(identities: readonly Identity[], as: readonly string[] = []): Identity {
  for (const address of as) {
    const wanted = address.toLowerCase();
    const own = identities.find(({ email }) => email.toLowerCase() === wanted);
    if (own !== undefined) return own;
    const all = identities.find(({ email }) => email.toLowerCase() === `*@${domainOf(wanted)}`);
    if (all !== undefined) return { ...all, email: address };
  }
  return identities.find(({ email }) => !email.startsWith('*@')) ?? identities[0]!;
}

/** Its signature as plain text, without the line of dashes that clients of old put into it. */
export const textSignature = ({ textSignature: text, htmlSignature: html }: Identity): string =>
  text.trim() === '' && html.trim() !== ''
    ? textOf({ type: 'doc', content: signatureBlocks(html, '') })
    : text.replace(/^-- ?\n/, '').trimEnd();

const blocksOf = ({ htmlSignature: html, textSignature: text }: Identity) => signatureBlocks(html, text);

interface Beginning {
  readonly account: Id;
  readonly from: Identity;
  readonly format: Format;
}

export function begun(given: Draft, { account, from, format }: Beginning): Draft {
  const { fresh, kept, ...draft } = given;
  if (kept !== undefined) {
    const { doc, images, quote } = parsedHtml(account, kept, draft.text);
    return { ...draft, format: 'html', doc, images, text: textOf(doc), ...(quote && { quote }) };
  }
  if (!fresh) return draft;
  if (format === 'plain')
    return inPlain({ ...draft, text: textWithSignature(draft.text, '', textSignature(from)) });
  const doc = withSignature(docOfText(draft.text), blocksOf(from));
  return { ...draft, format: 'html', doc, text: textOf(doc) };
}

/** Without forms: the quote joins the text; pictures that stood in it are attached. */
export function inPlain(draft: Draft): Draft {
  const { doc, quote, images, ...rest } = draft;
  const whole = doc === undefined ? draft.text : textOf(doc);
  const text = quote === undefined ? whole : `${whole === '' ? '\n' : whole}\n\n${quote.text}`;
  return {
    ...rest,
    format: 'plain',
    text,
    images: [],
    files: [...draft.files, ...images.map(({ blobId, name, type, size }) => ({ blobId, name, type, size }))],
  };
}

export function inRich(draft: Draft): Draft {
  const doc = docOfText(draft.text);
  return { ...draft, format: 'html', doc, text: textOf(doc) };
}

/** With the signature of another identity in place of the one before. */
export function signedBy(draft: Draft, before: Identity, after: Identity): Draft {
  if (draft.format === 'plain' || draft.doc === undefined)
    return { ...draft, text: textWithSignature(draft.text, textSignature(before), textSignature(after)) };
  const doc = withSignature(draft.doc, blocksOf(after));
  return { ...draft, doc, text: textOf(doc) };
}

export const bytesOf = (draft: Draft): number => {
  const { text, html = '' } = bodiesOf(draft);
  const files = [...draft.files, ...draft.images, ...(draft.quote?.images ?? [])];
  // Base64 has four characters for three octets.
  return (text.length + html.length) * 3 + files.reduce((sum, { size }) => sum + (size * 4) / 3, 0);
};
