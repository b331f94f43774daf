/**
 * The links of a text, as a reader would follow them: in plain text by their looks, in HTML by the attributes that load or lead somewhere, with what is
 * shown for each. Linear time; nothing is followed, nothing is trusted.
 */
import { decodeEntities, htmlToText } from './html-text.ts';

export interface Link {
  /** As it was written, character references decoded. */
  readonly url: string;
  /** In lower case, as it was written: perhaps Unicode, perhaps A-labels, perhaps an address; without port. */
  readonly host: string;
  /** There is a user name in front of the host, which looks like one. */
  readonly hasUser: boolean;
  /** What is shown for it; `''` where it is the URL itself or nothing. */
  readonly shown: string;
}

const linksMax = 500;
const urlMaxChars = 2000;
const shownMaxChars = 300;

const inText = /\b(?:https?:\/\/|www\.)[^\s<>"'()[\]{}、。「」『』（）]{2,2000}/gi;
const linking = new Set(['a', 'area', 'img', 'form', 'iframe', 'base', 'link']);
const attributes = /([^\s=>"'/]+)\s*(?:=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+)))?/g;
const leading = new Set(['href', 'src', 'action']);
const tagMaxChars = 8000;

export function linksInText(text: string): Link[] {
  // Most texts have none, and a search for letters is quicker than one for a pattern.
  if (!text.includes('://') && !/www\./i.test(text)) return [];
  const links: Link[] = [];
  for (const [found] of text.matchAll(inText)) {
    const url = found.replace(/[.,;:!?*_~]+$/, '');
    const link = linkTo(/^www\./i.test(url) ? `http://${url}` : url, '');
    if (link) links.push(link);
    if (links.length >= linksMax) break;
  }
  return links;
}

export function linksInHtml(html: string): Link[] {
  const links: Link[] = [];
  for (let open = html.indexOf('<'); open !== -1 && links.length < linksMax; ) {
    const end = html.indexOf('>', open);
    if (end === -1) break;
    const name = /^[a-z]{1,6}(?=[\s/])/i.exec(html.slice(open + 1, open + 8))?.[0].toLowerCase();
    if (name !== undefined && linking.has(name)) {
      const url = urlOf(html.slice(open + 1 + name.length, Math.min(end, open + tagMaxChars)));
      const link = url === '' ? undefined : linkTo(url, name === 'a' ? shownBehind(html, end + 1) : '');
      if (link) links.push(link);
    }
    // What looks like a tag within a tag that was left open is one for browsers, too, after the next `>`.
    open = html.indexOf('<', end);
  }
  return links;
}

function urlOf(inTag: string): string {
  for (const [, name = '', double, single, bare] of inTag.matchAll(attributes))
    if (leading.has(name.toLowerCase()))
      return decodeEntities(double ?? single ?? bare ?? '').replace(/[\s\u0000-\u001f]+/g, '');
  return '';
}

/** The text up to where the anchor ends. */
function shownBehind(html: string, from: number): string {
  const part = html.slice(from, from + 2000);
  const end = part.search(/<\/a[\s>]/i);
  return htmlToText(end === -1 ? part.slice(0, shownMaxChars) : part.slice(0, end)).slice(0, shownMaxChars);
}

/** Only what is fetched over the network. Backslashes count as slashes, as browsers take them (URL Standard, 4.4). */
function linkTo(url: string, shown: string): Link | undefined {
  const match = /^(?:https?|ftp):[\\/]{2,}([^\\/?#]{1,500})/i.exec(url.slice(0, urlMaxChars));
  if (match === null) return undefined;
  const authority = match[1]!;
  const at = authority.lastIndexOf('@');
  const host = hostOf(authority.slice(at + 1));
  if (host === '') return undefined;
  return { url: url.slice(0, urlMaxChars), host, hasUser: at !== -1, shown: shown === url ? '' : shown };
}

function hostOf(text: string): string {
  const literal = /^\[([0-9a-f:.]{2,45})\]/i.exec(text);
  if (literal) return literal[1]!.toLowerCase();
  const name = percentDecoded(text.replace(/:\d{0,5}$/, ''))
    .normalize('NFKC')
    .toLowerCase();
  return name.replace(/[\u3002\uff0e\uff61]/g, '.').replace(/\.$/, '');
}

function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
