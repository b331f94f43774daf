/**
 * A mail as the set of what is counted of it. The same mail gives the same set when it comes in and when it is learned from its mailbox.
 *
 * Bounded: so many characters of text, so many tokens; what is beyond is not looked at. Pure.
 */
import type { HeaderBlock } from '../../proto/mime/headers.ts';
import { parameter } from '../../proto/mime/parameter.ts';
import type { Content, ContentPart, ContentText } from '../content.ts';
import { headerTokens } from './header-tokens.ts';
import { seenHtml } from './html.ts';
import { linkTokens, linksIn } from './links.ts';
import { wordsOf } from './words.ts';

export interface TokenSource {
  /** Whole lines without the blank line. */
  readonly header: Buffer;
  readonly block: HeaderBlock;
  readonly content: Content;
  /** Of the way it came. */
  readonly route: readonly string[];
}

const textMaxChars = 32 * 1024;
const linksMax = 100;
const partsMax = 50;
export const tokensMax = 3000;

export function mailTokens({ header, block, content, route }: TokenSource): ReadonlySet<string> {
  const tokens = new Set<string>();
  const add = (several: readonly string[]): void => {
    for (const token of several) if (tokens.size < tokensMax) tokens.add(token);
  };
  add(route);
  add(headerTokens(header, block));
  for (const part of content.parts.slice(0, partsMax)) add(partTokens(part));
  let left = textMaxChars;
  for (const text of content.texts) {
    add(textTokens(text, left));
    left = Math.max(0, left - text.text.length);
  }
  return tokens;
}

function textTokens({ is, text: whole }: ContentText, max: number): string[] {
  const text = whole.slice(0, max);
  const { text: seen, links, marks } = is === 'html' ? seenHtml(text) : { text, links: [], marks: [] };
  const all = [...new Set([...links, ...linksIn(seen)])].slice(0, linksMax);
  return [...marks.map((mark) => `html:${mark}`), ...all.flatMap(linkTokens), ...withPairs(wordsOf(seen))];
}

/** Words, and each with the one behind it: fewer wanted mails look like spam by pairs, and those further apart add nothing (docs/decisions/0020). */
const withPairs = (words: readonly string[]): string[] => [
  ...words,
  ...words.slice(1).map((word, at) => `${words[at]} ${word}`),
];

function partTokens({
  type,
  subtype,
  params,
  encoding,
  disposition,
  fileName,
  sizeBytes,
}: ContentPart): string[] {
  const charset = parameter(params, 'charset')?.toLowerCase().slice(0, 20);
  const ending = /\.([a-z0-9]{1,8})$/i.exec(fileName)?.[1]?.toLowerCase();
  return [
    `part:${type}/${subtype}`.slice(0, 60),
    ...(charset === undefined ? [] : [`charset:${charset}`]),
    ...(encoding === '' ? [] : [`encoding:${encoding.toLowerCase().slice(0, 20)}`]),
    ...(disposition === '' ? [] : [`disposition:${disposition}`]),
    ...(ending === undefined ? [] : [`file:${ending}`]),
    ...(fileName === ''
      ? []
      : wordsOf(fileName)
          .slice(0, 20)
          .map((word) => `file-name:${word}`)),
    ...(type === 'text' ? [] : [`size:${Math.round(Math.log2(sizeBytes + 1))}`]),
  ];
}
