/**
 * A ZIP file (APPNOTE.TXT 6.3) written as its files come: nothing is held but what is being compressed. Sizes stand behind each file (4.3.9) and in the directory at
 * the end, in 64 bits where they need them (4.3.14).
 */
import { createDeflateRaw, crc32 } from 'node:zlib';

export interface ZipFile {
  /** With `/` between folders. */
  readonly name: string;
  readonly atMs: number;
  /** More than it will have. From 4 GiB on sizes have 64 bits. */
  readonly maxBytes: number;
  readonly content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

interface Written {
  readonly name: Buffer;
  readonly at: number;
  readonly stamp: number;
  readonly crc: number;
  readonly size: number;
  readonly packed: number;
}

const wide = 0xffff_ffff;
const version = 45;
/** Sizes behind the file; names in UTF-8. */
const flags = 0x0808;
const deflate = 8;

export async function* zipOf(files: AsyncIterable<ZipFile>): AsyncGenerator<Buffer, void, void> {
  const written: Written[] = [];
  let at = 0;
  for await (const file of files) {
    const name = Buffer.from(file.name);
    const stamp = dosTime(file.atMs);
    const is64 = file.maxBytes >= wide;
    const start = localHeader(name, stamp, is64);
    yield start;
    const facts = { crc: 0, size: 0, packed: 0 };
    for await (const chunk of packed(file.content, facts)) yield chunk;
    const end = descriptor(facts, is64);
    yield end;
    written.push({ name, at, stamp, ...facts });
    at += start.length + facts.packed + end.length;
  }
  const directory = Buffer.concat(written.map(entryOf));
  yield directory;
  yield ending(written.length, directory.length, at);
}

async function* packed(
  content: ZipFile['content'],
  facts: { crc: number; size: number; packed: number },
): AsyncGenerator<Buffer, void, void> {
  const packer = createDeflateRaw();
  const feeding = (async () => {
    for await (const chunk of content) {
      facts.crc = crc32(chunk, facts.crc);
      facts.size += chunk.length;
      if (!packer.write(chunk)) await new Promise((resolve) => packer.once('drain', resolve));
    }
    packer.end();
  })().catch((error: unknown) => packer.destroy(error as Error));
  for await (const chunk of packer as AsyncIterable<Buffer>) {
    facts.packed += chunk.length;
    yield chunk;
  }
  await feeding;
}

function localHeader(name: Buffer, stamp: number, is64: boolean): Buffer {
  const extra = is64 ? extra64([0, 0]) : Buffer.alloc(0);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x0403_4b50, 0);
  head.writeUInt16LE(is64 ? version : 20, 4);
  head.writeUInt16LE(flags, 6);
  head.writeUInt16LE(deflate, 8);
  head.writeUInt32LE(stamp, 10);
  if (is64) head.fill(0xff, 18, 26);
  head.writeUInt16LE(name.length, 26);
  head.writeUInt16LE(extra.length, 28);
  return Buffer.concat([head, name, extra]);
}

function descriptor(
  { crc, size, packed: small }: Pick<Written, 'crc' | 'size' | 'packed'>,
  is64: boolean,
): Buffer {
  const end = Buffer.alloc(is64 ? 24 : 16);
  end.writeUInt32LE(0x0807_4b50, 0);
  end.writeUInt32LE(crc, 4);
  if (is64) {
    end.writeBigUInt64LE(BigInt(small), 8);
    end.writeBigUInt64LE(BigInt(size), 16);
  } else {
    end.writeUInt32LE(small, 8);
    end.writeUInt32LE(size, 12);
  }
  return end;
}

function entryOf({ name, at, stamp, crc, size, packed: small }: Written): Buffer {
  const large = [size, small, at].filter((value) => value >= wide);
  const extra = large.length > 0 ? extra64(large) : Buffer.alloc(0);
  const entry = Buffer.alloc(46);
  entry.writeUInt32LE(0x0201_4b50, 0);
  entry.writeUInt16LE(version, 4);
  entry.writeUInt16LE(large.length > 0 ? version : 20, 6);
  entry.writeUInt16LE(flags, 8);
  entry.writeUInt16LE(deflate, 10);
  entry.writeUInt32LE(stamp, 12);
  entry.writeUInt32LE(crc, 16);
  entry.writeUInt32LE(Math.min(small, wide), 20);
  entry.writeUInt32LE(Math.min(size, wide), 24);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt16LE(extra.length, 30);
  entry.writeUInt32LE(Math.min(at, wide), 42);
  return Buffer.concat([entry, name, extra]);
}

/** With the larger numbers in front of it whenever one does not fit. */
export function ending(files: number, directoryBytes: number, at: number): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x0605_4b50, 0);
  end.writeUInt16LE(Math.min(files, 0xffff), 8);
  end.writeUInt16LE(Math.min(files, 0xffff), 10);
  end.writeUInt32LE(Math.min(directoryBytes, wide), 12);
  end.writeUInt32LE(Math.min(at, wide), 16);
  if (files < 0xffff && at < wide && directoryBytes < wide) return end;
  const end64 = Buffer.alloc(56 + 20);
  end64.writeUInt32LE(0x0606_4b50, 0);
  end64.writeBigUInt64LE(44n, 4);
  end64.writeUInt16LE(version, 12);
  end64.writeUInt16LE(version, 14);
  end64.writeBigUInt64LE(BigInt(files), 24);
  end64.writeBigUInt64LE(BigInt(files), 32);
  end64.writeBigUInt64LE(BigInt(directoryBytes), 40);
  end64.writeBigUInt64LE(BigInt(at), 48);
  end64.writeUInt32LE(0x0706_4b50, 56);
  end64.writeBigUInt64LE(BigInt(at + directoryBytes), 64);
  end64.writeUInt32LE(1, 72);
  return Buffer.concat([end64, end]);
}

function extra64(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [i, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  return extra;
}

/** Two seconds of exactness, from 1980 on, in UTC. */
function dosTime(atMs: number): number {
  const at = new Date(atMs);
  const year = Math.min(127, Math.max(0, at.getUTCFullYear() - 1980));
  const day = (year << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return ((day << 16) | time) >>> 0;
}
