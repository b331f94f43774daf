/**
 * A file in mbox format as a source. A message has no name there: its key is what it contains, and which of several equal ones it is. So a file may grow, be sorted
 * or packed between two runs.
 */
import { open, type FileHandle, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { withUsualRoles } from './mailbox-names.ts';
import { hashOf, sourceName, toCrlf } from './message-bytes.ts';
import { receivedTime } from './received-time.ts';
import type { ReadMessage, Source, SourceMailbox, SourceMessage } from './source.ts';
import { fromLineTime, type MboxFormat, unquoteFrom } from './mbox/mbox-format.ts';
import { type MboxMessage, messagesOf } from './mbox/mbox-messages.ts';
import { readStatus } from './mbox/mbox-status.ts';

export { isMboxFormat, mboxFormats } from './mbox/mbox-format.ts';

export interface MboxOptions {
  readonly file: string;
  /** What it is to be called here. */
  readonly mailbox: string;
  readonly format: MboxFormat;
}

interface Place {
  readonly start: number;
  readonly end: number;
  readonly counted: boolean;
}

export class MboxSource implements Source {
  readonly name: string;
  readonly isLocal = true;
  readonly remarks: string[] = [];
  readonly #options: MboxOptions;
  readonly #file: string;
  readonly #places = new Map<string, Place>();
  #open: { readonly path: string; readonly handle: FileHandle } | undefined;

  constructor(options: MboxOptions) {
    this.#options = options;
    this.#file = resolve(options.file);
    this.name = sourceName('mbox', this.#file);
  }

  async mailboxes(): Promise<readonly SourceMailbox[]> {
    if (!(await stat(this.#file)).isFile()) throw new Error(`${this.#file} is not a file`);
    return withUsualRoles([{ label: this.#file, name: this.#options.mailbox, subscribed: true }]);
  }

  async *messages({ label }: SourceMailbox): AsyncGenerator<SourceMessage, void, void> {
    this.#places.clear();
    const seen = new Map<string, number>();
    // Where neither the line in front nor the message tells when it came.
    const writtenAtMs = Math.max(0, Math.floor((await stat(label)).mtimeMs));
    for await (const message of messagesOf(label, { trustLength: this.#trustsLength })) {
      const content = this.#content(message);
      if (content.isIndex) continue;
      const hash = hashOf(content.bytes);
      const number = (seen.get(hash) ?? 0) + 1;
      seen.set(hash, number);
      const key = `${hash} ${number}`;
      this.#places.set(key, { start: message.start, end: message.end, counted: message.counted });
      yield {
        key,
        label: `${label}, at octet ${message.start}`,
        flags: content.flags,
        receivedAtMs: fromLineTime(message.fromLine) ?? receivedTime(content.bytes) ?? writtenAtMs,
        sizeBytes: message.end - message.start,
      };
    }
  }

  async *read(
    { label }: SourceMailbox,
    messages: readonly SourceMessage[],
  ): AsyncGenerator<ReadMessage, void, void> {
    const file = await this.#handle(label);
    for (const { key } of messages) {
      const place = this.#places.get(key)!;
      const bytes = Buffer.alloc(place.end - place.start);
      const { bytesRead } = await file.read(bytes, 0, bytes.length, place.start);
      if (bytesRead < bytes.length) yield { is: 'unreadable', why: 'the file has become shorter' };
      else yield { is: 'bytes', bytes: this.#content({ ...place, bytes }).bytes };
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#open?.handle.close();
  }

  get #trustsLength(): boolean {
    const { format } = this.#options;
    return format === 'auto' || format === 'mboxcl' || format === 'mboxcl2';
  }

  #content({ bytes, counted }: Pick<MboxMessage, 'bytes' | 'counted'>) {
    const { format } = this.#options;
    const quoting = format === 'mboxo' ? 'mboxo' : 'mboxrd';
    const isPlain = format === 'mboxcl2' || (format === 'auto' && counted);
    const { bytes: clean, flags } = readStatus(isPlain ? bytes : unquoteFrom(bytes, quoting));
    return { bytes: toCrlf(clean), flags, isIndex: isFolderData(bytes) };
  }

  async #handle(path: string): Promise<FileHandle> {
    if (this.#open?.path === path) return this.#open.handle;
    await this.#open?.handle.close();
    this.#open = { path, handle: await open(path) };
    return this.#open.handle;
  }
}

/** The first message of a file that c-client or Pine wrote is not mail: it holds what they know of the folder. */
const isFolderData = (bytes: Buffer): boolean =>
  /^(?:[^\n]+\n)*X-IMAP(?:base)?: \d+ \d+/m.test(bytes.toString('latin1', 0, 2000)) &&
  /Subject: DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA/.test(bytes.toString('latin1', 0, 2000));
