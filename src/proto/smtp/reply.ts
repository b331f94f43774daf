/**
 * Replies: `250-first CRLF 250 last CRLF` (RFC 5321, 4.2), with enhanced codes (RFC 2034, RFC 3463).
 *
 * The reader is for clients. It is strict about what decisions hang on (three digits in range, the same code on each line, a blank or
 * hyphen after it) and tolerant about text, which comes from strangers and ends up in logs: controls become `?`, bytes
 * that are not UTF-8 become U+FFFD. A line may end with LF alone: no decision hangs on that, and some servers do so.
 *
 * Memory: one line of `replyLineMax`, and at most `replyLinesMax` lines of a reply.
 */

/** Octets of a reply line with its end. RFC 5321, 4.5.3.1.5 says 512; longer explanations are common. */
export const replyLineMax = 4096;
/** Lines of one reply: an EHLO of today has about twenty. */
export const replyLinesMax = 200;

export interface Reply {
  readonly code: number;
  /** `5.1.1`, or `''`; always of the class that the code has. */
  readonly enhanced: string;
  /** Text of each line, without code; the enhanced code is left in. */
  readonly lines: readonly string[];
}

export class ReplyError extends Error {
  override readonly name = 'ReplyError';
}

const LF = 0x0a;
const CR = 0x0d;

/** Cuts a byte stream into replies, however it was split. */
export class ReplyReader {
  #rest: Buffer | undefined;
  #code = 0;
  #lines: string[] = [];

  /** True between two replies. When STARTTLS is answered it must be, or bytes were injected before TLS (CVE-2011-0411). */
  get empty(): boolean {
    return this.#rest === undefined && this.#lines.length === 0;
  }

  /** Calls `onReply` for each reply that the chunk ends. Throws ReplyError; the stream is of no use afterwards. */
  push(chunk: Uint8Array, onReply: (reply: Reply) => void): void {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    if (this.#rest !== undefined) {
      bytes = Buffer.concat([this.#rest, bytes]);
      this.#rest = undefined;
    }
    let at = 0;
    for (;;) {
      const lf = bytes.indexOf(LF, at);
      if ((lf === -1 ? bytes.length : lf) - at >= replyLineMax) throw new ReplyError('reply line too long');
      if (lf === -1) break;
      const end = lf > at && bytes[lf - 1] === CR ? lf - 1 : lf;
      const line = bytes.toString('utf8', at, end);
      at = lf + 1;
      if (this.#line(line)) onReply(this.#take());
    }
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
  }

  /** True when the line ends its reply. */
  #line(line: string): boolean {
    const mark = line[3];
    if (!/^[2-5][0-5][0-9]/.test(line) || (mark !== undefined && mark !== ' ' && mark !== '-')) {
      throw new ReplyError(`not a reply: ${printable(line).slice(0, 100)}`);
    }
    const code = Number(line.slice(0, 3));
    if (this.#lines.length === 0) this.#code = code;
    else if (code !== this.#code)
      throw new ReplyError(`reply changes its code from ${this.#code} to ${code}`);
    if (this.#lines.length === replyLinesMax) throw new ReplyError('reply has too many lines');
    this.#lines.push(printable(line.slice(4)));
    return mark !== '-';
  }

  #take(): Reply {
    const lines = this.#lines;
    this.#lines = [];
    return { code: this.#code, enhanced: enhancedCode(this.#code, lines[0]!), lines };
  }
}

function printable(text: string): string {
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '?');
}

/** The enhanced code that `text` begins with, if its class is the first digit of `code` (RFC 2034, 4). */
function enhancedCode(code: number, text: string): string {
  const [, whole, kind] = /^(([245])\.\d{1,3}\.\d{1,3})(?:\s|$)/.exec(text) ?? [];
  return whole !== undefined && Number(kind) === Math.trunc(code / 100) ? whole : '';
}

/** A reply on one line, as people and the event ledger read it: `550 5.1.1 No such mailbox here`. */
export function replyText(reply: Reply): string {
  return `${reply.code} ${reply.lines.join(' ')}`.trimEnd();
}

/** Wire form for servers. Line breaks inside `text` make a multi-line reply that repeats the enhanced code (RFC 2034, 3). */
export function formatReply(code: number, enhanced: string, text: string): string {
  const lines = text.split(/\r\n|\r|\n/);
  const head = enhanced === '' ? '' : `${enhanced} `;
  return lines.map((line, i) => `${code}${i === lines.length - 1 ? ' ' : '-'}${head}${line}\r\n`).join('');
}
