/**
 * Bodies as files. A body that outgrows `inlineBodyMaxBytes` moves from memory to a file, so a message of any size takes the same memory.
 *
 * Durable order: bytes into `tmp/<name>`, fdatasync, rename to `<aa>/<b>/<name>` (4,096 folders), fsync of that folder; only then does `finish`
 * resolve, and only after that may a row name the file. A crash leaves a temporary file or a file no row names: both are swept (sweep.ts).
 * Names are random, so two folders of files can be poured together, and a name tells nothing of the message but where in the file it begins: room that was
 * left free for what goes on top, and was not needed, is a hole (`<name>-<bytes in hexadecimal>`).
 *
 * An error of the device while writing is never retried on the same file: it is removed and the message refused.
 */
import { randomBytes } from 'node:crypto';
import { open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Refusal } from '../../base/refusal.ts';
import {
  inlineBodyMaxBytes,
  type Bodies,
  type BodyWriter,
  type StoredBody,
  type WriterOptions,
} from '../body.ts';
import { Folders } from './folders.ts';

/** Largest piece given by `stream`, in bytes. */
const streamChunkBytes = 64 * 1024;
/** Bytes gathered before they are written to a file: one system call for several chunks of a socket. */
const writeBufferBytes = 128 * 1024;
/** First size of the buffer of a body in memory; most mail fits. */
const firstBufferBytes = 8 * 1024;
/** Room is left in whole pages, so that what is not used of it takes none. */
const pageBytes = 4096;

/** A buffer that grew beyond this, as its writer did not wait, is not kept. */
const spareMaxBytes = 2 * writeBufferBytes;

const nothing = Buffer.alloc(0);
const randomNameChars = 32;
const namePattern = /^[0-9a-f]{32}(?:-[0-9a-f]{1,6})?$/;

export const temporaryFolder = 'tmp';

/** Where a body lies below the folder of bodies. Throws for anything that is not a name of ours. */
export function bodyPath(name: string): string {
  if (!namePattern.test(name)) throw new Error(`not the name of a body: ${JSON.stringify(name)}`);
  return join(name.slice(0, 2), name.slice(2, 3), name);
}

/** Where the body begins in its file. */
function beginOf(name: string): number {
  const dash = name.indexOf('-');
  return dash === -1 ? 0 : Number.parseInt(name.slice(dash + 1), 16);
}

export class FileBodies implements Bodies {
  readonly #folders: Folders;

  /** `folder` is made when missing. */
  constructor(folder: string) {
    this.#folders = new Folders(folder);
  }

  writer({ topMaxBytes = 0 }: WriterOptions = {}): BodyWriter {
    return new FileWriter(this.#folders, topMaxBytes);
  }

  async read(body: StoredBody, offset = 0, length = Number.POSITIVE_INFINITY): Promise<Uint8Array> {
    if (body.is === 'inline') return body.bytes.subarray(offset, offset + length);
    const size = Math.max(0, Math.min(length, body.sizeBytes - offset));
    const buffer = Buffer.allocUnsafeSlow(size);
    await using file = await this.#open(body.name);
    await readFully(file, buffer, beginOf(body.name) + offset, body.name);
    return buffer;
  }

  async *stream(body: StoredBody, offset = 0): AsyncGenerator<Uint8Array, void, void> {
    if (body.is === 'inline') {
      for (let at = offset; at < body.bytes.length; at += streamChunkBytes) {
        yield body.bytes.subarray(at, at + streamChunkBytes);
      }
      return;
    }
    await using file = await this.#open(body.name);
    const begin = beginOf(body.name);
    for (let at = offset; at < body.sizeBytes; at += streamChunkBytes) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(streamChunkBytes, body.sizeBytes - at));
      await readFully(file, buffer, begin + at, body.name);
      yield buffer;
    }
  }

  async #open(name: string): Promise<FileHandle> {
    try {
      return await open(join(this.#folders.root, bodyPath(name)), 'r');
    } catch (error) {
      throw asRefusal(error, `body ${name}`);
    }
  }
}

