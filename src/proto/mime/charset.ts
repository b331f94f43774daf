/**
 * Bytes to text by the name of a charset, with the repairs that Japanese mail needs.
 *
 * What the built-in TextDecoder (WHATWG) knows goes to it, except ISO-2022-JP and its kin, which have a decoder of
 * their own (charset/iso-2022-jp.ts). Rarer charsets are loaded when they are first met. Where a label is known to lie (UTF-8 or
 * Shift_JIS under ISO-2022-JP, escape sequences under US-ASCII, ...) the bytes are believed, and `problem` is set.
 *
 * Never throws. Time is linear.
 */
import { isAscii, isUtf8 } from 'node:buffer';
import { createRequire } from 'node:module';
import type * as Iconv from 'iconv-lite';
import { guessJapanese, isMostlyUtf8 } from './charset/guess.ts';
import { decodeEucJp, decodeShiftJis } from './charset/japanese.ts';
import { decodeHz, decodeIso2022Kr } from './charset/hz.ts';
import { decodeIso2022Jp, restoreLostEscapes } from './charset/iso-2022-jp.ts';
export { encodeIso2022Jp } from './charset/iso-2022-jp-encoder.ts';
import type * as Jisx0213 from './charset/jisx0213.ts';
import { resolveLabel } from './charset/label.ts';
import { decodeUtf32, decodeUtf7, utf16Order } from './charset/utf.ts';

const LF = 0x0a;
const ESC = 0x1b;

export interface Decoded {
  readonly text: string;
  /** Bytes did not fit the charset, or the charset is unknown: `isEncodingProblem` of JMAP (RFC 8621, 4.1.4). */
  readonly problem: boolean;
}

/** Bytes to text by the label of a charset; an undefined label is guessed. */
export function decodeCharset(bytes: Uint8Array, label: string | undefined): Decoded {
  if (label === undefined || label === '') return decodeUnlabelled(bytes);
  const charset = resolveLabel(label);
  if (charset === undefined) return { text: decodeUnlabelled(bytes).text, problem: !isAscii(bytes) };
  if (typeof charset === 'object') return asOther(bytes, charset.other);
  switch (charset) {
    case 'utf-8':
      return asUtf8(bytes);
    case 'us-ascii':
      return hasEscape(bytes) || !isAscii(bytes)
        ? distrusted(bytes)
        : { text: latin1(bytes), problem: false };
    case 'iso-2022-jp':
      return asIso2022Jp(bytes);
    case 'shift_jis':
    case 'euc-jp':
      return asJapanese(bytes, charset);
    case 'euc-jp-ms':
      return judged(builtIn('euc-jp').decode(bytes));
    case 'utf-16':
      return judged(builtIn(utf16Order(bytes)).decode(bytes));
    case 'utf-7':
      return judged(decodeUtf7(latin1(bytes)));
    case 'utf-32le':
    case 'utf-32be':
    case 'utf-32':
      return judged(decodeUtf32(bytes, charset));
    case 'hz-gb-2312':
      return judged(decodeHz(bytes));
    case 'iso-2022-kr':
      return judged(decodeIso2022Kr(bytes));
    default:
      return judged(jisx0213()(bytes, charset));
  }
}

/** True when bytes of this label can be decoded as what it says. */
export function isKnownCharset(label: string): boolean {
  return resolveLabel(label) !== undefined;
}

/** Raw 8-bit text without a label, as in a header: UTF-8 (RFC 6532), ISO-2022-JP by its escapes, Japanese by its looks, else windows-1252. */
export function decodeUnlabelled(bytes: Uint8Array): Decoded {
  if (isAscii(bytes)) {
    if (!hasEscape(bytes)) return { text: latin1(bytes), problem: false };
    return { text: decodeIso2022Jp(bytes), problem: false };
  }
  if (isUtf8(bytes)) return { text: utf8(bytes), problem: false };
  if (isMostlyUtf8(bytes)) return { text: utf8(bytes), problem: true };
  const guess = guessJapanese(bytes);
  if (guess !== undefined) return { text: builtIn(guess).decode(bytes), problem: false };
  return { text: builtIn('windows-1252').decode(bytes), problem: true };
}

function distrusted(bytes: Uint8Array): Decoded {
  return { text: decodeUnlabelled(bytes).text, problem: true };
}

function asUtf8(bytes: Uint8Array): Decoded {
  if (isUtf8(bytes)) {
    if (hasEscape(bytes) && isAscii(bytes)) return distrusted(bytes);
    return { text: utf8(bytes), problem: false };
  }
  const guess = isMostlyUtf8(bytes) ? undefined : guessJapanese(bytes);
  return { text: guess ? builtIn(guess).decode(bytes) : utf8(bytes), problem: true };
}

