/**
 * Parameters into header form. A value outside ASCII is written for two kinds of reader: as RFC 2231 says, and as RFC 2047 words
 * in a quoted string, which no RFC allows and old Outlook needs. Values are harmless: quoting and encoding leave no way out of them.
 */
import { encodeWords, fold, type HeaderCharset } from './encoded-word-encoder.ts';

/** Encoded characters of one RFC 2231 piece, so that its line keeps to 78. */
const pieceMax = 50;
/** RFC 2047, 2. */
const wordLengthMax = 75;
const token = /^[A-Za-z0-9!#$&+\-.^_`{|}~]+$/;

export type ParameterToWrite = readonly [name: string, value: string];

export interface ParameterOptions {
  /** `rfc2231` for Content-Disposition, `rfc2047` for the name in Content-Type. */
  readonly style?: 'rfc2231' | 'rfc2047';
  readonly charset?: HeaderCharset;
  /** Characters already on the first line. */
  readonly used?: number;
}

/** `value; name=value; ...`, folded. */
export function formatParameterized(
  value: string,
  params: readonly ParameterToWrite[],
  options: ParameterOptions = {},
): string {
  const written = params.flatMap(([name, text]) => formatParameter(name, text, options));
  const tokens = [value, ...written];
  return fold(
    tokens.map((part, i) => (i < tokens.length - 1 ? `${part};` : part)),
    options.used ?? 0,
  );
}

function formatParameter(name: string, value: string, options: ParameterOptions): string[] {
  if (/^[\x20-\x7e]*$/.test(value) && value.length <= pieceMax) return [`${name}=${quoted(value)}`];
  if (options.style === 'rfc2047') {
    const first = wordLengthMax - name.length - 3;
    return [
      `${name}="${encodeWords(value, options.charset, { first, others: wordLengthMax - 2 }).join('\r\n ')}"`,
    ];
  }
  const pieces = percentPieces(value.toWellFormed());
  if (pieces.length === 1) return [`${name}*=UTF-8''${pieces[0]}`];
  return pieces.map((piece, i) => `${name}*${i}*=${i === 0 ? "UTF-8''" : ''}${piece}`);
}

function quoted(value: string): string {
  return token.test(value) ? value : `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** RFC 5987 attr-char stays; the rest is `%XX`. A piece ends between characters. */
function percentPieces(value: string): string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const character of value) {
    const encoded = /^[A-Za-z0-9!#$&+\-.^_`|~]$/.test(character)
      ? character
      : [...Buffer.from(character, 'utf8')]
          .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
          .join('');
    if (piece.length + encoded.length > pieceMax) {
      pieces.push(piece);
      piece = '';
    }
    piece += encoded;
  }
  pieces.push(piece);
  return pieces;
}
