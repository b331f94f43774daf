/**
 * What is written with its forms, as a tree (the JSON of ProseMirror), and how it leaves: as HTML that mail programs show alike, and as the plain text that stands
 * beside it. Nothing here needs a browser.
 */
export interface RichMark {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, string | number | boolean | null>>;
}

export interface RichNode {
  readonly type: string;
  readonly attrs?: Readonly<Record<string, string | number | boolean | null>>;
  readonly content?: readonly RichNode[];
  readonly marks?: readonly RichMark[];
  readonly text?: string;
}

/** Parts of HTML that we find again when a draft is opened. */
export const signatureClass = 'hikyaku-signature';
export const quoteClass = 'hikyaku-quote';

const quoteStyle = 'margin:0 0 0 8px;padding-left:12px;border-left:3px solid #c9c5b9';

export const paragraph = (text = ''): RichNode =>
  text === '' ? { type: 'paragraph' } : { type: 'paragraph', content: [{ type: 'text', text }] };

/** Each line a paragraph; lines behind `>` stand in a quote. */
export function docOfText(text: string): RichNode {
  const content = blocksOf(text.replaceAll('\r\n', '\n').split('\n'));
  return { type: 'doc', content: content.length === 0 ? [paragraph()] : content };
}

function blocksOf(lines: readonly string[]): RichNode[] {
  const blocks: RichNode[] = [];
  let quoted: string[] = [];
  const close = (): void => {
    if (quoted.length > 0) blocks.push({ type: 'blockquote', content: blocksOf(quoted) });
    quoted = [];
  };
  for (const line of lines) {
    if (line.startsWith('>')) quoted.push(line.replace(/^> ?/, ''));
    else {
      close();
      blocks.push(paragraph(line));
    }
  }
  close();
  return blocks;
}

export const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Plain text as HTML: its lines, with the blanks that it has. */
export const htmlOfText = (text: string): string =>
  escaped(text)
    .replaceAll(/ {2,}/g, (blanks) => `${'&nbsp;'.repeat(blanks.length - 1)} `)
    .split(/\r?\n/)
    .join('<br>\n');

export const htmlOf = (node: RichNode): string => (node.content ?? []).map(block).join('\n');

function block(node: RichNode): string {
  const inner = (): string => (node.content ?? []).map(block).join('');
  switch (node.type) {
    case 'paragraph':
      return `<p style="margin:0">${inlineHtml(node) || '<br>'}</p>`;
    case 'heading': {
      const level = Number(node.attrs?.['level'] ?? 2);
      return `<h${level} style="margin:12px 0 4px">${inlineHtml(node) || '<br>'}</h${level}>`;
    }
    case 'bulletList':
      return `<ul style="margin:4px 0">${inner()}</ul>`;
    case 'orderedList': {
      const start = Number(node.attrs?.['start'] ?? 1);
      return `<ol style="margin:4px 0"${start === 1 ? '' : ` start="${start}"`}>${inner()}</ol>`;
    }
    case 'listItem':
      return `<li>${inner()}</li>`;
    case 'blockquote':
      return `<blockquote style="${quoteStyle}">${inner()}</blockquote>`;
    case 'codeBlock':
      return `<pre style="font-family:monospace;white-space:pre-wrap">${inlineHtml(node)}</pre>`;
    case 'horizontalRule':
      return '<hr>';
    case 'signature':
      return `<div class="${signatureClass}">${inner()}</div>`;
    default:
      return inlineHtml({ type: 'paragraph', content: [node] });
  }
}

const inlineHtml = ({ content = [] }: RichNode): string => content.map(inline).join('');

function inline(node: RichNode): string {
  if (node.type === 'hardBreak') return '<br>';
  if (node.type === 'image') {
    const { cid, alt, width } = node.attrs ?? {};
    const wide = typeof width === 'number' ? ` width="${width}"` : '';
    return `<img src="cid:${escaped(String(cid))}" alt="${escaped(String(alt ?? ''))}"${wide} style="max-width:100%">`;
  }
  const text = escaped(node.text ?? '').replaceAll(/ {2,}/g, (run) => `${'&nbsp;'.repeat(run.length - 1)} `);
  return (node.marks ?? []).reduceRight(marked, text);
}

const tags: Readonly<Record<string, string>> = {
  bold: 'strong',
  italic: 'em',
  underline: 'u',
  strike: 's',
  code: 'code',
};

