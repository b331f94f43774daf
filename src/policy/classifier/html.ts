/**
 * HTML as a filter sees it: what a reader sees of it, where its links and images lead, and marks of how it is made.
 *
 * Pure, linear in the length of the page: each tag is looked at once, and within bounds.
 */
import { decodeEntities, htmlToText } from '../../proto/mime/html-text.ts';
import { linkHost, linksIn } from './links.ts';

export interface SeenHtml {
  readonly text: string;
  readonly links: readonly string[];
  /** Without prefix: `form`, `hidden-text`, `link-elsewhere`. */
  readonly marks: readonly string[];
}

/** Elements that tell something by being there. */
const telling = new Set([
  'form',
  'input',
  'script',
  'iframe',
  'object',
  'embed',
  'base',
  'map',
  'blink',
  'marquee',
  'center',
  'style',
  'blockquote',
  'pre',
  'font',
  'img',
  'table',
  'button',
]);
const hidden =
  /(?:display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*[01](?:px|pt)?\s*(?:;|$)|opacity\s*:\s*0\s*(?:;|$))/i;
const tag = /<([a-z][a-z0-9]{0,20})(?=[\s/>])([^<>]{0,4000})>/gi;
const attribute = /([a-z-]{2,20})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))/gi;

export function seenHtml(html: string): SeenHtml {
  const text = htmlToText(html);
  const links: string[] = [];
  const marks = new Set<string>();
  for (const found of html.matchAll(tag)) {
    const name = found[1]!.toLowerCase();
    if (telling.has(name)) marks.add(name);
    if (found[2] === '') continue;
    const attributes = attributesOf(found[2]!);
    lookAt(name, attributes, { links, marks });
    const href = name === 'a' ? attributes.get('href') : undefined;
    if (
      href !== undefined &&
      leadsElsewhere(href, html.slice(found.index + found[0].length, found.index + found[0].length + 300))
    )
      marks.add('link-elsewhere');
  }
  const share = html.length === 0 ? 0 : Math.floor((text.length / html.length) * 4);
  marks.add(`text-share-${share}`);
  if (html.includes('<!--') && /\p{L}<!--[^>]{0,200}-->\p{L}/u.test(html)) marks.add('split-word');
  return { text, links, marks: [...marks] };
}

function attributesOf(text: string): ReadonlyMap<string, string> {
  const attributes = new Map<string, string>();
  for (const [, name, double, single, bare] of text.matchAll(attribute))
    attributes.set(name!.toLowerCase(), decodeEntities(double ?? single ?? bare ?? ''));
  return attributes;
}

function lookAt(
  name: string,
  attributes: ReadonlyMap<string, string>,
  { links, marks }: { readonly links: string[]; readonly marks: Set<string> },
): void {
  const target = attributes.get('href') ?? attributes.get('action') ?? attributes.get('src');
  if (target !== undefined) links.push(target.trim());
  if (name === 'img' && /^https?:/i.test(attributes.get('src') ?? '')) marks.add('remote-image');
  if (name === 'img' && attributes.get('width') === '1' && attributes.get('height') === '1')
    marks.add('pixel');
  if (hidden.test(attributes.get('style') ?? '')) marks.add('hidden-text');
  for (const colour of ['bgcolor', 'color']) {
    const value = attributes.get(colour);
    if (value !== undefined) marks.add(`${colour}-${value.toLowerCase().slice(0, 12)}`);
  }
}

/** The words of a link name one host, and it leads to another. */
function leadsElsewhere(href: string, behind: string): boolean {
  const end = behind.search(/<\/a/i);
  const shown = end === -1 ? undefined : linksIn(htmlToText(behind.slice(0, end)))[0];
  if (shown === undefined) return false;
  const from = linkHost(shown);
  const to = linkHost(href);
  return from !== undefined && to !== undefined && from.domain !== to.domain;
}
