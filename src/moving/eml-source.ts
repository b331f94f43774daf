/** Files with one message each (`.eml`), or folders of them, as a source. */
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { distinct, safeName, withUsualRoles } from './mailbox-names.ts';
import { toCrlf } from './message-bytes.ts';
import { receivedTime } from './received-time.ts';
import type { ReadMessage, Source, SourceMailbox, SourceMessage } from './source.ts';

export interface EmlOptions {
  readonly paths: readonly string[];
  /** All go into this mailbox; else files into INBOX, and those of folders into mailboxes that are named like them. */
  readonly mailbox?: string;
}

const depthMax = 20;
const isMail = (file: string): boolean => /\.(?:eml|mail|msg822|rfc822)$/i.test(file);

export class EmlSource implements Source {
  /** Files are named by their whole paths, whichever of them are asked for. */
  readonly name = 'eml';
  readonly isPart = true;
  readonly isLocal = true;
  readonly remarks: string[] = [];
  readonly #options: EmlOptions;
  readonly #paths: readonly string[];
  readonly #files = new Map<string, string[]>();

  constructor(options: EmlOptions) {
    this.#options = options;
    this.#paths = options.paths.map((path) => resolve(path));
  }

  async mailboxes(): Promise<readonly SourceMailbox[]> {
    this.#files.clear();
    for (const path of this.#paths) {
      if ((await stat(path)).isDirectory()) await this.#gather(path, [], 0, basename(path));
      else this.#add(['INBOX'], path);
    }
    const found = [...this.#files.keys()].map((label) => ({
      label,
      name: this.#options.mailbox ?? label,
      subscribed: true,
    }));
    return withUsualRoles(this.#options.mailbox === undefined ? distinct(found) : found);
  }

  async *messages({ label }: SourceMailbox): AsyncGenerator<SourceMessage, void, void> {
    for (const path of this.#files.get(label) ?? []) {
      const facts = await stat(path).catch(() => undefined);
      if (facts === undefined) continue;
      // One that cannot be opened is told when it is to be read.
      const time = await headTime(path).catch(() => undefined);
      yield {
        key: path,
        label: path,
        flags: undefined,
        receivedAtMs: time ?? Math.max(0, Math.floor(facts.mtimeMs)),
        sizeBytes: facts.size,
      };
    }
  }

  async *read(_: SourceMailbox, messages: readonly SourceMessage[]): AsyncGenerator<ReadMessage, void, void> {
    for (const { key } of messages) {
      try {
        yield { is: 'bytes', bytes: toCrlf(await readFile(key)) };
      } catch (error) {
        yield { is: 'unreadable', why: (error as Error).message };
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  /** `root`: what files that lie in the named folder itself are called by. */
  async #gather(folder: string, levels: readonly string[], depth: number, root: string): Promise<void> {
    const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    );
    for (const entry of entries) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && depth < depthMax)
        await this.#gather(path, [...levels, entry.name], depth + 1, root);
      else if (entry.isFile() && isMail(entry.name)) this.#add(levels.length === 0 ? [root] : levels, path);
    }
  }

  #add(levels: readonly string[], path: string): void {
    const name = safeName(levels);
    const files = this.#files.get(name);
    if (files) files.push(path);
    else this.#files.set(name, [path]);
  }
}

const headBytes = 64 * 1024;

/** As the message itself tells it. */
async function headTime(path: string): Promise<number | undefined> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headBytes), 0, headBytes, 0);
  return receivedTime(buffer.subarray(0, bytesRead));
}
