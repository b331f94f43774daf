/**
 * What was said in one session, for an administrator who has to understand a mailer: switched on for one account until a moment, with secrets and mail left out.
 *
 * It begins behind the login, so no password is in it; whatever comes as a literal, both ways, is told by its size alone, and so are answers to "+".
 */
import type { AccountId } from '../base/ids.ts';
import type { CommandText } from '../proto/imap/scanner.ts';

/** Keeps transcripts: a file for each session, as `app` has it. */
export interface TranscriptKeeper {
  open(account: AccountId, peer: string): TranscriptLines;
}

export interface TranscriptLines {
  line(text: string): void;
  end(): void;
}

/** Characters of one line. */
const lineMax = 2_000;
/** A client may try to log in where it is logged in already, also without a tag. */
const secret = /^((?:[^ ]+ +)?(?:LOGIN|AUTHENTICATE +[^ ]+))(?: .*)?$/i;

export class Transcript implements Disposable {
  readonly #lines: TranscriptLines;
  /** What the server said since its last line end. */
  #said = '';
  #cut = '';
  /** Octets of a literal that are still to come. */
  #skip = 0;
  /** A line of one word: what a client sends behind an AUTHENTICATE without waiting for the answer. Ours names it as the tag. */
  #word: string | undefined;

  constructor(lines: TranscriptLines) {
    this.#lines = lines;
  }

  [Symbol.dispose](): void {
    this.#lines.end();
  }

  command({ lines, literals }: CommandText): void {
    const text = lines
      .map((line, i) => (i < literals.length ? `${line}{${literals[i]!.length}}` : line))
      .join('...');
    this.#word = text.includes(' ') ? undefined : text;
    if (this.#word !== undefined) return this.hidden('a word');
    const hidden = secret.exec(text);
    this.#line('C', hidden === null ? text : `${hidden[1]!} ...`);
  }

  /** A message of APPEND, or a line that answers "+". */
  hidden(what: string): void {
    this.#line('C', `(${what})`);
  }

  /** What goes out: text with one character for each byte. */
  said(text: string): void {
    let rest = this.#cut + text;
    this.#cut = '';
    while (rest !== '') {
      const skipped = Math.min(this.#skip, rest.length);
      this.#skip -= skipped;
      rest = rest.slice(skipped);
      const end = rest.indexOf('\r\n');
      if (end === -1) {
        // A line end may be cut in two.
        this.#cut = rest.endsWith('\r') ? '\r' : '';
        this.#said += rest.slice(0, rest.length - this.#cut.length);
        return;
      }
      const line = this.#said + rest.slice(0, end);
      rest = rest.slice(end + 2);
      const literal = /\{(\d+)\}$/.exec(line);
      if (literal === null) {
        this.#said = '';
        this.#line('S', this.#withoutWord(line));
      } else {
        this.#skip = Number(literal[1]);
        this.#said = `${line}...`;
      }
    }
  }

  saidBytes(count: number): void {
    this.#skip = Math.max(0, this.#skip - count);
  }

  #withoutWord(line: string): string {
    const word = this.#word;
    return word !== undefined && line.startsWith(`${word} `) ? `...${line.slice(word.length)}` : line;
  }

  #line(who: 'C' | 'S', text: string): void {
    const shown = Buffer.from(text.slice(0, lineMax), 'latin1').toString('utf8');
    this.#lines.line(`${who}: ${shown}${text.length > lineMax ? '...' : ''}`);
  }
}