/** Half-width kana as 8-bit bytes (JIS8) are read by the decoder itself; all else that is 8-bit is another charset. */
function asIso2022Jp(bytes: Uint8Array): Decoded {
  if (isAscii(bytes)) {
    const restored = bytes.indexOf(ESC) === -1 ? restoreLostEscapes(bytes) : undefined;
    return restored ? { text: decodeIso2022Jp(restored), problem: true } : judged(decodeIso2022Jp(bytes));
  }
  if (hasEscape(bytes)) return { text: pieceByPiece(bytes), problem: true };
  if (isMostlyUtf8(bytes)) return { text: utf8(bytes), problem: true };
  const guess = guessJapanese(bytes);
  return guess ? { text: builtIn(guess).decode(bytes), problem: true } : judged(decodeIso2022Jp(bytes));
}

/** Mail that others have added lines to in a charset of their own, as list servers put their footers below. Lines of one kind are decoded together. */
function pieceByPiece(bytes: Uint8Array): string {
  const out: string[] = [];
  let start = 0;
  let foreignRun = false;
  for (let at = 0; at < bytes.length; ) {
    const lf = bytes.indexOf(LF, at);
    const next = lf === -1 ? bytes.length : lf + 1;
    const line = bytes.subarray(at, next);
    // A line in ASCII belongs to either kind.
    const foreign: boolean = isAscii(line) ? foreignRun && !hasEscape(line) : !hasEscape(line);
    if (foreign !== foreignRun && at > start) {
      out.push(piece(bytes.subarray(start, at), foreignRun));
      start = at;
    }
    foreignRun = foreign;
    at = next;
  }
  out.push(piece(bytes.subarray(start), foreignRun));
  return out.join('');
}

function piece(bytes: Uint8Array, foreign: boolean): string {
  if (!foreign) return decodeIso2022Jp(bytes);
  if (isMostlyUtf8(bytes)) return utf8(bytes);
  const guess = guessJapanese(bytes);
  return guess ? builtIn(guess).decode(bytes) : decodeIso2022Jp(bytes);
}

function asJapanese(bytes: Uint8Array, charset: 'shift_jis' | 'euc-jp'): Decoded {
  if (isAscii(bytes) && hasEscape(bytes)) return distrusted(bytes);
  const text = charset === 'euc-jp' ? decodeEucJp(bytes) : decodeShiftJis(bytes);
  if (!text.includes('\ufffd')) return { text, problem: false };
  if (isMostlyUtf8(bytes)) return { text: utf8(bytes), problem: true };
  const guess = guessJapanese(bytes);
  return { text: guess && guess !== charset ? builtIn(guess).decode(bytes) : text, problem: true };
}

function asOther(bytes: Uint8Array, charset: string): Decoded {
  if (isAscii(bytes) && hasEscape(bytes) && !charset.startsWith('utf-16')) return distrusted(bytes);
  if (charset.startsWith('iconv:')) return judged(iconv()(bytes, charset.slice(6)));
  return judged(builtIn(charset).decode(bytes));
}

function judged(text: string): Decoded {
  return { text, problem: text.includes('\ufffd') };
}

/** An escape sequence that only ISO-2022-JP and its kin have: `ESC $` or `ESC (`. */
function hasEscape(bytes: Uint8Array): boolean {
  for (let at = bytes.indexOf(ESC); at !== -1; at = bytes.indexOf(ESC, at + 1)) {
    if (bytes[at + 1] === 0x24 || bytes[at + 1] === 0x28) return true;
  }
  return false;
}

const decoders = new Map<string, TextDecoder>();

/** Built once for each charset; the charsets are those of label.ts, so the map is bounded. */
function builtIn(charset: string): TextDecoder {
  let decoder = decoders.get(charset);
  if (decoder === undefined) {
    decoder = new TextDecoder(charset);
    decoders.set(charset, decoder);
  }
  return decoder;
}

function utf8(bytes: Uint8Array): string {
  return builtIn('utf-8').decode(bytes);
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

type Codec = (bytes: Uint8Array, charset: string) => string;
const load = createRequire(import.meta.url);
let iconvCodec: Codec | undefined;
let jisx0213Codec: Codec | undefined;

/** iconv-lite has large tables and DOS code pages are rare: loaded when first needed. */
function iconv(): Codec {
  if (iconvCodec === undefined) {
    const library = load('iconv-lite') as typeof Iconv;
    iconvCodec = (bytes, charset) => library.decode(bytes, charset);
  }
  return iconvCodec;
}

function jisx0213(): Codec {
  jisx0213Codec ??= (load('./charset/jisx0213.ts') as typeof Jisx0213).decodeJisx0213;
  return jisx0213Codec;
}
