/**
 * Files in mbox format as a source. A message has no name there: its key is what it contains, and which of several equal ones it is. So a file may grow, be sorted
 * or packed between two runs.
 */
import { open, type FileHandle, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { distinct, safeName, withUsualRoles } from './mailbox-names.ts';
import { hashOf, toCrlf } from './message-bytes.ts';
import { receivedTime } from './received-time.ts';
import type { ReadMessage, Source, SourceMailbox, SourceMessage } from './source.ts';
import { fromLineTime, type MboxFormat, unquoteFrom } from './mbox/mbox-format.ts';
import { type MboxMessage, messagesOf } from './mbox/mbox-messages.ts';
import { readStatus } from './mbox/mbox-status.ts';

export { isMboxFormat, mboxFormats } from './mbox/mbox-format.ts';

export interface MboxOptions {
  readonly files: readonly string[];
  /** All go into this mailbox; else each into one that is named like the file. */
  readonly mailbox?: string;
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
  readonly #files: readonly string[];
  readonly #places = new Map<string, Place>();
  #open: { readonly path: string; readonly handle: FileHandle } | undefined;

  constructor(options: MboxOptions) {
    this.#options = options;
    this.#files = options.files.map((file) => resolve(file));
    this.name = `mbox:${this.#files.join(':')}`.slice(0, 500);
  }

  async mailboxes(): Promise<readonly SourceMailbox[]> {
    for (const file of this.#files)
      if (!(await stat(file)).isFile()) throw new Error(`${file} is not a file`);
    const { mailbox } = this.#options;
    const found = this.#files.map((label) => ({ label, name: mailbox ?? nameOf(label), subscribed: true }));
    // Several files may go into one mailbox that was named.
    return withUsualRoles(mailbox === undefined ? distinct(found) : found);
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

function nameOf(file: string): string {
  const name = basename(file).replace(/(?:\.mbox|\.mbx)?(?:\.txt)?$/i, '');
  return safeName([name]);
}
