/** Scripts that filter mail, between the server and files: a folder of `*.sieve`, as Dovecot keeps it, with `.dovecot.sieve` beside it as the active one. */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { Account } from '../../app/admin-answers.ts';
import { FileNames } from '../../app/moving.ts';
import { accountPath } from '../account-facts.ts';
import { part, type Desk } from '../desk.ts';
import { usageError } from '../failure.ts';

export interface ScriptFile {
  readonly name: string;
  readonly file: string;
}

const extension = '.sieve';
const isScript = (file: string): boolean => file.endsWith(extension) && !file.startsWith('.');

/** Files as they are named, and those in folders. */
export function scriptFiles(paths: readonly string[]): ScriptFile[] {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory()
      ? readdirSync(path)
          .filter(isScript)
          .toSorted()
          .map((file) => join(path, file))
      : [path],
  );
  if (files.length === 0) throw usageError(`there is no *${extension} in ${paths.join(', ')}`);
  return files.map((file) => ({ name: basename(file).replace(/\.sieve$/, ''), file }));
}

/** Which one filters: Dovecot has a link to it beside the folder, or in it. */
export function activeName(files: readonly ScriptFile[]): string | undefined {
  for (const { file } of files) {
    const folder = dirname(file);
    for (const link of [join(folder, '..', '.dovecot.sieve'), join(folder, '.dovecot.sieve')]) {
      if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink() !== true) continue;
      const target = basename(readlinkSync(link)).replace(/\.sieve$/, '');
      if (files.some(({ name }) => name === target)) return target;
    }
  }
  return files.length === 1 ? files[0]!.name : undefined;
}

/** Throws with what is wrong when one cannot be stored. */
export async function putScript(desk: Desk, account: Account, { name, file }: ScriptFile): Promise<void> {
  const source = readFileSync(file, 'utf8');
  await desk.send('PUT', `${accountPath(account)}/scripts/${part(name)}`, { source }, { source: file });
}

export async function activate(desk: Desk, account: Account, name: string): Promise<void> {
  await desk.send('PUT', `${accountPath(account)}/script-stages/active`, { script: name });
}

export async function saveScripts(
  desk: Desk,
  account: Account,
  folder: string,
): Promise<{ readonly file: string; readonly active: boolean }[]> {
  const path = `${accountPath(account)}/scripts`;
  const { items } = await desk.send<{ items: { name: string; stage: string }[] }>('GET', path);
  mkdirSync(folder, { recursive: true });
  const names = new FileNames();
  const saved = [];
  for (const { name, stage } of items) {
    const { source } = await desk.send<{ source: string }>('GET', `${path}/${part(name)}`);
    const file = join(folder, names.path([name], extension));
    writeFileSync(file, source);
    saved.push({ file, active: stage === 'active' });
  }
  return saved;
}
