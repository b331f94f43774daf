/**
 * The files in a 7z archive, by its list (7zFormat.txt of 7-Zip): their names, and whether they are encrypted. Only the list is unpacked, which stands at the
 * end of the file.
 */
import { unpackLzma } from './lzma.ts';
import { ArchiveError } from './zip-directory.ts';

/** `hidden`: the list itself is encrypted. */
export type SevenZipDirectory =
  | { readonly hidden: true }
  | { readonly hidden: false; readonly names: readonly string[]; readonly encrypted: boolean };

/** What a list may unpack to, some ten thousand names: it is unpacked in one go. */
const listMaxBytes = 512 * 1024;
const countMax = 100_000;
const startBytes = 32;

const id = {
  end: 0x00,
  header: 0x01,
  properties: 0x02,
  additional: 0x03,
  main: 0x04,
  files: 0x05,
  pack: 0x06,
  unpack: 0x07,
  sub: 0x08,
  size: 0x09,
  crc: 0x0a,
  folder: 0x0b,
  unpackSize: 0x0c,
  streams: 0x0d,
  names: 0x11,
  encoded: 0x17,
} as const;

const aes = '06f10701';
const lzma = '030101';
const stored = '00';

interface Coder {
  readonly method: string;
  readonly properties: Buffer;
}

interface Folder {
  readonly coders: readonly Coder[];
  readonly sizes: number[];
  readonly outputs: number;
  /** Its sum of octets is told with it. */
  summed: boolean;
}

interface Streams {
  readonly position: number;
  readonly packed: readonly number[];
  readonly folders: readonly Folder[];
}

export function sevenZipDirectory(bytes: Buffer): SevenZipDirectory {
  if (bytes.length < startBytes) throw new ArchiveError('a 7z file cut short');
  const offset = Number(bytes.readBigUInt64LE(12));
  const size = Number(bytes.readBigUInt64LE(20));
  if (size === 0) return { hidden: false, names: [], encrypted: false };
  const list = bytes.subarray(startBytes + offset, startBytes + offset + size);
  if (list.length < size) throw new ArchiveError('a 7z file without its list');
  return read(bytes, list, 0);
}

function read(bytes: Buffer, list: Buffer, depth: number): SevenZipDirectory {
  const reader = new Reader(list);
  const kind = reader.byte();
  if (kind === id.header) return directory(reader);
  if (kind !== id.encoded || depth > 3) throw new ArchiveError('a 7z file with a list of another kind');
  const { position, packed, folders } = streams(reader);
  const [folder] = folders;
  if (folder === undefined || folder.sizes.length === 0) throw new ArchiveError('a 7z file without its list');
  if (folder.coders.some(({ method }) => method === aes)) return { hidden: true };
  const [coder, ...more] = folder.coders;
  const begin = startBytes + position;
  const raw = bytes.subarray(begin, begin + (packed[0] ?? 0));
  const size = folder.sizes[0]!;
  if (more.length > 0 || size > listMaxBytes)
    throw new ArchiveError('a 7z file with a list packed in an unknown way');
  if (coder!.method === stored) return read(bytes, raw, depth + 1);
  if (coder!.method !== lzma) throw new ArchiveError('a 7z file with a list packed in an unknown way');
  return read(bytes, unpackLzma(coder!.properties, raw, size), depth + 1);
}

function directory(reader: Reader): SevenZipDirectory {
  let encrypted = false;
  for (const kind of reader.kinds()) {
    if (kind === id.properties) skipProperties(reader);
    else if (kind === id.additional || kind === id.main)
      encrypted ||= streams(reader).folders.some(({ coders }) => coders.some(({ method }) => method === aes));
    else if (kind === id.files) return { hidden: false, names: names(reader), encrypted };
    else throw new ArchiveError('a 7z file that is broken');
  }
  return { hidden: false, names: [], encrypted };
}

function skipProperties(reader: Reader): void {
  for (let kind = reader.byte(); kind !== id.end; kind = reader.byte()) reader.bytes(reader.number());
}

function names(reader: Reader): string[] {
  const count = reader.count();
  for (let kind = reader.byte(); kind !== id.end; kind = reader.byte()) {
    const property = reader.bytes(reader.number());
    if (kind !== id.names || property[0] !== 0) continue;
    return property.subarray(1).toString('utf16le').split('\0', count);
  }
  return [];
}

function streams(reader: Reader): Streams {
  let position = 0;
  let packed: number[] = [];
  let folders: Folder[] = [];
  for (const kind of reader.kinds()) {
    if (kind === id.pack) ({ position, packed } = packInfo(reader));
    else if (kind === id.unpack) folders = unpackInfo(reader);
    else if (kind === id.sub) subStreams(reader, folders);
    else throw new ArchiveError('a 7z file that is broken');
  }
  return { position, packed, folders };
}

