/** What servers keep beside the files of a Maildir: uids in their order, keywords of letters, subscriptions. Absent or damaged files tell nothing. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseFileName } from './maildir-names.ts';

export interface UidEntry {
  readonly uid: number;
  /** The unique id of POP3 that the server kept from one before it. */
  readonly uidl?: string;
}

export interface UidList {
  readonly uidValidity: number;
  /** By the base of the file name. */
  readonly entries: ReadonlyMap<string, UidEntry>;
}

const none: UidList = { uidValidity: 0, entries: new Map() };

export async function readText(...path: readonly string[]): Promise<string | undefined> {
  try {
    return await readFile(join(...path), 'utf8');
  } catch {
    return undefined;
  }
}

/** Dovecot's `dovecot-uidlist` (versions 1 and 3), else Courier's `courierimapuiddb`. */
export async function readUidList(folder: string): Promise<UidList> {
  const text = (await readText(folder, 'dovecot-uidlist')) ?? (await readText(folder, 'courierimapuiddb'));
  if (text === undefined) return none;
  const [head = '', ...lines] = text.split('\n');
  const uidValidity = Number(/^(?:3 .*?V(\d+)|1 (\d+) )/.exec(head)?.slice(1).find(Boolean) ?? 0);
  const entries = new Map<string, UidEntry>();
  for (const line of lines) {
    // Version 3 has fields in front of the colon: `25 W2481 Pabc :file`.
    const match = head.startsWith('3') ? /^(\d+) (?:(.*?) )?:(.+)$/.exec(line) : /^(\d+)( )(.+)$/.exec(line);
    if (match === null) continue;
    const uidl = /(?:^| )P(\S+)/.exec(match[2] ?? '')?.[1];
    entries.set(parseFileName(match[3]!).base, {
      uid: Number(match[1]),
      ...(uidl !== undefined && { uidl }),
    });
  }
  return { uidValidity, entries };
}

/** `0 Junk`, `1 $Label1`: what the letters a, b, ... stand for. */
export async function readKeywords(folder: string): Promise<string[]> {
  const keywords: string[] = [];
  for (const line of ((await readText(folder, 'dovecot-keywords')) ?? '').split('\n')) {
    const match = /^(\d{1,2}) (\S+)$/.exec(line);
    if (match !== null && Number(match[1]) < 26) keywords[Number(match[1])] = match[2]!;
  }
  return keywords;
}

/** Courier's: names, an empty line, and for each message numbers of names. By the base of the file name. */
export async function readCourierKeywords(folder: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const found = new Map<string, readonly string[]>();
  const [names = '', marks = ''] = ((await readText(folder, 'courierimapkeywords', ':list')) ?? '').split(
    '\n\n',
  );
  const keywords = names.split('\n');
  for (const line of marks.split('\n')) {
    const colon = line.lastIndexOf(':');
    if (colon < 1) continue;
    const numbers = line
      .slice(colon + 1)
      .trim()
      .split(/\s+/);
    const words = numbers.map((number) => keywords[Number(number)]).filter((word) => word !== undefined);
    found.set(parseFileName(line.slice(0, colon)).base, words);
  }
  return found;
}

/** Names as levels. Undefined: nothing tells, so all are subscribed. */
export async function readSubscriptions(folder: string): Promise<readonly (readonly string[])[] | undefined> {
  const dovecot = await readText(folder, 'subscriptions');
  if (dovecot !== undefined) {
    const lines = dovecot.split('\n').filter((line) => line !== '');
    // Version 2 separates levels by tabs.
    if (lines[0] === 'V\t2') return lines.slice(1).map((line) => line.split('\t'));
    return lines.map((line) => line.replace(/^INBOX[./](?=.)/, '').split(/[./]/));
  }
  const courier = await readText(folder, 'courierimapsubscribed');
  return courier
    ?.split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/^INBOX\.(?=.)/, '').split('.'));
}