function marked(html: string, { type, attrs }: RichMark): string {
  if (type === 'link') return `<a href="${escaped(String(attrs?.['href'] ?? ''))}">${html}</a>`;
  const tag = tags[type];
  return tag === undefined ? html : `<${tag}>${html}</${tag}>`;
}

/** The words alone, with the marks that people use in plain text. */
export function textOf(node: RichNode): string {
  return blocksText(node.content ?? []).join('\n');
}

function blocksText(nodes: readonly RichNode[]): string[] {
  return nodes.flatMap(blockText);
}

function blockText(node: RichNode): string[] {
  const children = node.content ?? [];
  switch (node.type) {
    case 'blockquote':
      return blocksText(children).map((line) => (line.startsWith('>') ? `>${line}` : `> ${line}`));
    case 'bulletList':
      return children.flatMap((item) => indented(item, '- '));
    case 'orderedList': {
      const start = Number(node.attrs?.['start'] ?? 1);
      return children.flatMap((item, i) => indented(item, `${start + i}. `));
    }
    case 'horizontalRule':
      return ['----'];
    case 'signature':
      return ['-- ', ...blocksText(children)];
    case 'heading':
      return ['', ...inlineText(node).split('\n')];
    default:
      return inlineText(node).split('\n');
  }
}

function indented(item: RichNode, mark: string): string[] {
  return blocksText(item.content ?? []).map((line, i) => (i === 0 ? mark : ' '.repeat(mark.length)) + line);
}

function inlineText({ content = [] }: RichNode): string {
  let text = '';
  content.forEach((node, i) => {
    if (node.type === 'hardBreak') text += '\n';
    else if (node.type === 'image') text += node.attrs?.['alt'] ? `[${String(node.attrs['alt'])}]` : '';
    else {
      text += node.text ?? '';
      const href = linkOf(node);
      // The address follows the last word of its link, unless it is the word.
      if (href !== undefined && linkOf(content[i + 1]) !== href && !showsItself(content, i, href))
        text += ` <${href}>`;
    }
  });
  return text;
}

const linkOf = (node: RichNode | undefined): string | undefined =>
  node?.marks?.find(({ type }) => type === 'link')?.attrs?.['href'] as string | undefined;

function showsItself(content: readonly RichNode[], last: number, href: string): boolean {
  let words = '';
  for (let i = last; i >= 0 && linkOf(content[i]) === href; i--) words = (content[i]!.text ?? '') + words;
  const bare = (url: string): string => url.replace(/^(?:https?:\/\/|mailto:|tel:)/i, '').replace(/\/$/, '');
  return bare(words.trim()) === bare(href);
}

/** The Content-IDs of the pictures in it. */
export function cidsOf(node: RichNode): string[] {
  const own = node.type === 'image' ? [String(node.attrs?.['cid'] ?? '')] : [];
  return [...own, ...(node.content ?? []).flatMap(cidsOf)];
}

/** The document with another signature; undefined or empty: with none. */
export function withSignature(doc: RichNode, signature: readonly RichNode[]): RichNode {
  const content = doc.content ?? [];
  const node: readonly RichNode[] = signature.length === 0 ? [] : [{ type: 'signature', content: signature }];
  const at = content.findIndex(({ type }) => type === 'signature');
  if (at === -1) return { ...doc, content: [...content, ...node] };
  const next = [...content.slice(0, at), ...node, ...content.slice(at + 1)];
  return { ...doc, content: next.length === 0 ? [paragraph()] : next };
}

/** What stands behind the last line of dashes of a plain text is its signature: another takes its place. */
export function textWithSignature(text: string, before: string, after: string): string {
  const old = before === '' ? undefined : `\n-- \n${before}`;
  const next = after === '' ? '' : `\n-- \n${after}`;
  if (old !== undefined) {
    const at = text.indexOf(old);
    if (at !== -1) return text.slice(0, at) + next + text.slice(at + old.length);
  }
  return next === '' ? text : `${text}${text.endsWith('\n') || text === '' ? '' : '\n'}${next}`;
}

/** Whether a person would see anything in it. */
export function isBlank(node: RichNode): boolean {
  if (node.type === 'image' || node.type === 'horizontalRule') return false;
  if (node.text !== undefined) return node.text.trim() === '';
  return (node.content ?? []).every(
    ({ type, ...rest }) => type === 'signature' || isBlank({ type, ...rest }),
  );
}
