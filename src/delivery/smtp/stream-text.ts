/** Sends a long text piece by piece, as DATA or in chunks (RFC 3030), each piece when the server has taken the one before: memory stays that of a piece. */
import { DotStuffer } from '../../proto/smtp/dot-stuffing.ts';
import { LineGuard } from '../../proto/smtp/line-guard.ts';
import { asBuffer, type LongText } from './text.ts';
import type { Wire } from './wire.ts';

/** `binary` is in chunks too, but with its line ends as they are. */
export type How = 'data' | 'chunks' | 'binary';

export interface Streaming {
  readonly wire: Wire;
  readonly text: LongText;
  readonly how: How;
  /** A BDAT was written: a reply is to come. */
  readonly onChunk: () => void;
}

/** All but what ends the text, which the result writes. Undefined: the connection is lost, or was given up because the text could not be read. */
export async function streamText({ wire, text, how, onChunk }: Streaming): Promise<(() => void) | undefined> {
  const guard = new LineGuard();
  const stuffer = new DotStuffer();
  const send = (bytes: Buffer): void => {
    if (how === 'data') return stuffer.push(bytes, (part) => wire.writeBytes(part));
    wire.write(`BDAT ${bytes.length}\r\n`);
    onChunk();
    wire.writeBytes(bytes);
  };
  try {
    for await (const piece of text.pieces()) {
      if (how === 'binary') send(asBuffer(piece));
      else guard.push(asBuffer(piece), send);
      wire.expectWithin(wire.timeouts.blockMs);
      await wire.connection.drained();
      if (wire.lost) return undefined;
    }
    guard.end(send);
  } catch (error) {
    wire.lose({ is: 'closed', detail: `the text could not be read: ${String(error)}` });
    return undefined;
  }
  return () => {
    if (how === 'data') wire.writeBytes(stuffer.end());
    else wire.write('BDAT 0 LAST\r\n');
  };
}
