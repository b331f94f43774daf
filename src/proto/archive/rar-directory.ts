/** The files in a RAR archive, of version 4 or 5, by its headers (RAR technote): their names and whether they are encrypted. Nothing is unpacked. */
import { ArchiveError } from './zip-directory.ts';

export interface RarEntry {
  readonly name: string;
  readonly encrypted: boolean;
}

/** `hidden`: the list itself is encrypted. */
export type RarDirectory =
  | { readonly hidden: true }
  | { readonly hidden: false; readonly entries: readonly RarEntry[] };

const mark4 = Buffer.from('Rar!\x1a\x07\0', 'latin1');
const mark5 = Buffer.from('Rar!\x1a\x07\x01\0', 'latin1');
const entriesMax = 10_000;

/** `bytes` is the file, or its beginning: what is cut off is not listed. */
export function rarDirectory(bytes: Buffer): RarDirectory {
  if (bytes.subarray(0, mark5.length).equals(mark5)) return directory5(bytes);
  if (bytes.subarray(0, mark4.length).equals(mark4)) return directory4(bytes);
  throw new ArchiveError('a RAR file of an unknown version');
}

function directory4(bytes: Buffer): RarDirectory {
  const entries: RarEntry[] = [];
  for (let at = mark4.length; at + 7 <= bytes.length && entries.length < entriesMax; ) {
    const type = bytes[at + 2]!;
    const flags = bytes.readUInt16LE(at + 3);
    const size = bytes.readUInt16LE(at + 5);
    if (size < 7) throw new ArchiveError('a RAR file that is broken');
    if (type === 0x73 && (flags & 0x80) !== 0) return { hidden: true };
    const isFile = type === 0x74 && at + 32 <= bytes.length;
    if (isFile) {
      const nameBytes = bytes.readUInt16LE(at + 26);
      const nameAt = at + 32 + ((flags & 0x100) === 0 ? 0 : 8);
      const raw = bytes.subarray(nameAt, nameAt + nameBytes);
      const end = raw.indexOf(0);
      entries.push({
        name: raw.toString('utf8', 0, end === -1 ? raw.length : end),
        encrypted: (flags & 0x4) !== 0,
      });
    }
    if (type === 0x7b) break;
    const hasData = (flags & 0x8000) !== 0 || isFile;
    at += size + (hasData && at + 11 <= bytes.length ? bytes.readUInt32LE(at + 7) : 0);
  }
  return { hidden: false, entries };
}

function directory5(bytes: Buffer): RarDirectory {
  const entries: RarEntry[] = [];
  for (let at = mark5.length; at + 7 <= bytes.length && entries.length < entriesMax; ) {
    const reader = new Numbers(bytes, at + 4);
    const size = reader.next();
    const header = reader.at;
    const type = reader.next();
    const flags = reader.next();
    const extra = (flags & 1) === 0 ? 0 : reader.next();
    const data = (flags & 2) === 0 ? 0 : reader.next();
    if (size === 0) throw new ArchiveError('a RAR file that is broken');
    if (type === 4) return { hidden: true };
    if (type === 2) entries.push(entry5(bytes, reader, { end: header + size, extra }));
    if (type === 5) break;
    at = header + size + data;
  }
  return { hidden: false, entries };
}

function entry5(
  bytes: Buffer,
  reader: Numbers,
  { end, extra }: { readonly end: number; readonly extra: number },
): RarEntry {
  const flags = reader.next();
  reader.next();
  reader.next();
  reader.at += ((flags & 2) === 0 ? 0 : 4) + ((flags & 4) === 0 ? 0 : 4);
  reader.next();
  reader.next();
  const length = reader.next();
  const name = bytes.toString('utf8', reader.at, Math.min(reader.at + length, end, bytes.length));
  let encrypted = false;
  for (let at = Math.max(reader.at, end - extra); at < Math.min(end, bytes.length); ) {
    const record = new Numbers(bytes, at);
    const size = record.next();
    const start = record.at;
    encrypted ||= record.next() === 1;
    if (size === 0) break;
    at = start + size;
  }
  return { name, encrypted };
}

/** Numbers of seven bits an octet, the lowest first. */
class Numbers {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.at = at;
  }

  next(): number {
    let value = 0;
    for (let i = 0; i < 7; i++) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw new ArchiveError('a RAR file cut short');
      value += (byte & 0x7f) * 2 ** (7 * i);
      if (byte < 0x80) return value;
    }
    throw new ArchiveError('a RAR file that is broken');
  }
}
