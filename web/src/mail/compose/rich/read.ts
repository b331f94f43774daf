/**
 * HTML of drafts and signatures taken in: what the composer can show becomes its own; what it could not keep as it is, stays beneath as a whole. All of it is
 * made harmless first.
 */
import { DOMParser as TreeParser } from '@tiptap/pm/model';
import DOMPurify from 'dompurify';
import { downloadUrl } from '../../jmap/client.ts';
import type { Id } from '../../jmap/types.ts';
import { harmless } from '../answers.ts';
import type { Draft, DraftImage } from '../draft.ts';
import { docOfText, paragraph, quoteClass, type RichNode } from '../rich-doc.ts';
import { schema } from './schema.ts';

/** Elements that the composer's forms stand for; a page with others would lose something. */
const kept = new Set(
  'P BR DIV SPAN STRONG B EM I U S STRIKE DEL CODE PRE A UL OL LI BLOCKQUOTE H1 H2 H3 HR IMG'.split(' '),
);

function fragmentOf(html: string): DocumentFragment {
  DOMPurify.removeAllHooks();
  return DOMPurify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    ALLOW_UNKNOWN_PROTOCOLS: true,
    FORBID_TAGS: ['style', 'form', 'input', 'button', 'svg', 'math', 'video', 'audio', 'picture', 'source'],
  });
}

function treeOf(node: Node): RichNode {
  const json = TreeParser.fromSchema(schema).parse(node, { preserveWhitespace: false }).toJSON() as RichNode;
  return { ...json, content: json.content?.length ? json.content : [paragraph()] };
}

/** Blocks of a signature; of its text where it has no HTML. */
export function signatureBlocks(html: string, text: string): readonly RichNode[] {
  if (html.trim() !== '') {
    const fragment = fragmentOf(html);
    for (const image of fragment.querySelectorAll('img')) image.remove();
    return treeOf(fragment).content ?? [];
  }
  return text.trim() === '' ? [] : (docOfText(text.replace(/^-- ?\n/, '')).content ?? []);
}

interface Parsed extends Pick<Draft, 'images'> {
  readonly doc: RichNode;
  readonly quote?: NonNullable<Draft['quote']>;
}

/** A draft's HTML: what is written, and what it quotes. */
export function parsedHtml(
  account: Id,
  { html, parts: attachments }: NonNullable<Draft['kept']>,
  text: string,
): Parsed {
  const fragment = fragmentOf(html);
  const behind = [...fragment.children].find((each) => each.classList.contains(quoteClass));
  behind?.remove();
  trimEnd(fragment);
  if (![...fragment.querySelectorAll('*')].every(isKept)) {
    // Of another program, with forms that we have not: it stays as it is, and one writes above it.
    const whole = harmless(html, attachments);
    return { doc: { type: 'doc', content: [paragraph()] }, images: [], quote: { ...whole, text } };
  }
  const images: DraftImage[] = [];
  for (const image of fragment.querySelectorAll('img')) {
    const cid = decodeURI(/^cid:(.+)$/i.exec(image.getAttribute('src') ?? '')?.[1] ?? '');
    const part = attachments.find((each) => each.cid === cid);
    if (part === undefined || part.blobId === null) {
      image.remove();
      continue;
    }
    image.setAttribute('src', downloadUrl(account, part));
    image.setAttribute('data-cid', cid);
    images.push({ cid, blobId: part.blobId, name: part.name ?? '', type: part.type, size: part.size });
  }
  const doc = treeOf(fragment);
  if (behind === undefined) return { doc, images };
  const quoted = harmless(behind.innerHTML, attachments);
  return { doc, images, quote: { ...quoted, text: textBehind(text) } };
}

const isKept = (element: Element): boolean => kept.has(element.tagName) && !hasLook(element);

/** Colours and sizes are not among our forms; what we write ourselves is. */
function hasLook(element: Element): boolean {
  return (
    /(?:^|;)\s*(?:color|background|font|text-align|float|width)/i.test(element.getAttribute('style') ?? '') &&
    element.tagName !== 'PRE'
  );
}

/** The line that parts it from the quote is ours. */
function trimEnd(fragment: DocumentFragment): void {
  for (let last = fragment.lastChild; last !== null; last = fragment.lastChild) {
    const isBlank = last.nodeName === 'BR' || (last.nodeType === 3 && (last.textContent ?? '').trim() === '');
    if (!isBlank) return;
    last.remove();
  }
}

/** Of the text beside HTML: from the head of its quote on. */
function textBehind(text: string): string {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const forward = lines.findIndex((line) => /^-{5,} ?Forwarded message ?-{5,}$/.test(line));
  if (forward !== -1) return lines.slice(forward).join('\n');
  const first = lines.findIndex((line) => line.startsWith('>'));
  return first === -1 ? '' : lines.slice(Math.max(0, first - 1)).join('\n');
}
