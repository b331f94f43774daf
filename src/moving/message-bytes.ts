/** Messages as they are stored: lines end in CRLF, as mail has them on its way and as IMAP gives them out. Files have LF. */
import { createHash } from 'node:crypto';

const LF = 0x0a;
const CR = 0x0d;

/** Every LF without a CR gets one. */
export function toCrlf(bytes: Buffer): Buffer {
  const bare = countBare(bytes);
  if (bare === 0) return bytes;
  const out = Buffer.allocUnsafe(bytes.length + bare);
  let size = 0;
  let at = 0;
  for (let lf = bytes.indexOf(LF); lf !== -1; lf = bytes.indexOf(LF, lf + 1)) {
    if (lf > 0 && bytes[lf - 1] === CR) continue;
    size += bytes.copy(out, size, at, lf);
    out[size++] = CR;
    at = lf;
  }
  bytes.copy(out, size, at);
  return out;
}

/** Every CRLF becomes LF. */
export function toLf(bytes: Buffer): Buffer {
  const out = Buffer.allocUnsafe(bytes.length);
  let size = 0;
  let at = 0;
  for (let cr = bytes.indexOf(CR); cr !== -1; cr = bytes.indexOf(CR, cr + 1)) {
    if (bytes[cr + 1] !== LF) continue;
    size += bytes.copy(out, size, at, cr);
    at = cr + 1;
  }
  size += bytes.copy(out, size, at);
  return out.subarray(0, size);
}

function countBare(bytes: Buffer): number {
  let count = 0;
  for (let lf = bytes.indexOf(LF); lf !== -1; lf = bytes.indexOf(LF, lf + 1))
    if (lf === 0 || bytes[lf - 1] !== CR) count++;
  return count;
}

/** As the server computes it of what it stored. */
export const hashOf = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('base64url');

/** Keys of any length as short ones. */
export const shortKey = (key: string): string =>
  createHash('sha256').update(key).digest('base64url').slice(0, 27);

const sourceMaxChars = 500;

/** The name of a source: a long place by its hash. */
export function sourceName(kind: string, place: string): string {
  const name = `${kind}:${place}`;
  return name.length <= sourceMaxChars ? name : `${kind}:${shortKey(place)}`;
}
