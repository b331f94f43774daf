/**
 * ISO-2022-JP and its kin in one decoder: RFC 1468, RFC 1554 (-2), RFC 2237 (-1, JIS X 0212), -3 and -2004 (JIS X 0213),
 * CP50220/50221/50222 (NEC row 13, NEC-selected IBM kanji, half-width kana by `ESC ( I`, SO/SI or 8-bit bytes).
 *
 * Two-byte characters are collected as EUC-JP and decoded by TextDecoder in one go, which has the same tables.
 * Unlike the WHATWG decoder, adjacent escape sequences are no error: joining two encoded words makes them. `ESC ( J` is
 * JIS X 0201 Roman as WHATWG has it: 5C is the yen sign, 7E the overline.
 */
import { createRequire } from 'node:module';
import type * as Jisx0213 from './jisx0213.ts';

const LF = 0x0a;
const SO = 0x0e;
const SI = 0x0f;
const ESC = 0x1b;

type State =
  | 'ascii'
  | 'roman'
  | 'kana'
  | 'jis0208'
  | 'jis0212'
  | 'jis0213-1'
  | 'jis0213-2'
  | 'gb2312'
  | 'ksc5601';

/** What follows ESC, to the state it brings. */
const escapes: readonly (readonly [string, State])[] = [
  ['(B', 'ascii'],
  ['$B', 'jis0208'],
  ['(J', 'roman'],
  ['(I', 'kana'],
  ['$@', 'jis0208'],
  ['$(B', 'jis0208'],
  ['$(@', 'jis0208'],
  ['$(D', 'jis0212'],
  ['$D', 'jis0212'],
  ['$(O', 'jis0213-1'],
  ['$(Q', 'jis0213-1'],
  ['$(P', 'jis0213-2'],
  ['$A', 'gb2312'],
  ['$(A', 'gb2312'],
  ['$(C', 'ksc5601'],
  ['(H', 'roman'],
];

const eucJp = new TextDecoder('euc-jp');
const foreignDecoders = new Map<string, TextDecoder>();

/** Decoders of the four other charsets that ISO-2022-JP-2 can switch to. */
function foreign(charset: string): TextDecoder {
  let decoder = foreignDecoders.get(charset);
  if (decoder === undefined) foreignDecoders.set(charset, (decoder = new TextDecoder(charset)));
  return decoder;
}

const load = createRequire(import.meta.url);

export function decodeIso2022Jp(bytes: Uint8Array): string {
  return new Decoder(bytes).decode();
}

class Decoder {
  readonly #bytes: Uint8Array;
  /** EUC-JP not yet decoded. Three bytes at most come of two. */
  readonly #euc: Uint8Array;
  #eucSize = 0;
  #text = '';
  #state: State = 'ascii';
  #shifted = false;
  /** G2 of ISO-2022-JP-2 (`ESC . A`, `ESC . F`). */
  #g2 = '';
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#euc = new Uint8Array(bytes.length * 3 + 3);
  }

  decode(): string {
    const bytes = this.#bytes;
    while (this.#at < bytes.length) {
      const byte = bytes[this.#at]!;
      if (byte === ESC) this.#escape();
      else if (byte === SO || byte === SI) this.#shift(byte === SO);
      else if (byte <= 0x20 || byte === 0x7f) this.#control(byte);
      else if (byte >= 0x80) this.#high(byte);
      else if (this.#shifted || this.#state === 'kana') this.#kana(byte);
      else if (this.#state === 'ascii') this.#one(byte);
      else if (this.#state === 'roman') this.#roman(byte);
      else this.#pair(byte);
    }
    this.#flush();
    return this.#text;
  }

  #one(euc: number): void {
    this.#euc[this.#eucSize++] = euc;
    this.#at++;
  }

  #flush(): void {
    if (this.#eucSize > 0) this.#text += eucJp.decode(this.#euc.subarray(0, this.#eucSize));
    this.#eucSize = 0;
  }

  #put(text: string): void {
    this.#flush();
    this.#text += text;
  }

  #escape(): void {
    const bytes = this.#bytes;
    const at = this.#at + 1;
    for (const [sequence, state] of escapes) {
      if (!startsWith(bytes, at, sequence)) continue;
      this.#state = state;
      this.#at = at + sequence.length;
      return;
    }
    if (bytes[at] === 0x26 && bytes[at + 1] === 0x40) {
      // `ESC & @` announces the 1990 revision and changes nothing.
      this.#at = at + 2;
    } else if (bytes[at] === 0x2e && (bytes[at + 1] === 0x41 || bytes[at + 1] === 0x46)) {
      this.#g2 = bytes[at + 1] === 0x41 ? 'iso-8859-1' : 'iso-8859-7';
      this.#at = at + 2;
    } else if (bytes[at] === 0x4e && this.#g2 !== '' && bytes[at + 1] !== undefined) {
      this.#put(foreign(this.#g2).decode(Uint8Array.of(bytes[at + 1]! | 0x80)));
      this.#at = at + 2;
    } else {
      this.#put('\ufffd');
      this.#at = at + cutEscape(bytes, at);
    }
  }

  #shift(shifted: boolean): void {
    this.#shifted = shifted;
    this.#at++;
  }

  #control(byte: number): void {
    if (byte === LF) {
      this.#shifted = false;
      this.#g2 = '';
      if (!this.#kanjiGoesOn()) this.#state = 'ascii';
    }
    this.#one(byte);
  }

  /**
   * RFC 1468 wants `ESC ( B` before a line end. Where it is missing, the next line is ASCII, unless it reads as a
   * continuation: pairs of printable bytes, then the missing escape.
   */
  #kanjiGoesOn(): boolean {
    if (this.#state === 'ascii' || this.#state === 'roman' || this.#state === 'kana') return false;
    const bytes = this.#bytes;
    const start = this.#at + 1;
    let end = start;
    while (end < bytes.length && bytes[end]! > 0x20 && bytes[end]! < 0x7f) end++;
    return end > start && (end - start) % 2 === 0 && bytes[end] === ESC && bytes[end + 1] === 0x28;
  }

  /** JIS8: half-width kana as they are in Shift_JIS. */
  #high(byte: number): void {
    if (byte >= 0xa1 && byte <= 0xdf) this.#kana(byte);
    else this.#replace();
  }

  #kana(byte: number): void {
    const code = byte & 0x7f;
    if (code > 0x5f) return this.#replace();
    this.#euc[this.#eucSize++] = 0x8e;
    this.#one(code | 0x80);
  }

  #replace(): void {
    this.#put('\ufffd');
    this.#at++;
  }

  #roman(byte: number): void {
    if (byte === 0x5c || byte === 0x7e) {
      this.#put(byte === 0x5c ? '\u00a5' : '\u203e');
      this.#at++;
    } else {
      this.#one(byte);
    }
  }

  #pair(lead: number): void {
    const trail = this.#bytes[this.#at + 1];
    if (trail === undefined || trail <= 0x20 || trail >= 0x7f) return this.#replace();
    this.#at += 2;
    const state = this.#state;
    if (state === 'jis0208' || state === 'jis0212') {
      if (state === 'jis0212') this.#euc[this.#eucSize++] = 0x8f;
      this.#euc[this.#eucSize++] = lead | 0x80;
      this.#euc[this.#eucSize++] = trail | 0x80;
    } else if (state === 'jis0213-1' || state === 'jis0213-2') {
      this.#put(jisx0213().jisx0213Character(state === 'jis0213-1' ? 1 : 2, lead - 0x20, trail - 0x20));
    } else {
      const charset = state === 'gb2312' ? 'gb18030' : 'euc-kr';
      this.#put(foreign(charset).decode(Uint8Array.of(lead | 0x80, trail | 0x80)));
    }
  }
}

