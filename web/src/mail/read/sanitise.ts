/**
 * HTML of mail made harmless: DOMPurify takes scripts, forms and handlers away, and here go the ways by which the mere look would tell the sender something or
 * hide something: pictures from elsewhere, `url()` in styles, what is laid over the page. It is shown in a frame without scripts besides, whose policy
 * lets nothing through (Frame.tsx): three fences, each of which would do.
 */
import DOMPurify from 'dompurify';

export interface Cleaned {
  readonly html: string;
  /** Pictures from elsewhere that were left out. */
  readonly blocked: number;
}

export interface CleanOptions {
  /** Where a picture of the message itself is, by its Content-ID. */
  readonly cidUrl: (cid: string) => string | undefined;
  /** Where a picture from elsewhere is fetched by our server; undefined: it is not shown. */
  readonly remoteUrl: ((url: string) => string) | undefined;
}

const forbidden = [
  'form',
  'input',
  'button',
  'select',
  'textarea',
  'option',
  'dialog',
  'template',
  'slot',
  'link',
  'meta',
  'base',
  'svg',
  'math',
  'audio',
  'video',
  'source',
  'track',
  'picture',
  'map',
  'area',
  'object',
  'embed',
  'iframe',
  'frame',
  'noscript',
];

/** With pictures behind it. */
const urlAttributes = ['background', 'poster', 'srcset', 'lowsrc', 'dynsrc', 'longdesc', 'cite'] as const;

export function cleaned(html: string, { cidUrl, remoteUrl }: CleanOptions): Cleaned {
  let blocked = 0;
  const source = (url: string): string | undefined => {
    const [, cid] = /^cid:(.+)$/is.exec(url.trim()) ?? [];
    if (cid !== undefined) return cidUrl(decoded(cid));
    if (/^data:image\/(?:png|jpe?g|gif|webp|avif|bmp)[;,]/i.test(url)) return url;
    if (!/^(?:https?:)?\/\//i.test(url)) return undefined;
    if (remoteUrl === undefined) blocked++;
    return remoteUrl?.(url.startsWith('//') ? `https:${url}` : url);
  };
  // One instance: each would want a Trusted Types policy of its own.
  DOMPurify.removeAllHooks();
  DOMPurify.addHook('afterSanitizeAttributes', (node) => {
    for (const name of urlAttributes) {
      const url = node.getAttribute(name);
      if (url === null) continue;
      node.removeAttribute(name);
      if (name === 'background' && source(url) !== undefined) node.setAttribute('data-background', '');
    }
    const style = node.getAttribute('style');
    if (style !== null) node.setAttribute('style', safeStyle(style));
    if (node.nodeName === 'IMG') {
      const url = source(node.getAttribute('src') ?? '');
      if (url === undefined) node.removeAttribute('src');
      else node.setAttribute('src', url);
    } else node.removeAttribute('src');
    if (node.nodeName === 'STYLE') node.textContent = safeSheet(node.textContent ?? '');
    if (node.nodeName === 'A') {
      const href = node.getAttribute('href') ?? '';
      if (!/^(?:https?:|mailto:|tel:|#)/i.test(href.trim())) node.removeAttribute('href');
      node.setAttribute('target', '_blank');
      node.setAttribute('rel', 'noopener noreferrer nofollow');
    }
  });
  const clean = DOMPurify.sanitize(html, {
    WHOLE_DOCUMENT: false,
    FORCE_BODY: true,
    ADD_TAGS: ['style', 'center', 'font'],
    FORBID_TAGS: forbidden,
    FORBID_ATTR: ['id', 'name', 'slot', 'is', 'autofocus', 'contenteditable', 'popover', 'popovertarget'],
    ALLOW_DATA_ATTR: false,
    ALLOW_UNKNOWN_PROTOCOLS: true,
    SANITIZE_DOM: true,
  });
  return { html: clean, blocked };
}

function decoded(cid: string): string {
  try {
    return decodeURIComponent(cid);
  } catch {
    return cid;
  }
}

/** Declarations without anything that fetches, and without leaving their place. */
export function safeStyle(style: string): string {
  return plainCss(style)
    .split(';')
    .filter((declaration) => !isUnsafe(declaration))
    .join(';');
}

/** A sheet loses `@import` and `@font-face` and each piece that fetches, also the one at its end that nothing closes. */
export function safeSheet(sheet: string): string {
  const kept: string[] = [];
  let piece = '';
  /** Braces open within a block that goes whole. */
  let skipped = 0;
  for (const part of plainCss(sheet).split(/([{};])/)) {
    if (skipped > 0) {
      if (part === '{') skipped++;
      if (part === '}') skipped--;
    } else if (part === '{' && goesWhole.test(piece)) {
      skipped = 1;
      piece = '';
    } else if (part === '{' || part === '}' || part === ';') {
      kept.push(isUnsafe(piece) || /^\s*@(?:import|charset|namespace)/i.test(piece) ? '' : piece, part);
      piece = '';
    } else piece = part;
  }
  if (!isUnsafe(piece)) kept.push(piece);
  return kept.join('');
}

const goesWhole = /^\s*@(?:font-face|property|view-transition)/i;

/** Comments and escapes could hide words. */
const plainCss = (css: string): string =>
  css
    .replaceAll(/\/\*[\s\S]*?(?:\*\/|$)/g, '')
    .replaceAll(/\\([0-9a-f]{1,6})\s?/gi, (_, code: string) => characterOf(Number.parseInt(code, 16)))
    .replaceAll('\\', '')
    .replaceAll(/<\/?style/gi, '');

const characterOf = (code: number): string =>
  code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : '';

const isUnsafe = (declaration: string): boolean =>
  /url\s*\(|image-set\s*\(|image\s*\(|src\s*\(|expression\s*\(|-moz-binding|behavior\s*:|javascript:/i.test(
    declaration,
  ) || /position\s*:\s*(?:fixed|sticky)/i.test(declaration);
