/** A Maildir as a source: INBOX in the folder itself, the others beside (Maildir++) or within (folders of a file system). */
import { constants, type Dirent } from 'node:fs';
import { lstat, readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { flagsFrom } from './flag-words.ts';
import { distinct, safeName, withUsualRoles } from './mailbox-names.ts';
import { sourceName, toCrlf } from './message-bytes.ts';
import type { ReadMessage, Source, SourceMailbox, SourceMessage } from './source.ts';
import { uidlOf } from './uidl-format.ts';
import { decodedLevel, flagsOfLetters, levelsOfFolder, parseFileName } from './maildir/maildir-names.ts';
import { readCourierKeywords, readKeywords, readSubscriptions, readUidList } from './maildir/uid-list.ts';

/** Folders within folders. */
const depthMax = 20;
/**
 * Whoever moves mail may read what the owner of the Maildir may not: a link in it, to another's mail or a file that is none, leads nowhere, and a pipe holds nothing up.
 */
const plainFile = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export interface MaildirOptions {
  readonly folder: string;
  /** How the old server made unique ids of POP3: see uidl-format.ts. */
  readonly uidlFormat?: string;
}

interface File {
  readonly base: string;
  readonly path: string;
  readonly letters: string;
}

interface Place {
  readonly folder: string;
  readonly levels: readonly string[];
}

export class MaildirSource implements Source {
  readonly name: string;
  readonly isLocal = true;
  readonly remarks: string[] = [];
  readonly #folder: string;
  readonly #uidlFormat: string | undefined;
  readonly #paths = new Map<string, string>();

  constructor({ folder, uidlFormat }: MaildirOptions) {
    this.#folder = resolve(folder);
    this.#uidlFormat = uidlFormat;
    this.name = sourceName('maildir', this.#folder);
  }

  async mailboxes(): Promise<readonly SourceMailbox[]> {
    const subscribed = await readSubscriptions(this.#folder);
    const isSubscribed = (levels: readonly string[]): boolean =>
      subscribed === undefined ||
      subscribed.some((each) => each.map(decodedLevel).join('\0') === levels.join('\0'));
    this.remarks.length = 0;
    const places = await placesIn(this.#folder, this.remarks);
    const found = places.map(({ folder, levels }): SourceMailbox => {
      const name = safeName(levels);
      return { label: folder, name, subscribed: name === 'INBOX' || isSubscribed(levels) };
    });
    return withUsualRoles(distinct(found));
  }

  async *messages(mailbox: SourceMailbox): AsyncGenerator<SourceMessage, void, void> {
    const folder = mailbox.label;
    const list = await readUidList(folder);
    const keywords = await readKeywords(folder);
    const courier = await readCourierKeywords(folder);
    const order = (file: File): number => list.entries.get(file.base)?.uid ?? Number.MAX_SAFE_INTEGER;
    const files = (await filesIn(folder)).sort((a, b) => order(a) - order(b) || byArrival(a.base, b.base));
    this.#paths.clear();
    for (const { base, path, letters } of files) {
      const facts = await lstat(path).catch(() => undefined);
      // Delivered or expunged meanwhile: the next run will tell.
      if (facts === undefined) continue;
      const entry = list.entries.get(base);
      const key = `${folder.slice(this.#folder.length)}/${base}`;
      this.#paths.set(key, path);
      const flags = flagsOfLetters(letters, keywords);
      const more = courier.get(base) ?? [];
      const uidl = this.#uidl(base, entry, list.uidValidity);
      yield {
        key,
        label: path,
        flags:
          more.length === 0
            ? flags
            : { ...flags, keywords: flagsFrom([...flags.keywords, ...more]).keywords },
        receivedAtMs: Math.max(0, Math.floor(facts.mtimeMs)),
        sizeBytes: facts.size,
        ...(uidl !== undefined && mailbox.name === 'INBOX' && { uidl }),
      };
    }
  }

  async *read(_: SourceMailbox, messages: readonly SourceMessage[]): AsyncGenerator<ReadMessage, void, void> {
    for (const { key } of messages) {
      try {
        yield { is: 'bytes', bytes: toCrlf(await readFile(this.#paths.get(key)!, { flag: plainFile })) };
      } catch (error) {
        yield { is: 'unreadable', why: (error as Error).message };
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {}

  #uidl(
    file: string,
    entry: { uid: number; uidl?: string } | undefined,
    uidValidity: number,
  ): string | undefined {
    if (entry?.uidl !== undefined) return entry.uidl;
    if (this.#uidlFormat === undefined || entry === undefined) return undefined;
    return uidlOf(this.#uidlFormat, { uid: entry.uid, uidValidity, file });
  }
}

/** By the time at the beginning of the name, then by the rest. */
function byArrival(a: string, b: string): number {
  return (Number.parseInt(a, 10) || 0) - (Number.parseInt(b, 10) || 0) || (a < b ? -1 : 1);
}

async function filesIn(folder: string): Promise<File[]> {
  const found: File[] = [];
  for (const sub of ['new', 'cur']) {
    for (const name of await readdir(join(folder, sub)).catch(() => [])) {
      if (name.startsWith('.')) continue;
      const { base, letters } = parseFileName(name);
      found.push({ base, path: join(folder, sub, name), letters: sub === 'new' ? '' : letters });
    }
  }
  return found;
}

/** Throws when the folder is none, or no Maildir. `remarks` gets what is left out. */
async function placesIn(root: string, remarks: string[]): Promise<Place[]> {
  const found: Place[] = [];
  if (await isMaildir(root, remarks)) found.push({ folder: root, levels: ['INBOX'] });
  for (const entry of await foldersIn(root)) {
    if (entry.name.startsWith('.')) {
      const folder = join(root, entry.name);
      if (await isMaildir(folder, remarks)) found.push({ folder, levels: levelsOfFolder(entry.name) });
    } else if (!isOwn(entry.name))
      await within({ folder: join(root, entry.name), levels: [decodedLevel(entry.name)] }, found, remarks);
  }
  if (found.length === 0)
    throw new Error(`${root} is no Maildir: neither it nor a folder in it has "cur" and "new"`);
  return found;
}

const isOwn = (name: string): boolean => ['cur', 'new', 'tmp'].includes(name);

async function within(place: Place, found: Place[], remarks: string[]): Promise<void> {
  const { folder, levels } = place;
  if (await isMaildir(folder, remarks)) found.push(place);
  if (levels.length >= depthMax) return;
  for (const entry of await foldersIn(folder)) {
    if (isOwn(entry.name) || entry.name.startsWith('.')) continue;
    const inner = { folder: join(folder, entry.name), levels: [...levels, decodedLevel(entry.name)] };
    await within(inner, found, remarks);
  }
}

async function foldersIn(folder: string): Promise<Dirent[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function isMaildir(folder: string, remarks: string[]): Promise<boolean> {
  const facts = await Promise.all(
    ['cur', 'new'].map((sub) => lstat(join(folder, sub)).catch(() => undefined)),
  );
  if (facts.every((each) => each?.isDirectory() === true)) return true;
  const isLinked = facts.every((each) => each?.isDirectory() === true || each?.isSymbolicLink() === true);
  if (isLinked) remarks.push(`left out: "cur" or "new" of ${folder} is a link`);
  return false;
}
