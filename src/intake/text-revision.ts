/** A text that is changed once it is whole: written anew, watched anew, and read for what a next server must be able to take. */
import { TextReader, type TextFlags } from '../proto/smtp/dot-stuffing.ts';
import type { LineGuard } from '../proto/smtp/line-guard.ts';
import type { BodyWriter, StoredBody } from '../store/body.ts';
import type { TextWatch } from './text-watch.ts';

/** The text as it was written so far, from an offset on. Chunks are valid until the next. */
export type Written = (offset: number) => AsyncIterable<Uint8Array>;

export interface Revision {
  /** All in front of the blank line. */
  readonly head: Buffer;
  /** From behind the blank line on. */
  readonly body: () => AsyncIterable<Uint8Array>;
  /** Of the new text. */
  readonly writer: BodyWriter;
  /** Who has seen the old text, judges that, and has fields for the top. */
  readonly kept: TextWatch | undefined;
  /** Who sees the new text and has fields for the top. */
  readonly watch: TextWatch | undefined;
  /** Lines are kept as short as SMTP wants them. */
  readonly guard: LineGuard | undefined;
}

/** Undefined: the text stays as it is. */
export type Revise = (written: Written) => Promise<Revision | undefined>;

export interface Revised {
  readonly body: StoredBody;
  readonly flags: TextFlags;
}

const blankLine = Buffer.from('\r\n');

/** Rejects with a refusal of who has seen the old text, before anything is written. */
export async function writeRevision(revision: Revision): Promise<Revised> {
  const { head, body, writer, kept, watch, guard } = revision;
  const top = (await kept?.finish()) ?? '';
  const reader = new TextReader({ stuffed: false });
  const keep = async (bytes: Buffer, isHead = false): Promise<void> => {
    reader.push(bytes, 0, ignore);
    if (!isHead) await watch?.write(bytes);
    await writer.write(bytes);
  };
  const write = async (bytes: Buffer): Promise<void> => {
    if (guard === undefined) return keep(bytes);
    for (const part of mended(guard, bytes)) await keep(part);
  };
  await keep(head, true);
  await write(blankLine);
  for await (const chunk of body()) await write(Buffer.from(chunk));
  const last: Buffer[] = [];
  guard?.end((part) => last.push(part));
  for (const part of last) await keep(part);
  const fields = (await watch?.finish()) ?? '';
  return { body: await writer.finish(Buffer.from(fields + top)), flags: reader };
}

function mended(guard: LineGuard, bytes: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  guard.push(bytes, (part) => parts.push(part));
  return parts;
}

function ignore(): void {}