async function readFully(file: FileHandle, into: Uint8Array, position: number, name: string): Promise<void> {
  let done = 0;
  while (done < into.length) {
    const { bytesRead } = await file.read(into, done, into.length - done, position + done);
    if (bytesRead === 0) throw new Error(`body ${name} ends at ${position + done}, before its size`);
    done += bytesRead;
  }
}

async function writeFully(file: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await file.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** States: in memory (no file) → writing (a file) → finished or aborted. One write is in flight at a time. */
class FileWriter implements BodyWriter {
  readonly #folders: Folders;
  /** Bytes of the file that are left free at its beginning. */
  readonly #room: number;
  #buffer: Buffer = nothing;
  /** The buffer that was written last, to be filled next: two take turns, however large the message. */
  #spare: Buffer = nothing;
  #used = 0;
  #written = 0;
  /** Where the next bytes go in the file. */
  #position: number;
  #name = '';
  #begin = 0;
  #file: FileHandle | undefined;
  #flushing: Promise<void> | undefined;
  #failed: Error | undefined;
  #state: 'open' | 'finished' | 'aborted' = 'open';

  constructor(folders: Folders, topMaxBytes: number) {
    this.#folders = folders;
    this.#room = Math.ceil(topMaxBytes / pageBytes) * pageBytes;
    this.#position = this.#room;
  }

  get sizeBytes(): number {
    return this.#written + this.#used;
  }

  /** While a promise returned earlier has not resolved, chunks are still taken, and kept in memory. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#state !== 'open') throw new Error('the body is finished');
    this.#gather(chunk);
    const limit = this.#name === '' ? inlineBodyMaxBytes : writeBufferBytes;
    if (this.#used > limit && !this.#flushing) this.#startFlush();
    return this.#flushing;
  }

  async finish(top: Uint8Array = nothing): Promise<StoredBody> {
    if (this.#state !== 'open') throw new Error('the body is finished');
    if (top.length > this.#room) throw new Error(`no room for ${top.length} bytes on top`);
    this.#state = 'finished';
    if (this.#name === '' && this.#used + top.length > inlineBodyMaxBytes) this.#startFlush();
    if (this.#name === '') return { is: 'inline', bytes: this.#inline(top) };
    try {
      await this.#flushing;
      if (this.#failed) throw this.#failed;
      while (this.#used > 0) await this.#flush();
      await this.#putOnTop(top);
      await this.#file!.datasync();
      await this.#file!.close();
      this.#file = undefined;
      await this.#publish();
    } catch (error) {
      await this.#discard();
      throw asRefusal(error, `body ${this.#name}`);
    }
    return { is: 'file', name: this.#name, sizeBytes: this.#written };
  }

  async *written(offset = 0): AsyncGenerator<Uint8Array, void, void> {
    if (this.#state !== 'open') throw new Error('the body is finished');
    if (this.#name === '') {
      for (let at = offset; at < this.#used; at += streamChunkBytes)
        yield this.#buffer.subarray(at, Math.min(at + streamChunkBytes, this.#used));
      return;
    }
    await this.#flushing;
    while (this.#used > 0 && !this.#failed)
      await this.#flush().catch((error: Error) => (this.#failed = error));
    if (this.#failed) throw asRefusal(this.#failed, `body ${this.#name}`);
    const buffer = Buffer.allocUnsafeSlow(streamChunkBytes);
    for (let at = offset; at < this.#written; at += streamChunkBytes) {
      const chunk = buffer.subarray(0, Math.min(streamChunkBytes, this.#written - at));
      await readFully(this.#file!, chunk, this.#room + at, this.#name);
      yield chunk;
    }
  }

  /** Into the room, right before what was written. */
  async #putOnTop(top: Uint8Array): Promise<void> {
    if (this.#room === 0) return;
    const begin = this.#room - top.length;
    await writeFully(this.#file!, top, begin);
    this.#written += top.length;
    this.#begin = begin;
  }

  async abort(): Promise<void> {
    this.#state = 'aborted';
    this.#used = 0;
    this.#buffer = nothing;
    this.#spare = nothing;
    if (this.#name === '') return;
    await this.#flushing;
    await this.#discard();
  }

  async #publish(): Promise<void> {
    if (this.#begin > 0) this.#name += `-${this.#begin.toString(16)}`;
    const path = bodyPath(this.#name);
    const folder = await this.#folders.ensure(path.slice(0, path.lastIndexOf('/')));
    await rename(this.#temporary(), join(this.#folders.root, path));
    await this.#folders.sync(folder);
  }

  #gather(chunk: Uint8Array): void {
    const needed = this.#used + chunk.length;
    if (needed > this.#buffer.length) {
      const first = this.#name === '' ? firstBufferBytes : writeBufferBytes + inlineBodyMaxBytes;
      const larger = Buffer.allocUnsafeSlow(Math.max(first, needed, 2 * this.#buffer.length));
      larger.set(this.#buffer.subarray(0, this.#used));
      this.#buffer = larger;
    }
    this.#buffer.set(chunk, this.#used);
    this.#used = needed;
  }

  /** A copy of the exact size when the buffer is mostly air: inline bodies stay in memory while their mail is on its way. */
  #inline(top: Uint8Array): Uint8Array {
    const bytes = this.#buffer.subarray(0, this.#used);
    const tight = this.#buffer.length - this.#used < this.#used / 8;
    this.#buffer = nothing;
    if (tight && top.length === 0) return bytes;
    const copy = Buffer.allocUnsafeSlow(top.length + bytes.length);
    copy.set(top);
    copy.set(bytes, top.length);
    this.#used = copy.length;
    return copy;
  }

  #startFlush(): void {
    if (this.#name === '') this.#name = randomBytes(16).toString('hex');
    this.#flushing = this.#flush().then(
      () => {
        this.#flushing = undefined;
      },
      (error: unknown) => {
        // Told by `finish`; the rest of the message is read and forgotten meanwhile.
        this.#failed = error as Error;
        this.#flushing = undefined;
      },
    );
  }

  async #flush(): Promise<void> {
    if (this.#failed || this.#state === 'aborted') {
      this.#used = 0;
      return;
    }
    const pending = this.#buffer.subarray(0, this.#used);
    const whole = this.#buffer;
    this.#written += this.#used;
    this.#used = 0;
    this.#buffer = this.#spare;
    this.#spare = nothing;
    this.#file ??= await this.#create();
    await writeFully(this.#file, pending, this.#position);
    this.#position += pending.length;
    if (whole.length <= spareMaxBytes) this.#spare = whole;
  }

  async #create(): Promise<FileHandle> {
    await this.#folders.ensure(temporaryFolder);
    return open(this.#temporary(), 'wx+', 0o600);
  }

  #temporary(): string {
    return join(this.#folders.root, temporaryFolder, this.#name.slice(0, randomNameChars));
  }

  async #discard(): Promise<void> {
    this.#buffer = nothing;
    this.#used = 0;
    await this.#file?.close().catch(ignore);
    this.#file = undefined;
    await unlink(this.#temporary()).catch(ignore);
    await unlink(join(this.#folders.root, bodyPath(this.#name))).catch(ignore);
  }
}

function ignore(): void {}

/** No room is `storageFull`; any other error of the device is `storageBusy`: the peer tries again later. */
function asRefusal(error: unknown, what: string): Error {
  if (error instanceof Refusal) return error;
  const code = (error as NodeJS.ErrnoException).code;
  const reason = code === 'ENOSPC' || code === 'EDQUOT' ? 'storageFull' : 'storageBusy';
  return new Refusal(reason, `${what}: ${code ?? String(error)}`, { cause: error });
}
