/**
 * Tokens as numbers of 32 bits, never 0: what is kept of a mail that was learned are these, not its words.
 *
 * FNV-1a over UTF-16, mixed at the end so that all bits are equally good (murmur3's finaliser). Two of the half million tokens that an organisation may
 * have learned are the same number for one token of a mail in ten thousand: that changes no opinion.
 */
export function tokenHash(token: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < token.length; at++) hash = Math.imul(hash ^ token.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0 || 1;
}

const hashBytes = 4;

/** Sorted, as they are kept: four bytes each. */
export function packHashes(tokens: Iterable<string>): Uint8Array {
  const hashes = Uint32Array.from(new Set(Array.from(tokens, tokenHash))).sort();
  const packed = new Uint8Array(hashes.length * hashBytes);
  const view = new DataView(packed.buffer);
  for (const [at, hash] of hashes.entries()) view.setUint32(at * hashBytes, hash, true);
  return packed;
}

export function unpackHashes(packed: Uint8Array): Uint32Array {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.byteLength);
  return Uint32Array.from({ length: Math.floor(packed.length / hashBytes) }, (_, at) =>
    view.getUint32(at * hashBytes, true),
  );
}
