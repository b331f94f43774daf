/**
 * What a report is packed in: gzip, zip, or nothing, told by its first octets, whatever it is called. The output is bounded, so that a small bomb stays small, and what
 * comes before a broken end is still given (RFC 1952; PKWARE APPNOTE 4.3).
 */
import { constants, gunzipSync, inflateRawSync } from 'node:zlib';

/** Octets of a report unpacked. */
export const reportMaxBytes = 25 * 1024 * 1024;
/** Files looked at in an archive: a report is one. */
const filesMax = 10;

export interface Unpacked {
  readonly packing: 'plain' | 'gzip' | 'zip';
  /** One, or those of an archive. */
  readonly files: readonly Buffer[];
}

/** Undefined: it is broken from its beginning, or more than fits. */
export function unpack(bytes: Buffer): Unpacked | undefined {
  if (bytes.length > reportMaxBytes) return undefined;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b) {
    const file =
      inflated(() => gunzipSync(bytes, options)) ??
      inflated(() => inflateRawSync(bytes.subarray(gzipHeaderBytes(bytes)), options));
    return file && { packing: 'gzip', files: [file] };
  }
  if (bytes.length >= localBytes && bytes.readUInt32LE(0) === localHeader) {
    const files = zipFiles(bytes);
    return files.length === 0 ? undefined : { packing: 'zip', files };
  }
  return { packing: 'plain', files: [bytes] };
}

/** `Z_SYNC_FLUSH`: an end that is missing or followed by something else takes nothing from what came before it. */
const options = { maxOutputLength: reportMaxBytes, finishFlush: constants.Z_SYNC_FLUSH };

function inflated(run: () => Buffer): Buffer | undefined {
  try {
    const file = run();
    return file.length === 0 ? undefined : file;
  } catch {
    return undefined;
  }
}

const gzipFixedBytes = 10;
const gzip = { headerSum: 2, extra: 4, name: 8, comment: 16 };

/** Some reporters write a sum that is wrong, or more behind it: then what is packed is unpacked without it. */
function gzipHeaderBytes(bytes: Buffer): number {
  const flags = bytes[3] ?? 0;
  let at = gzipFixedBytes;
  if ((flags & gzip.extra) !== 0) at += 2 + (at + 2 <= bytes.length ? bytes.readUInt16LE(at) : 0);
  for (const field of [gzip.name, gzip.comment])
    if ((flags & field) !== 0) {
      const end = bytes.indexOf(0, at);
      at = end === -1 ? bytes.length : end + 1;
    }
  return (flags & gzip.headerSum) === 0 ? at : at + 2;
}

const localHeader = 0x04034b50;
const centralHeader = 0x02014b50;
const endOfCentral = 0x06054b50;
const endBytes = 22;
const commentMaxBytes = 65_535;
const centralBytes = 46;
const localBytes = 30;
const stored = 0;
const deflated = 8;
const encrypted = 1;

interface ZipEntry {
  readonly method: number;
  readonly at: number;
  readonly packedBytes: number;
}

/** By the central directory: local headers may leave sizes out. All files together are bounded. */
function zipFiles(bytes: Buffer): Buffer[] {
  const files: Buffer[] = [];
  let left = reportMaxBytes;
  for (const entry of zipEntries(bytes)) {
    const file = zipFile(bytes, entry, left);
    if (file === undefined) continue;
    files.push(file);
    left -= file.length;
    if (left <= 0) break;
  }
  return files;
}

function zipEntries(bytes: Buffer): ZipEntry[] {
  const end = endAt(bytes);
  if (end === -1) return [];
  const entries: ZipEntry[] = [];
  let at = bytes.readUInt32LE(end + 16);
  while (entries.length < filesMax && at + centralBytes <= bytes.length) {
    if (bytes.readUInt32LE(at) !== centralHeader) break;
    const flags = bytes.readUInt16LE(at + 8);
    const entry = {
      method: bytes.readUInt16LE(at + 10),
      packedBytes: bytes.readUInt32LE(at + 20),
      at: bytes.readUInt32LE(at + 42),
    };
    if ((flags & encrypted) === 0) entries.push(entry);
    at +=
      centralBytes + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return entries;
}

function endAt(bytes: Buffer): number {
  const lowest = Math.max(0, bytes.length - endBytes - commentMaxBytes);
  for (let at = bytes.length - endBytes; at >= lowest; at--)
    if (bytes.readUInt32LE(at) === endOfCentral) return at;
  return -1;
}

function zipFile(bytes: Buffer, { method, at, packedBytes }: ZipEntry, max: number): Buffer | undefined {
  if (at + localBytes > bytes.length || bytes.readUInt32LE(at) !== localHeader) return undefined;
  const from = at + localBytes + bytes.readUInt16LE(at + 26) + bytes.readUInt16LE(at + 28);
  const packed = bytes.subarray(from, from + packedBytes);
  if (method === stored) return packed.length === 0 || packed.length > max ? undefined : packed;
  if (method !== deflated) return undefined;
  return inflated(() => inflateRawSync(packed, { ...options, maxOutputLength: max }));
}
