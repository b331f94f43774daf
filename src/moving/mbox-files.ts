/** Files in mbox format by their paths, and those in folders: with the names that their mailboxes are to have. Thunderbird keeps what is below `Work` in `Work.sbd`. */
import { open, readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { distinct, safeName } from './mailbox-names.ts';
import { isFromLine } from './mbox/mbox-format.ts';
import type { MboxOptions } from './mbox-source.ts';

const depthMax = 20;

type Found = Pick<MboxOptions, 'file' | 'mailbox'>;

/** A file that is named is taken as it is; of a folder only files that begin like an mbox. `mailbox`: all go into this one. */
export async function mboxFiles(paths: readonly string[], mailbox?: string): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (const path of paths.map((each) => resolve(each))) {
    if ((await stat(path)).isDirectory()) await gather(path, [], found);
    else found.push({ file: path, mailbox: safeName([levelOf(basename(path))]) });
  }
  if (mailbox !== undefined) return found.map(({ file }) => ({ file, mailbox }));
  const named = distinct(found.map(({ file, mailbox: name }) => ({ label: file, name, subscribed: true })));
  return named.map(({ label, name }) => ({ file: label, mailbox: name }));
}

async function gather(folder: string, levels: readonly string[], found: Found[]): Promise<void> {
  const entries = (await readdir(folder, { withFileTypes: true })).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const entry of entries) {
    const path = join(folder, entry.name);
    const inner = [...levels, levelOf(entry.name)];
    if (entry.name.startsWith('.')) continue;
    if (entry.isDirectory() && inner.length < depthMax) await gather(path, inner, found);
    else if (entry.isFile() && (await isMbox(path))) found.push({ file: path, mailbox: safeName(inner) });
  }
}

const levelOf = (name: string): string => name.replace(/(?:\.mbox|\.mbx|\.sbd)?(?:\.txt)?$/i, '') || name;

async function isMbox(path: string): Promise<boolean> {
  await using file = await open(path);
  const { buffer, bytesRead } = await file.read(Buffer.alloc(300), 0, 300, 0);
  const text = buffer.toString('latin1', 0, bytesRead).replace(/^\u00ef\u00bb\u00bf/, '');
  return isFromLine(Buffer.from(text.split('\n', 1)[0]!, 'latin1'));
}
