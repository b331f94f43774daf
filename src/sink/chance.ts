/** Chance that is the same in each run of a scenario: numbers from a seed, and the fate of an address, which never changes. */

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A number in [0, 1) that belongs to a text (FNV-1a, mixed once more). */
export function fateOf(seed: number, text: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  hash = Math.imul(hash ^ (hash >>> 16), 0x45d9f3b);
  return ((hash ^ (hash >>> 16)) >>> 0) / 4_294_967_296;
}

/** A pattern with `*` for anything, without regard to case. */
export function matcher(pattern: string): (text: string) => boolean {
  if (pattern === '*') return () => true;
  const parts = pattern.toLowerCase().split('*');
  if (parts.length === 1) return (text) => text.toLowerCase() === parts[0];
  const regex = new RegExp(`^${parts.map((part) => RegExp.escape(part)).join('.*')}$`, 'su');
  return (text) => regex.test(text.toLowerCase());
}
