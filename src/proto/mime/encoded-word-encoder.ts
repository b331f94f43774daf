/**
 * Text into header form: encoded words where ASCII does not suffice (RFC 2047), folded (RFC 5322, 2.2.3).
 *
 * No word is longer than 75 characters, none splits a character, and each ISO-2022-JP word starts and ends in ASCII. Lines aim
 * at 76 characters. The result is ASCII with `CRLF SP` folds and never has a bare CR or LF: line ends in the text are refused
 * by the composer before they come here, and are encoded if they come all the same.
 */
import { encodeIso2022Jp } from './charset.ts';

/** How a header field may be encoded. ISO-2022-JP is used where the text allows it. */
export type HeaderCharset = 'utf-8' | 'iso-2022-jp';

export interface EncodeOptions {
  readonly charset?: HeaderCharset;
  /** Characters already on the first line, as `Subject: `. */
  readonly used?: number;
}

const lineLengthMax = 76;
const wordLengthMax = 75;
/** A token longer than this is encoded, as a line may not exceed 998 characters. */
const plainTokenMax = 900;

/** Unstructured text (Subject, Comments) as it may stand in a field. */
export function encodeText(text: string, options: EncodeOptions = {}): string {
  const used = options.used ?? 0;
  return fold(encodeTokens(text, options.charset ?? 'utf-8', lineLengthMax - used), used);
}

/** A display name: atoms as they are, a quoted string, or encoded words. Not folded; its blanks are places to fold. */
export function encodePhrase(text: string, charset: HeaderCharset = 'utf-8'): string {
  if (
    /^[A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+(?: [A-Za-z0-9!#$%&'*+\-/=?^_`{|}~]+)*$/.test(text) &&
    !text.includes('=?')
  ) {
    return text;
  }
  if (/^[\x20-\x7e]*$/.test(text) && !text.includes('=?') && text.length < plainTokenMax) {
    return `"${text.replace(/["\\]/g, '\\$&')}"`;
  }
  return encodeWords(text, charset).join(' ');
}

/** Puts tokens on lines. Tokens have no blanks inside that may not be folds. */
export function fold(tokens: readonly string[], used: number): string {
  let out = '';
  let room = lineLengthMax - used;
  for (const token of tokens) {
    const length = token.length + (out === '' ? 0 : 1);
    if (out !== '' && length > room) {
      out += '\r\n ';
      room = lineLengthMax - 1 - token.length;
    } else {
      if (out !== '') out += ' ';
      room -= length;
    }
    out += token;
  }
  return out;
}

/** Blanks at the ends and double blanks would be lost in folding, so they go into words. */
function encodeTokens(text: string, charset: HeaderCharset, firstMax: number): string[] {
  if (/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(text) && text.length < plainTokenMax && !text.includes('=?')) {
    return text.split(' ');
  }
  if (/^ | $| {2}/.test(text)) return encodeWords(text, charset, { first: firstMax });
  const tokens: string[] = [];
  let foreign: string[] = [];
  const close = (): void => {
    const first = tokens.length === 0 ? firstMax : wordLengthMax;
    if (foreign.length > 0) tokens.push(...encodeWords(foreign.join(' '), charset, { first }));
    foreign = [];
  };
  for (const word of text.split(' ')) {
    if (!isPlain(word)) foreign.push(word);
    else {
      close();
      tokens.push(word);
    }
  }
  close();
  return tokens;
}

function isPlain(word: string): boolean {
  return /^[\x21-\x7e]+$/.test(word) && !word.includes('=?') && word.length < plainTokenMax;
}

/** Lengths of words: of the first one (it shares its line with the field name) and of the others. */
export interface WordLengths {
  readonly first?: number;
  readonly others?: number;
}

/** The text as encoded words; a reader joins them without the blanks between. */
export function encodeWords(
  text: string,
  charset: HeaderCharset = 'utf-8',
  lengths: WordLengths = {},
): string[] {
  if (charset === 'iso-2022-jp' && encodeIso2022Jp(text) !== undefined) {
    return split(text, (piece) => `=?ISO-2022-JP?B?${encodeIso2022Jp(piece)!.toString('base64')}?=`, lengths);
  }
  const wellFormed = text.toWellFormed();
  return split(wellFormed, prefersQ(wellFormed) ? asQ : asB, lengths);
}

function asB(piece: string): string {
  return `=?UTF-8?B?${Buffer.from(piece, 'utf8').toString('base64')}?=`;
}

function asQ(piece: string): string {
  let out = '';
  for (const byte of Buffer.from(piece, 'utf8')) {
    const character = String.fromCharCode(byte);
    if (/[A-Za-z0-9!*+\-/]/.test(character)) out += character;
    else out += byte === 0x20 ? '_' : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return `=?UTF-8?Q?${out}?=`;
}

/** Q where most is readable without decoding; it is then also the shorter one. */
function prefersQ(text: string): boolean {
  const safe = text.match(/[A-Za-z0-9!*+\-/ ]/g)?.length ?? 0;
  return (Buffer.byteLength(text) - safe) * 3 + safe < Math.ceil(Buffer.byteLength(text) / 3) * 4;
}

/** Cuts between characters (code points, and not before a combining or selecting one) so that each word keeps to its length. */
function split(text: string, encode: (piece: string) => string, lengths: WordLengths): string[] {
  const words: string[] = [];
  let piece = '';
  let word = '';
  for (const character of characters(text)) {
    const longer = encode(piece + character);
    const lengthMax = Math.min(
      wordLengthMax,
      (words.length === 0 ? lengths.first : undefined) ?? lengths.others ?? wordLengthMax,
    );
    if (longer.length > lengthMax && piece !== '') {
      words.push(word);
      piece = character;
      word = encode(piece);
    } else {
      piece += character;
      word = longer;
    }
  }
  if (piece !== '') words.push(word);
  return words;
}

/** Marks that stay with their base within reason: a word must not grow beyond its length for them. */
const marksMax = 3;

function characters(text: string): string[] {
  const out: string[] = [];
  let marks = 0;
  for (const point of text) {
    const joins = /^[\p{M}\u200d]$/u.test(point) && marks < marksMax && out.length > 0;
    marks = joins ? marks + 1 : 0;
    if (joins) out[out.length - 1] += point;
    else out.push(point);
  }
  return out;
}