function packInfo(reader: Reader): { position: number; packed: number[] } {
  const position = reader.number();
  const count = reader.count();
  let packed: number[] = [];
  for (const kind of reader.kinds()) {
    if (kind === id.size) packed = Array.from({ length: count }, () => reader.number());
    else if (kind === id.crc) reader.digests(count);
    else throw new ArchiveError('a 7z file that is broken');
  }
  return { position, packed };
}

function unpackInfo(reader: Reader): Folder[] {
  if (reader.byte() !== id.folder) throw new ArchiveError('a 7z file that is broken');
  const count = reader.count();
  if (reader.byte() !== 0) throw new ArchiveError('a 7z file with its list elsewhere');
  const folders = Array.from({ length: count }, () => folderOf(reader));
  if (reader.byte() !== id.unpackSize) throw new ArchiveError('a 7z file that is broken');
  for (const { sizes, outputs } of folders) for (let i = 0; i < outputs; i++) sizes.push(reader.number());
  for (const kind of reader.kinds()) {
    if (kind !== id.crc) throw new ArchiveError('a 7z file that is broken');
    const summed = reader.digests(count);
    folders.forEach((folder, i) => (folder.summed = summed[i] === true));
  }
  return folders;
}

function folderOf(reader: Reader): Folder {
  const coders: Coder[] = [];
  let [inputs, outputs] = [0, 0];
  for (let left = reader.count(); left > 0; left--) {
    const flags = reader.byte();
    const method = reader.bytes(flags & 0x0f).toString('hex');
    const isComplex = (flags & 0x10) !== 0;
    inputs += isComplex ? reader.count() : 1;
    outputs += isComplex ? reader.count() : 1;
    const properties = (flags & 0x20) === 0 ? Buffer.alloc(0) : reader.bytes(reader.number());
    coders.push({ method, properties });
  }
  const bound = Math.max(0, outputs - 1);
  for (let i = 0; i < bound * 2; i++) reader.number();
  const loose = inputs - bound;
  if (loose > 1) for (let i = 0; i < loose; i++) reader.number();
  return { coders, sizes: [], outputs, summed: false };
}

/** Of no interest, but in front of the names. */
function subStreams(reader: Reader, folders: readonly Folder[]): void {
  let counts = folders.map(() => 1);
  for (const kind of reader.kinds()) {
    if (kind === id.streams) counts = folders.map(() => reader.count());
    else if (kind === id.size) for (const count of counts) for (let i = 1; i < count; i++) reader.number();
    else if (kind === id.crc) reader.digests(unsummed(folders, counts));
    else throw new ArchiveError('a 7z file that is broken');
  }
}

/** A folder of one file has told its sum. */
const unsummed = (folders: readonly Folder[], counts: readonly number[]): number =>
  folders.reduce((sum, { summed }, i) => sum + (counts[i] === 1 && summed ? 0 : counts[i]!), 0);

class Reader {
  readonly #list: Buffer;
  #at = 0;

  constructor(list: Buffer) {
    this.#list = list;
  }

  byte(): number {
    const byte = this.#list[this.#at++];
    if (byte === undefined) throw new ArchiveError('a 7z file cut short');
    return byte;
  }

  /** Of what follows, up to the end mark: each kind once, so that what is told of many things is told once. */
  *kinds(): Generator<number, void, void> {
    const seen = new Set<number>();
    for (let kind = this.byte(); kind !== id.end; kind = this.byte()) {
      if (seen.has(kind)) throw new ArchiveError('a 7z file that tells something twice');
      seen.add(kind);
      yield kind;
    }
  }

  bytes(count: number): Buffer {
    if (count > this.#list.length - this.#at) throw new ArchiveError('a 7z file cut short');
    this.#at += count;
    return this.#list.subarray(this.#at - count, this.#at);
  }

  /** The first octet tells by its high bits how many follow, the lowest first. */
  number(): number {
    const first = this.byte();
    let value = 0;
    for (let i = 0, mask = 0x80; i < 8; i++, mask >>= 1) {
      if ((first & mask) === 0) return value + (first & (mask - 1)) * 2 ** (8 * i);
      value += this.byte() * 2 ** (8 * i);
    }
    return value;
  }

  /** Of things that follow one by one: none takes less than a bit. */
  count(): number {
    return bounded(this.number());
  }

  /** Skips sums of octets; says which are there. */
  digests(count: number): boolean[] {
    let there = Array.from({ length: bounded(count) }, () => true);
    if (this.byte() === 0) {
      const bits = this.bytes(Math.ceil(count / 8));
      there = there.map((_, i) => ((bits[i >> 3]! >> (7 - (i & 7))) & 1) === 1);
    }
    this.bytes(there.filter(Boolean).length * 4);
    return there;
  }
}

function bounded(count: number): number {
  if (count > countMax) throw new ArchiveError('a 7z file of too many files');
  return count;
}
