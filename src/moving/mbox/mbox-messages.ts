/** The messages of an mbox file, one at a time: where each lies and its bytes without the line in front. */
import { open as openFile, type FileHandle } from 'node:fs/promises';
import { parseHeaders } from '../../proto/mime/headers.ts';
import { isBlankLine, isFromLine, isMozillaFromLine } from './mbox-format.ts';
import { type Line, linesOf } from './mbox-lines.ts';

export interface MboxMessage {
  /** The line `From ...`. */
  readonly fromLine: string;
  /** Where the message begins and ends in the file, without that line and the empty line in front of the next. */
  readonly start: number;
  readonly end: number;
  readonly bytes: Buffer;
  /** Its header tells its length, and it is right: then nothing in the body is quoted unless the format says so. */
  readonly counted: boolean;
}

/** A header that is longer has no Content-Length that counts. */
const headMaxBytes = 1024 * 1024;
/** Enough for the line that begins a message, and an empty one in front. */
const peekBytes = 300;

/** `trustLength`: a line `From ...` that Content-Length says lies within a body begins nothing. */
export async function* messagesOf(
  file: string,
  { trustLength }: { readonly trustLength: boolean },
): AsyncGenerator<MboxMessage, void, void> {
  await using handle = await openFile(file);
  let open: Open | undefined;
  let afterBlank = true;
  for await (const line of linesOf(file)) {
    const { at, bytes } = line.at === 0 ? withoutMark(line) : line;
    const begins = afterBlank ? isFromLine(bytes) : isMozillaFromLine(bytes);
    afterBlank = isBlankLine(bytes);
    if (begins && !(open?.covers(at) === true)) {
      if (open !== undefined) yield open.message();
      open = new Open(bytes.toString('latin1').trimEnd(), at + bytes.length);
    } else if (open?.add(bytes) === true && trustLength) {
      const end = open.claimedEnd();
      if (end !== undefined && (await isEnd(handle, end))) open.bodyEnd = end;
    }
  }
  if (open !== undefined) yield open.message();
}

/** Behind a message is the end of the file, or the line that begins the next. */
async function isEnd(handle: FileHandle, at: number): Promise<boolean> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(peekBytes), 0, peekBytes, at);
  if (bytesRead === 0) return (await handle.stat()).size === at;
  let rest = buffer.subarray(0, bytesRead);
  while (rest.length > 0 && isBlankLine(rest)) rest = rest.subarray(rest.indexOf(0x0a) + 1);
  return rest.length === 0 || isFromLine(rest.subarray(0, rest.indexOf(0x0a) + 1 || rest.length));
}

const byteOrderMark = Buffer.from('\ufeff');

/** Some editors put one in front of the file. */
function withoutMark({ at, bytes }: Line): Line {
  const size = bytes.subarray(0, byteOrderMark.length).equals(byteOrderMark) ? byteOrderMark.length : 0;
  return { at: at + size, bytes: bytes.subarray(size) };
}

class Open {
  readonly #fromLine: string;
  readonly #start: number;
  readonly #lines: Buffer[] = [];
  #size = 0;
  #headRead = false;
  /** Where the body ends, as its header says and what follows proves. */
  bodyEnd: number | undefined;

  constructor(fromLine: string, start: number) {
    this.#fromLine = fromLine;
    this.#start = start;
  }

  /** True when this line ended the header. */
  add(line: Buffer): boolean {
    // Lines are views of large chunks that would be held by each of them.
    this.#lines.push(Buffer.from(line));
    this.#size += line.length;
    if (this.#headRead || !(isBlankLine(line) || this.#size > headMaxBytes)) return false;
    this.#headRead = true;
    return true;
  }

  /** Where Content-Length puts the end. Asked for when the header is whole. */
  claimedEnd(): number | undefined {
    const head = Buffer.concat(this.#lines);
    const field = parseHeaders(head).fields.find(({ name }) => name === 'content-length');
    if (field === undefined) return undefined;
    const text = head.toString('latin1', field.valueStart, field.end).trim();
    return /^\d{1,12}$/.test(text) ? this.#start + this.#size + Number(text) : undefined;
  }

  /** Whether this place is within the body. */
  covers(at: number): boolean {
    return this.bodyEnd !== undefined && at < this.bodyEnd;
  }

  message(): MboxMessage {
    const all = Buffer.concat(this.#lines);
    const counted = this.bodyEnd !== undefined;
    const bytes = counted ? all.subarray(0, this.bodyEnd! - this.#start) : withoutLastBlank(all);
    return { fromLine: this.#fromLine, start: this.#start, end: this.#start + bytes.length, bytes, counted };
  }
}

/** The empty line in front of the next message belongs to neither. */
function withoutLastBlank(bytes: Buffer): Buffer {
  if (bytes.length < 2 || bytes.at(-1) !== 0x0a) return bytes;
  const before = bytes.at(-2) === 0x0d ? bytes.length - 2 : bytes.length - 1;
  return before === 0 || bytes[before - 1] === 0x0a ? bytes.subarray(0, before) : bytes;
}
