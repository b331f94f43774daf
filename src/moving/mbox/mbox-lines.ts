/** Lines of a file with where they begin, in constant memory but for one line. The line end is part of a line. */
import { createReadStream } from 'node:fs';

const LF = 0x0a;
/** A longer line is given in pieces: no part of a format begins within one. */
const lineMaxBytes = 1024 * 1024;

export interface Line {
  readonly at: number;
  readonly bytes: Buffer;
}

export async function* linesOf(file: string): AsyncGenerator<Line, void, void> {
  let held: Buffer = Buffer.alloc(0);
  let at = 0;
  for await (const chunk of createReadStream(file, { highWaterMark: 256 * 1024 })) {
    let bytes = held.length === 0 ? (chunk as Buffer) : Buffer.concat([held, chunk as Buffer]);
    for (let lf = bytes.indexOf(LF); lf !== -1; lf = bytes.indexOf(LF)) {
      yield { at, bytes: bytes.subarray(0, lf + 1) };
      at += lf + 1;
      bytes = bytes.subarray(lf + 1);
    }
    if (bytes.length >= lineMaxBytes) {
      yield { at, bytes };
      at += bytes.length;
      bytes = Buffer.alloc(0);
    }
    held = bytes;
  }
  if (held.length > 0) yield { at, bytes: held };
}
