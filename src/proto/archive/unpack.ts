/**
 * What is in an archive, unpacked only as far as needed and never beyond bounds: each file's bytes up to what the budget has left.
 *
 * ZIP by its central directory, gzip, Zstandard. What cannot be unpacked (another method, encrypted, broken) is listed all the same.
 */
import { promisify } from 'node:util';
import { gunzip, inflateRaw, zstdDecompress } from 'node:zlib';
import { ArchiveError, zipDirectory, type ZipEntry } from './zip-directory.ts';

const inflating = promisify(inflateRaw);
const gunzipping = promisify(gunzip);
const unzstd = promisify(zstdDecompress);

/** What one mail may make us unpack. */
export interface Budget {
  /** Octets, unpacked. */
  bytes: number;
  /** Files, listed. */
  files: number;
}

export type Packed =
  /** Its content, whole. */
  | { readonly is: 'file'; readonly name: string; readonly bytes: Buffer }
  /** Not wanted. */
  | { readonly is: 'listed'; readonly name: string }
  | { readonly is: 'encrypted'; readonly name: string }
  /** Larger than the budget has left, or packed in a way that is not known here. */
  | { readonly is: 'unread'; readonly name: string; readonly why: 'tooLarge' | 'method' | 'broken' };

const localMark = 0x04034b50;
const localBytes = 30;

/** More than this from so little is made to harm: text packs a hundred times at best. */
const ratioMax = 250;
const ratioFromBytes = 1024 * 1024;

/** The budget has no files left. */
export class TooManyError extends ArchiveError {}

export class BombError extends Error {
  override readonly name = 'BombError';
}

/** `isWanted`: whether the content of a file is looked at; all are listed. */
export async function* unzip(
  bytes: Buffer,
  budget: Budget,
  isWanted: (name: string) => boolean,
): AsyncGenerator<Packed, void, void> {
  const entries = zipDirectory(bytes);
  // One heap of bytes that many entries point to (overlap) needs no ratio of its own to be a bomb.
  const claimed = entries.reduce((sum, entry) => sum + entry.sizeBytes, 0);
  if (claimed > ratioFromBytes && claimed / Math.max(1, bytes.length) > ratioMax)
    throw new BombError(`${claimed} bytes packed into ${bytes.length}`);
  const room = { bytes: bytes.length };
  for (const entry of entries) {
    if (entry.name.endsWith('/')) continue;
    takeFile(budget);
    const { name } = entry;
    if (entry.encrypted) yield { is: 'encrypted', name };
    else if (!isWanted(name)) yield { is: 'listed', name };
    else yield await unzipEntry(bytes, entry, { budget, room });
  }
}

interface Left {
  readonly budget: Budget;
  /** Octets of the archive that nothing was unpacked from yet: files that share theirs would have them read again and again, whatever comes out. */
  readonly room: { bytes: number };
}

async function unzipEntry(bytes: Buffer, entry: ZipEntry, { budget, room }: Left): Promise<Packed> {
  const { name, method, offset, packedBytes } = entry;
  if (offset + localBytes > bytes.length || bytes.readUInt32LE(offset) !== localMark)
    return { is: 'unread', name, why: 'broken' };
  const start = offset + localBytes + bytes.readUInt16LE(offset + 26) + bytes.readUInt16LE(offset + 28);
  const packed = bytes.subarray(start, start + packedBytes);
  if (packed.length < packedBytes) return { is: 'unread', name, why: 'broken' };
  room.bytes -= packedBytes;
  if (room.bytes < 0) throw new BombError('files that lie within each other');
  if (method === 0) return take(name, Buffer.from(packed), budget);
  if (method !== 8) return { is: 'unread', name, why: 'method' };
  return unpacked(name, packed, budget, (given, options) => inflating(given, options));
}

type Unpacking = (packed: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

async function unpacked(name: string, packed: Buffer, budget: Budget, unpack: Unpacking): Promise<Packed> {
  const most = Math.max(ratioFromBytes, packed.length * ratioMax);
  const maxOutputLength = Math.min(budget.bytes, most);
  if (maxOutputLength <= 0) return { is: 'unread', name, why: 'tooLarge' };
  try {
    return take(name, await unpack(packed, { maxOutputLength }), budget);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE')
      return { is: 'unread', name, why: 'broken' };
    if (maxOutputLength === most) throw new BombError(`more than ${ratioMax} bytes from one`);
    budget.bytes = 0;
    return { is: 'unread', name, why: 'tooLarge' };
  }
}

function take(name: string, bytes: Buffer, budget: Budget): Packed {
  if (bytes.length > budget.bytes) return { is: 'unread', name, why: 'tooLarge' };
  budget.bytes -= bytes.length;
  return { is: 'file', name, bytes };
}

export function takeFile(budget: Budget): void {
  budget.files -= 1;
  if (budget.files < 0) throw new TooManyError('too many files');
}

/** A gzip or zstd file has one file in it, named by the outer one. */
export async function unpackStream(
  kind: 'gzip' | 'zstd',
  name: string,
  bytes: Buffer,
  budget: Budget,
): Promise<Packed> {
  takeFile(budget);
  const inner = name.replace(/\.(?:gz|zst|tgz)$/i, (extension) => (/tgz/i.test(extension) ? '.tar' : ''));
  const unpack: Unpacking = kind === 'gzip' ? gunzipping : unzstd;
  return unpacked(inner, bytes, budget, unpack);
}
