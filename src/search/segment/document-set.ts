/** Sets of small numbers, a bit for each. */

export const newSet = (size: number): Uint8Array => new Uint8Array((size + 7) >>> 3);

export const has = (set: Uint8Array, number: number): boolean =>
  ((set[number >>> 3] ?? 0) & (1 << (number & 7))) !== 0;

export const add = (set: Uint8Array, number: number): void => {
  set[number >>> 3]! |= 1 << (number & 7);
};

export function keepCommon(set: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < set.length; i++) set[i]! &= other[i]!;
}

export function addAll(set: Uint8Array, other: Uint8Array): void {
  for (let i = 0; i < other.length; i++) set[i]! |= other[i]!;
}

const ones = Uint8Array.from({ length: 256 }, (_, byte) => {
  let count = 0;
  for (let left = byte; left > 0; left >>>= 1) count += left & 1;
  return count;
});

export function countOf(set: Uint8Array): number {
  let count = 0;
  for (const byte of set) count += ones[byte]!;
  return count;
}

export function eachOf(set: Uint8Array, run: (number: number) => void): void {
  for (let i = 0; i < set.length; i++) {
    let byte = set[i]!;
    while (byte !== 0) {
      const bit = 31 - Math.clz32(byte & -byte);
      run(i * 8 + bit);
      byte &= byte - 1;
    }
  }
}