/** How much of an escape sequence stands behind an ESC where the text, or its line, was cut off within. */
function cutEscape(bytes: Uint8Array, at: number): number {
  const size =
    bytes[at] === 0x24 && bytes[at + 1] === 0x28 ? 2 : bytes[at] === 0x24 || bytes[at] === 0x28 ? 1 : 0;
  const next = bytes[at + size];
  return next === undefined || next === 0x0d || next === LF ? size : 0;
}

function startsWith(bytes: Uint8Array, at: number, sequence: string): boolean {
  for (let i = 0; i < sequence.length; i++) if (bytes[at + i] !== sequence.charCodeAt(i)) return false;
  return true;
}

function jisx0213(): typeof Jisx0213 {
  return load('./jisx0213.ts') as typeof Jisx0213;
}

/** A run of kanji longer than this is not searched for its lost end: lines are shorter. */
const lostRunMax = 4000;

/**
 * Puts back the ESC bytes that some gateways drop, so that `$BF|K\(B` shows as text. Undefined when nothing reads as such:
 * what is between must be pairs of JIS X 0208 that exist. Where a run fails, the search goes on behind it: linear time.
 */
export function restoreLostEscapes(bytes: Uint8Array): Uint8Array | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  let out = '';
  let at = 0;
  for (let start = text.indexOf('$B'); start !== -1; ) {
    const run = lostRun(text, start + 2);
    if (run.closed) {
      out += `${text.slice(at, start)}\x1b${text.slice(start, run.end)}\x1b`;
      at = run.end;
    }
    start = text.indexOf('$B', run.end);
  }
  return at === 0 ? undefined : Buffer.from(out + text.slice(at), 'latin1');
}

/** The pairs from an offset, up to the `(B` or `(J` that closes them or to what cannot belong to them. */
function lostRun(text: string, start: number): { end: number; closed: boolean } {
  const limit = Math.min(text.length - 1, start + lostRunMax);
  let at = start;
  for (; at < limit; at += 2) {
    const lead = text.charCodeAt(at);
    const trail = text.charCodeAt(at + 1);
    if (at > start && lead === 0x28 && (trail === 0x42 || trail === 0x4a)) return { end: at, closed: true };
    if (lead <= 0x20 || lead >= 0x7f || trail <= 0x20 || trail >= 0x7f || !isAssigned(lead, trail)) break;
  }
  return { end: at, closed: false };
}

function isAssigned(lead: number, trail: number): boolean {
  return !eucJp.decode(Uint8Array.of(lead | 0x80, trail | 0x80)).includes('\ufffd');
}
