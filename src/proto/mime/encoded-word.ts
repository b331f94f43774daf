/**
 * Encoded words (RFC 2047, with the language of RFC 2231, 5), read with repair.
 *
 * What mailers get wrong and readers expect to be undone: characters split over words (neighbours of one charset are joined as bytes
 * before decoding), words without blanks around them, blanks inside, padding missing or in the middle, words far over 75 characters.
 * What is no encoded word stays as it is. Never throws; time is linear.
 *
 * A decoded word cannot bring in line ends or NULs: they become blanks.
 */
import { decodeBase64 } from './base64.ts';
import { decodeCharset } from './charset.ts';

interface Word {
  readonly start: number;
  readonly end: number;
  readonly charset: string;
  readonly encoding: 'b' | 'q';
  readonly text: string;
}

/** A run of words that are decoded as one. */
interface Run {
  charset: string;
  readonly pieces: Buffer[];
  /** Base64 that ends between two bytes without padding: it may go on in the next word. */
  openBase64: string;
}

const charsetLengthMax = 64;

/** Text with its encoded words decoded. */
export function decodeWords(text: string): string {
  if (!text.includes('=?')) return text;
  const out: string[] = [];
  let run: Run | undefined;
  let at = 0;
  for (const word of wordsOf(text)) {
    const between = text.slice(at, word.start);
    const follows = run !== undefined && isBlank(between);
    if (run !== undefined && !(follows && run.charset === word.charset)) {
      out.push(decodeRun(run));
      run = undefined;
    }
    if (!follows) out.push(between);
    run ??= { charset: word.charset, pieces: [], openBase64: '' };
    addWord(run, word);
    at = word.end;
  }
  if (run) out.push(decodeRun(run));
  out.push(text.slice(at));
  return out.join('');
}

function isBlank(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code !== 0x20 && code !== 0x09 && code !== 0x0d && code !== 0x0a) return false;
  }
  return true;
}

function* wordsOf(text: string): Generator<Word> {
  // The next `?=` is looked for once, however many openings come before it.
  let close = -1;
  for (let start = text.indexOf('=?'); start !== -1; ) {
    const body = bodyStart(text, start);
    if (body !== undefined && close < body.at) close = text.indexOf('?=', body.at);
    if (body !== undefined && close === -1) return;
    const word = body && wordAt(text, start, body, close);
    if (word) yield word;
    start = text.indexOf('=?', word ? word.end : start + 2);
  }
}

interface Head {
  readonly charset: string;
  readonly encoding: 'b' | 'q';
  /** Offset of the encoded text. */
  readonly at: number;
}

/** `=?charset*language?encoding?` at an offset. */
function bodyStart(text: string, start: number): Head | undefined {
  const nameEnd = text.slice(start + 2, start + 3 + charsetLengthMax).indexOf('?') + start + 2;
  if (nameEnd <= start + 2) return undefined;
  const encoding = text[nameEnd + 1]?.toLowerCase();
  if ((encoding !== 'b' && encoding !== 'q') || text[nameEnd + 2] !== '?') return undefined;
  const name = text.slice(start + 2, nameEnd);
  if (name.includes(' ')) return undefined;
  const star = name.indexOf('*');
  return { charset: (star > 0 ? name.slice(0, star) : name).toLowerCase(), encoding, at: nameEnd + 3 };
}

/** An unclosed word must not swallow the next one: then there is none here. */
function wordAt(text: string, start: number, head: Head, close: number): Word | undefined {
  const opens = text.indexOf('=?', head.at);
  if (opens !== -1 && opens < close && bodyStart(text, opens) !== undefined) return undefined;
  return {
    start,
    end: close + 2,
    charset: head.charset,
    encoding: head.encoding,
    text: text.slice(head.at, close),
  };
}

function addWord(run: Run, word: Word): void {
  if (word.encoding === 'q') {
    closeBase64(run);
    run.pieces.push(decodeQ(word.text));
    return;
  }
  const base64 = run.openBase64 + word.text.replace(/[\s]/g, '');
  const whole = base64.includes('=') ? base64.length : base64.length & ~3;
  run.pieces.push(decodeBase64(base64.slice(0, whole)));
  run.openBase64 = base64.slice(whole);
}

function closeBase64(run: Run): void {
  if (run.openBase64 !== '') run.pieces.push(decodeBase64(run.openBase64));
  run.openBase64 = '';
}

function decodeRun(run: Run): string {
  closeBase64(run);
  const bytes = run.pieces.length === 1 ? run.pieces[0]! : Buffer.concat(run.pieces);
  return harmless(decodeCharset(bytes, run.charset).text);
}

function harmless(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return text.replace(/\r\n|[\r\n\0]/g, ' ');
}

/** The Q encoding: `_` is a space (20 hex), `=XX` a byte. Anything else stands for itself; characters outside ASCII as UTF-8. */
function decodeQ(text: string): Buffer {
  const bytes = Buffer.from(text.replaceAll('_', ' '), 'utf8');
  let size = 0;
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!;
    const value = byte === 0x3d ? hexPair(bytes[i + 1], bytes[i + 2]) : -1;
    if (value !== -1) i += 2;
    bytes[size++] = value === -1 ? byte : value;
  }
  return bytes.subarray(0, size);
}

/** The byte that two hexadecimal digits stand for, or -1. */
export function hexPair(high: number | undefined, low: number | undefined): number {
  const a = hexDigit(high);
  const b = hexDigit(low);
  return a === -1 || b === -1 ? -1 : a * 16 + b;
}

function hexDigit(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
