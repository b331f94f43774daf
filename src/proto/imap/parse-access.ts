/** Arguments of ACL (RFC 4314), METADATA (RFC 5464), LANGUAGE and COMPARATOR (RFC 5255), COMPRESS (RFC 4978). */
import type { Command } from './command.ts';
import { CommandError, type Scanner } from './scanner.ts';

/** Entries in one command, and octets of one entry's name. */
const entriesMax = 200;
const entryMaxBytes = 1_000;
/** Languages or collations in one command. */
const namesMax = 50;

export function parseSetAcl(s: Scanner): Command {
  const mailbox = s.mailbox();
  s.space();
  const identifier = s.astring('identifier');
  s.space();
  const rights = s.astring('rights');
  s.end();
  return { is: 'SETACL', mailbox, identifier, rights };
}

export function parseMailboxAndIdentifier(s: Scanner, is: 'DELETEACL' | 'LISTRIGHTS'): Command {
  const mailbox = s.mailbox();
  s.space();
  const identifier = s.astring('identifier');
  s.end();
  return { is, mailbox, identifier };
}

export function parseGetMetadata(s: Scanner): Command {
  const options = { maxSize: undefined as number | undefined, depth: 0 };
  const before = s.peek() === '(';
  if (before) {
    metadataOptions(s, options);
    s.space();
  }
  const mailbox = s.mailbox();
  s.space();
  // Several clients put the options behind the mailbox.
  if (!before && s.peek() === '(' && s.ahead(/\((?:MAXSIZE|DEPTH) /iy)) {
    metadataOptions(s, options);
    s.space();
  }
  const entries = metadataEntries(s);
  s.end();
  return { is: 'GETMETADATA', mailbox, entries, ...options };
}

function metadataOptions(s: Scanner, into: { maxSize: number | undefined; depth: number }): void {
  s.list(() => {
    const name = s.word('option');
    s.space();
    if (name === 'MAXSIZE') into.maxSize = s.number('MAXSIZE');
    else if (name === 'DEPTH') {
      const depth = s.word('depth');
      if (depth !== '0' && depth !== '1' && depth !== 'INFINITY') throw new CommandError('Invalid depth');
      into.depth = depth === 'INFINITY' ? Infinity : Number(depth);
    } else throw new CommandError('Unknown option');
  });
}

export function metadataEntries(s: Scanner): string[] {
  if (s.peek() !== '(') return [entryName(s)];
  const entries: string[] = [];
  s.list(() => entries.push(entryName(s)), entriesMax);
  if (entries.length === 0) throw new CommandError('No entries given');
  return entries;
}

/** RFC 5464, 3.1 and 5: slashes, no wildcards, no empty component; compared without case. */
function entryName(s: Scanner): string {
  const name = s.astring('entry').toLowerCase();
  const valid =
    name.length <= entryMaxBytes && /^\/(?:private|shared)(?:\/[^/\x00-\x1f\x7f-\xff%*]+)*$/.test(name);
  if (!valid) throw new CommandError('Invalid entry name');
  return name;
}

export function parseSetMetadata(s: Scanner): Command {
  const mailbox = s.mailbox();
  s.space();
  const entries: { name: string; value: Uint8Array | null }[] = [];
  s.list(() => {
    const name = entryName(s);
    s.space();
    entries.push({ name, value: s.nbytes('value') });
  }, entriesMax);
  s.end();
  if (entries.length === 0) throw new CommandError('No entries given');
  return { is: 'SETMETADATA', mailbox, entries };
}

export function parseLanguage(s: Scanner): Command {
  return { is: 'LANGUAGE', ranges: names(s, 'language range') };
}

export function parseComparator(s: Scanner): Command {
  return { is: 'COMPARATOR', names: names(s, 'collation') };
}

/** None or more, each behind a space. */
function names(s: Scanner, what: string): string[] {
  const found: string[] = [];
  while (!s.atEnd && s.take(' ') && !s.atEnd) {
    if (found.length === namesMax) throw new CommandError('Too many names');
    found.push(s.astring(what));
  }
  s.end();
  return found;
}

export function parseCompress(s: Scanner): Command {
  const mechanism = s.word('mechanism');
  s.end();
  return { is: 'COMPRESS', mechanism };
}
