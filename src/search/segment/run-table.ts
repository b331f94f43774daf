/**
 * Numbers for runs, as they are met: an open hash table over typed arrays. Making a string of each run and looking it up in a Map takes three times as long, which is most
 * of what indexing costs.
 */
import type { CharacterClass } from '../character-class.ts';

export class RunTable {
  /** Number of the run + 1, or 0. */
  #slots = new Uint32Array(1 << 16);
  #hashes = new Uint32Array(1 << 15);
  /** UTF-16 units of all runs; those of run `n` are [ends[n - 1], ends[n]). */
  #units = new Uint16Array(1 << 18);
  #ends = new Uint32Array(1 << 15);
  #fields = new Uint8Array(1 << 15);
  #kinds = new Uint8Array(1 << 15);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** The number of a run of `text` in a field. */
  numberOf(text: string, start: number, end: number, field: number, kind: CharacterClass): number {
    let hash = field + 1;
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x9e37_79b1);
    hash = (hash ^ (hash >>> 15)) >>> 0;
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (let entry = slots[slot]!; entry !== 0; entry = slots[slot]!) {
      if (this.#hashes[entry - 1] === hash && this.#is(entry - 1, text, start, end, field)) return entry - 1;
      slot = (slot + 1) & mask;
    }
    return this.#add(text, start, end, { field, kind, hash, slot });
  }

  #is(number: number, text: string, start: number, end: number, field: number): boolean {
    const from = number === 0 ? 0 : this.#ends[number - 1]!;
    if (this.#fields[number] !== field || this.#ends[number]! - from !== end - start) return false;
    const units = this.#units;
    for (let at = start; at < end; at++) if (units[from + at - start] !== text.charCodeAt(at)) return false;
    return true;
  }

  #add(
    text: string,
    start: number,
    end: number,
    { field, kind, hash, slot }: { field: number; kind: number; hash: number; slot: number },
  ): number {
    const number = this.#count;
    if (number === this.#ends.length) this.#grow();
    const from = number === 0 ? 0 : this.#ends[number - 1]!;
    if (from + end - start > this.#units.length) {
      const larger = new Uint16Array(2 * this.#units.length + end - start);
      larger.set(this.#units);
      this.#units = larger;
    }
    for (let at = start; at < end; at++) this.#units[from + at - start] = text.charCodeAt(at);
    this.#ends[number] = from + end - start;
    this.#fields[number] = field;
    this.#kinds[number] = kind;
    this.#hashes[number] = hash;
    this.#slots[slot] = number + 1;
    this.#count += 1;
    if (2 * this.#count > this.#slots.length) this.#spread();
    return number;
  }

  #grow(): void {
    const length = 2 * this.#ends.length;
    const hashes = new Uint32Array(length);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    const ends = new Uint32Array(length);
    ends.set(this.#ends);
    this.#ends = ends;
    const fields = new Uint8Array(length);
    fields.set(this.#fields);
    this.#fields = fields;
    const kinds = new Uint8Array(length);
    kinds.set(this.#kinds);
    this.#kinds = kinds;
  }

  #spread(): void {
    const slots = new Uint32Array(4 * this.#slots.length);
    const mask = slots.length - 1;
    for (let number = 0; number < this.#count; number++) {
      let slot = this.#hashes[number]! & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = number + 1;
    }
    this.#slots = slots;
  }

  fieldOf(number: number): number {
    return this.#fields[number]!;
  }

  kindOf(number: number): CharacterClass {
    return this.#kinds[number] as CharacterClass;
  }

  textOf(number: number): string {
    const from = number === 0 ? 0 : this.#ends[number - 1]!;
    return String.fromCharCode(...this.#units.subarray(from, this.#ends[number]));
  }
}
