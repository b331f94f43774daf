/**
 * The central directory of a ZIP file (APPNOTE.TXT, 4.3.12): what is in it, by the list that programs go by when they unpack. It is at the end, so the end of a
 * large file is enough.
 *
 * Bounded by `entriesMax`; what does not fit together makes the archive unreadable, never an exception of another kind.
 */

export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

export interface ZipEntry {
  readonly name: string;
  readonly encrypted: boolean;
  /** 0 stored, 8 deflated, 9 deflate64, 99 AES. */
  readonly method: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  /** Of its local header, in the file. */
  readonly offset: number;
}

const zipEntriesMax = 10_000;
const endBytes = 22;
/** Of the end record and the longest comment behind it. */
const searchedBytes = endBytes + 65_535;
const zip64LocatorBytes = 20;
const zip64EndBytes = 56;
const endMark = Buffer.from('PK\x05\x06', 'latin1');
const entryMark = 0x02014b50;
const entryBytes = 46;
const flagEncrypted = 0x1;
const flagUtf8 = 0x800;
const flagHiddenNames = 0x2000;

/** `bytes` is the end of the file, which begins at `from` in it. */
export function zipDirectory(bytes: Buffer, from = 0): ZipEntry[] {
  const end = lastEnd(bytes);
  const { size, before } = directoryOf(bytes, end);
  const count = bytes.readUInt16LE(end + 10);
  // Where the directory lies by its size, not by its place: bytes may stand in front of the archive.
  const start = before - size;
  const begin = start >= 0 && isEntry(bytes, start) ? start : bytes.readUInt32LE(end + 16) - from;
  if (count === 0 && size === 0) return [];
  if (begin < 0 || !isEntry(bytes, begin))
    throw new ArchiveError('the list of a ZIP file is not where it should be');
  const shift = begin + from - bytes.readUInt32LE(end + 16);
  const entries: ZipEntry[] = [];
  for (let at = begin; isEntry(bytes, at); ) {
    if (entries.length === zipEntriesMax)
      throw new ArchiveError(`more than ${zipEntriesMax} files in a ZIP file`);
    const { entry, next } = readEntry(bytes, at, shift > 0 ? shift : 0);
    entries.push(entry);
    at = next;
  }
  return entries;
}

function lastEnd(bytes: Buffer): number {
  const from = Math.max(0, bytes.length - searchedBytes);
  const at = bytes.lastIndexOf(endMark, bytes.length - endBytes);
  if (at < from) throw new ArchiveError('a ZIP file without its end');
  return at;
}

/** Its size, and what comes right behind it: the end record, or those of ZIP64 (4.3.14, 4.3.15) in front of that. */
function directoryOf(bytes: Buffer, end: number): { readonly size: number; readonly before: number } {
  const size = bytes.readUInt32LE(end + 12);
  const record = end - zip64LocatorBytes - zip64EndBytes;
  if (record < 0 || bytes.readUInt32LE(record) !== 0x06064b50) return { size, before: end };
  return { size: size === 0xffffffff ? Number(bytes.readBigUInt64LE(record + 40)) : size, before: record };
}

const isEntry = (bytes: Buffer, at: number): boolean =>
  at + entryBytes <= bytes.length && bytes.readUInt32LE(at) === entryMark;

function readEntry(bytes: Buffer, at: number, shift: number): { entry: ZipEntry; next: number } {
  const flags = bytes.readUInt16LE(at + 8);
  const nameBytes = bytes.readUInt16LE(at + 28);
  const next = at + entryBytes + nameBytes + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  if (next > bytes.length) throw new ArchiveError('the list of a ZIP file is cut short');
  const name = bytes.subarray(at + entryBytes, at + entryBytes + nameBytes);
  const entry = {
    name: nameText(name, (flags & flagUtf8) !== 0),
    encrypted: (flags & (flagEncrypted | flagHiddenNames)) !== 0,
    method: bytes.readUInt16LE(at + 10),
    packedBytes: bytes.readUInt32LE(at + 20),
    sizeBytes: bytes.readUInt32LE(at + 24),
    offset: bytes.readUInt32LE(at + 42) + shift,
  };
  return { entry, next };
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const shiftJis = new TextDecoder('shift_jis');

/** Windows in Japan writes names in Shift_JIS and does not say so. */
function nameText(bytes: Buffer, isUtf8: boolean): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return isUtf8 ? bytes.toString('latin1') : shiftJis.decode(bytes);
  }
}
