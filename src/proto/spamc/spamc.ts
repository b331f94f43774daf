/**
 * The protocol of SpamAssassin's spamd, as a client (SPAMC/1.5; spamd's PROTOCOL file): one request for each connection, one answer, closed.
 *
 * The message goes without Content-length and ends where the client's side of the connection ends, so that it need not be kept to be counted.
 */

export class SpamcError extends Error {
  override readonly name = 'SpamcError';
}

export interface SpamcRequest {
  /** `SYMBOLS`: score and the rules that hit; `PING`. */
  readonly command: 'SYMBOLS' | 'PING';
  /** Whose rules apply; `''` for those of the daemon. */
  readonly user: string;
}

export function spamcHead({ command, user }: SpamcRequest): string {
  const name = user.replace(/[^\x21-\x7e]/g, '');
  return `${command} SPAMC/1.5\r\n${name === '' ? '' : `User: ${name}\r\n`}\r\n`;
}

export interface SpamdAnswer {
  /** EX_OK. Other codes are thrown. */
  readonly isSpam: boolean;
  readonly score: number;
  readonly threshold: number;
  /** `BAYES_99`, `URIBL_BLACK`. */
  readonly symbols: readonly string[];
}

export const spamdAnswerMaxBytes = 256 * 1024;
const symbolsMax = 500;
/** Scores beyond are a fault of a daemon, not a fact about mail. */
const scoreMax = 10_000;

/** All that the daemon has said until it closed. */
export function parseSpamd(bytes: Buffer): SpamdAnswer {
  const text = bytes.toString('latin1');
  const end = /\r?\n\r?\n/.exec(text);
  const lines = text.slice(0, end?.index ?? text.length).split(/\r?\n/);
  const status = /^SPAMD\/\d+\.\d+ (\d+) ?(.*)$/.exec(lines[0] ?? '');
  if (status === null) throw new SpamcError('an answer that is none');
  if (status[1] !== '0') throw new SpamcError(`${status[1]} ${shown(status[2]!)}`);
  if (end === null) throw new SpamcError('an answer cut short');
  const spam = lines.map((line) => spamLine.exec(line)).find((found) => found !== null);
  if (spam === undefined) throw new SpamcError('an answer without a score');
  const [score, threshold] = [Number(spam[2]), Number(spam[3])];
  if (Math.abs(score) > scoreMax || Math.abs(threshold) > scoreMax)
    throw new SpamcError('a score beyond all');
  const isSpam = /^(?:true|yes)$/i.test(spam[1]!);
  return { isSpam, score, threshold, symbols: symbolsIn(text.slice(end.index + end[0].length)) };
}

export function isPong(bytes: Buffer): boolean {
  return /^SPAMD\/\d+\.\d+ 0 PONG\r?\n/.test(bytes.toString('latin1'));
}

const spamLine = /^Spam: ?(True|False|Yes|No) ?; ?(-?\d+(?:\.\d+)?) ?\/ ?(-?\d+(?:\.\d+)?) ?$/i;

const symbolsIn = (text: string): string[] => (text.match(/[A-Za-z0-9_]{1,100}/g) ?? []).slice(0, symbolsMax);

const shown = (text: string): string => text.replace(/[^ -~]+/g, '?').slice(0, 200);
