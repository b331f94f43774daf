/** The forms that a text may have: those that every mail program shows. Pictures stand in it by their Content-IDs, a signature in a block of its own. */
import { getSchema, mergeAttributes, Node, type Extensions } from '@tiptap/core';
import { StarterKit } from '@tiptap/starter-kit';
import { signatureClass } from '../rich-doc.ts';

/** What a link may lead to; all else is text. */
export const isLinkTarget = (url: string): boolean => /^(?:https?:\/\/|mailto:|tel:)[^\s<>"]+$/i.test(url);

/** A picture of this mail: `src` is where it was uploaded to, `cid` how the mail names it. Pictures from elsewhere are none. */
const Picture = Node.create({
  name: 'image',
  group: 'inline',
  inline: true,
  draggable: true,
  addAttributes: () => ({
    src: { default: null },
    cid: { default: null, parseHTML: (element) => element.getAttribute('data-cid') },
    alt: { default: '' },
    width: { default: null, parseHTML: (element) => Number(element.getAttribute('width')) || null },
  }),
  parseHTML: () => [{ tag: 'img[data-cid][src^="/jmap/download/"]' }],
  renderHTML: ({ node, HTMLAttributes }) => [
    'img',
    mergeAttributes(HTMLAttributes, { cid: null, 'data-cid': String(node.attrs['cid']) }),
  ],
});

const Signature = Node.create({
  name: 'signature',
  group: 'block',
  content: 'block+',
  defining: true,
  parseHTML: () => [{ tag: `div.${signatureClass}` }],
  renderHTML: ({ HTMLAttributes }) => ['div', mergeAttributes(HTMLAttributes, { class: signatureClass }), 0],
});

export const extensions: Extensions = [
  StarterKit.configure({
    heading: { levels: [2, 3] },
    trailingNode: false,
    link: {
      openOnClick: false,
      autolink: true,
      linkOnPaste: true,
      defaultProtocol: 'https',
      isAllowedUri: (url) => isLinkTarget(url),
      HTMLAttributes: { rel: null, target: null },
    },
  }),
  Picture,
  Signature,
];

export const schema = getSchema(extensions);
