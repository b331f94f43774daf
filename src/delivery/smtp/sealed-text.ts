/** A text that is sent on, as the seal (ARC) is to cover it: its header as it is stored, and its body as it will be on the wire. */
import { LineGuard } from '../../proto/smtp/line-guard.ts';
import { parseHeaders } from '../../proto/mime/headers.ts';
import type { Sealing } from '../../policy/sealer.ts';
import { asBuffer, type OutgoingText } from './text.ts';

export type StartSealing = (header: Buffer, domain: string) => Promise<Sealing | undefined>;

const noFields = Buffer.alloc(0);
/** Longer lines would be folded on the way out, and the header be another than the one that was read. */
const lineMax = 998;

/** The fields of the seal; empty where there is none. `head`: the beginning of a long text. */
export async function sealOf(
  text: OutgoingText,
  { head, domain, seal }: { readonly head: Buffer; readonly domain: string; readonly seal: StartSealing },
): Promise<Buffer> {
  const start = text.is === 'whole' ? text.bytes : head;
  const { end, bodyStart } = parseHeaders(start);
  // A header that goes on behind what is looked at.
  if (text.is === 'long' && (end >= head.length || hasLongLine(head, end))) return noFields;
  const sealing = await seal(start.subarray(0, end), domain);
  if (sealing === undefined) return noFields;
  if (text.is === 'whole') sealing.body(text.bytes.subarray(bodyStart));
  else await pass(text.pieces(), bodyStart, (piece) => sealing.body(piece));
  return sealing.finish();
}

/** What stands behind so many octets, as it will be sent. */
async function pass(
  pieces: AsyncIterable<Uint8Array>,
  skipped: number,
  take: (piece: Buffer) => void,
): Promise<void> {
  const guard = new LineGuard();
  let before = skipped;
  const emit = (piece: Buffer): void => {
    if (piece.length > before) take(piece.subarray(before));
    before = Math.max(0, before - piece.length);
  };
  for await (const piece of pieces) guard.push(asBuffer(piece), emit);
  guard.end(emit);
}

function hasLongLine(bytes: Buffer, end: number): boolean {
  for (let at = 0; at < end; ) {
    const lf = bytes.indexOf('\n', at, 'latin1');
    const next = lf === -1 ? end : lf + 1;
    if (next - at > lineMax + 2) return true;
    at = next;
  }
  return false;
}
