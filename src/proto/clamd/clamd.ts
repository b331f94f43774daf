/**
 * The protocol of ClamAV's clamd, as a client (clamd(8), "COMMANDS"): commands in their `z` form, which end with NUL and are answered with text that
 * ends with NUL, so that no file name or signature can be mistaken for the end of an answer.
 */

export class ClamdError extends Error {
  override readonly name = 'ClamdError';
}

export const versionCommand = Buffer.from('zVERSION\0', 'latin1');
/** Pieces of the stream follow, then its end. */
export const streamCommand = Buffer.from('zINSTREAM\0', 'latin1');
export const streamEnd = Buffer.alloc(4);

/** A piece of the stream with its length in front. Empty ones would end it. */
export function streamPiece(bytes: Uint8Array): Buffer {
  if (bytes.length === 0) return Buffer.alloc(0);
  const piece = Buffer.allocUnsafe(4 + bytes.length);
  piece.writeUInt32BE(bytes.length, 0);
  piece.set(bytes, 4);
  return piece;
}

export type ScanAnswer =
  | { readonly is: 'clean' }
  /** `Eicar-Test-Signature`, `Heuristics.Encrypted.Zip`: printable ASCII without blanks. */
  | { readonly is: 'found'; readonly name: string };

const answerMaxBytes = 4096;
const nameMaxChars = 200;

/** Gathers an answer up to its NUL. */
export class ClamdReader {
  #pieces: Buffer[] = [];
  #bytes = 0;

  /** The answer, once it is whole. Nothing may follow it. */
  push(chunk: Buffer): string | undefined {
    const end = chunk.indexOf(0);
    if (end !== -1 && end !== chunk.length - 1) throw new ClamdError('goes on behind its answer');
    this.#bytes += chunk.length;
    if (this.#bytes > answerMaxBytes) throw new ClamdError('an answer too long');
    this.#pieces.push(chunk);
    return end === -1 ? undefined : Buffer.concat(this.#pieces).toString('latin1').slice(0, -1);
  }
}

/** `stream: OK`, `stream: NAME FOUND`; `… ERROR` and whatever else is a ClamdError. */
export function parseScan(answer: string): ScanAnswer {
  if (/^stream: OK$/.test(answer)) return { is: 'clean' };
  const name = /^stream: ([^\s(]\S*?)(?:\([^)]*\))? FOUND$/.exec(answer)?.[1];
  if (name !== undefined) return { is: 'found', name: name.replace(/[^!-~]/g, '?').slice(0, nameMaxChars) };
  throw new ClamdError(answer.replace(/[^ -~]+/g, '?').slice(0, nameMaxChars));
}
