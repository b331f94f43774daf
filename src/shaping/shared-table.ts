/**
 * Counters that all threads of the process share, by name: so that one limit is one limit, whichever thread sends.
 *
 * A cell is found by the hash of its name, or made. Nothing waits for a lock: a place is taken by one compare-and-exchange. Cells are never emptied, so
 * that looking on from a place always finds what stands behind it; one that nobody has used for long is given to another name.
 *
 * When all places that a name may have are in use (tens of thousands of limited sites at once) a cell of the thread's own stands in.
 */
const longsOf = 2;
const floatsOf = 14;
const intsOf = 8;
/** Places that are looked at for a name. */
const probesMax = 64;
/** A cell that nobody holds may be given away after this. */
const unusedForSeconds = 3600;

export const tableCells = 32_768;

export const tableBytes = (threads: number, cells = tableCells): number => cells * cellBytes(threads);
const cellBytes = (threads: number): number =>
  8 * (longsOf + floatsOf) + 4 * (intsOf + threads + (threads % 2));

export class SharedTable {
  readonly #longs: BigInt64Array;
  readonly #floats: Float64Array;
  readonly #ints: Int32Array;
  readonly #cells: number;
  readonly #threads: number;
  readonly #thread: number;

  /** `buffer` is the same for all threads; `thread` is from 0. */
  constructor(buffer: ArrayBufferLike, threads: number, thread: number) {
    this.#threads = threads + (threads % 2);
    this.#thread = thread;
    this.#cells = Math.floor(buffer.byteLength / cellBytes(threads));
    const longs = this.#cells * longsOf;
    const floats = this.#cells * floatsOf;
    this.#longs = new BigInt64Array(buffer, 0, longs);
    this.#floats = new Float64Array(buffer, longs * 8, floats);
    this.#ints = new Int32Array(buffer, (longs + floats) * 8, this.#cells * (intsOf + this.#threads));
  }

  /** For one thread alone, as in tests and simulations. */
  static alone(cells = 4096): SharedTable {
    return new SharedTable(new SharedArrayBuffer(tableBytes(1, cells)), 1, 0);
  }

  /** Held until `release`. */
  cell(name: string, nowMs: number): Cell {
    const key = hashOf(name);
    const start = Number(BigInt.asUintN(32, key)) % this.#cells;
    let free: number | undefined;
    for (let i = 0; i < Math.min(probesMax, this.#cells); i++) {
      const at = (start + i) % this.#cells;
      const found = Atomics.load(this.#longs, at * longsOf);
      if (found === key) return this.#at(at).hold(nowMs);
      if (found === 0n) {
        free ??= at;
        break;
      }
      if (free === undefined && this.#at(at).unusedSince(nowMs) > unusedForSeconds) free = at;
    }
    if (free !== undefined) {
      const before = Atomics.load(this.#longs, free * longsOf);
      if (Atomics.compareExchange(this.#longs, free * longsOf, before, key) !== before)
        return this.cell(name, nowMs);
      const cell = this.#at(free).hold(nowMs);
      if (before !== 0n) cell.clear();
      return cell;
    }
    return SharedTable.alone(1).#at(0).hold(nowMs);
  }

  /** What a thread had in hand when it ended is nobody's any more. */
  forgetThread(thread: number): void {
    for (let at = 0; at < this.#cells; at++) {
      const count = at * (intsOf + this.#threads) + intsOf + thread;
      // Pages that nobody has written to stay nobody's.
      if (Atomics.load(this.#ints, count) !== 0) Atomics.store(this.#ints, count, 0);
    }
  }

  #at(at: number): Cell {
    return new Cell({
      longs: this.#longs,
      long: at * longsOf,
      floats: this.#floats,
      float: at * floatsOf,
      ints: this.#ints,
      int: at * (intsOf + this.#threads),
      threads: this.#threads,
      thread: this.#thread,
    });
  }
}

interface CellParts {
  readonly longs: BigInt64Array;
  readonly long: number;
  readonly floats: Float64Array;
  readonly float: number;
  readonly ints: Int32Array;
  readonly int: number;
  readonly threads: number;
  readonly thread: number;
}

const usedAt = 0;
/** From here the integers are of whoever uses the cell. */
const ownInts = 2;

export class Cell {
  readonly #p: CellParts;

  constructor(parts: CellParts) {
    this.#p = parts;
  }

  hold(nowMs: number): this {
    const { ints, int } = this.#p;
    Atomics.store(ints, int + usedAt, Math.floor(nowMs / 1000));
    return this;
  }

  unusedSince(nowMs: number): number {
    const { ints, int } = this.#p;
    return this.inUse > 0 ? 0 : Math.floor(nowMs / 1000) - Atomics.load(ints, int + usedAt);
  }

  clear(): void {
    const { longs, long, floats, float, ints, int } = this.#p;
    Atomics.store(longs, long + 1, 0n);
    floats.fill(0, float, float + floatsOf);
    for (let i = ownInts; i < intsOf; i++) Atomics.store(ints, int + i, 0);
  }

  /** The theoretical arrival time of a rate, in microseconds. */
  get micros(): number {
    return Number(Atomics.load(this.#p.longs, this.#p.long + 1));
  }

  /** Moves it on from now or from where it is, whichever is later; gives where it is then. */
  push(nowMicros: number, byMicros: number): number {
    const { longs, long, ints, int } = this.#p;
    Atomics.store(ints, int + usedAt, Math.floor(nowMicros / 1e6));
    for (;;) {
      const before = Atomics.load(longs, long + 1);
      const after = BigInt(Math.round(Math.max(Number(before), nowMicros) + byMicros));
      if (Atomics.compareExchange(longs, long + 1, before, after) === before) return Number(after);
    }
  }

  setMicros(value: number): void {
    Atomics.store(this.#p.longs, this.#p.long + 1, BigInt(Math.round(value)));
  }

  /** In hand, over all threads. */
  get inUse(): number {
    const { ints, int, threads } = this.#p;
    let sum = 0;
    for (let i = 0; i < threads; i++) sum += Atomics.load(ints, int + intsOf + i);
    return sum;
  }

  /** Takes one when there are fewer than `max`. Two threads that ask at once do not both get the last. */
  take(max: number, nowMs: number): boolean {
    const { ints, int, thread } = this.#p;
    Atomics.add(ints, int + intsOf + thread, 1);
    if (this.inUse <= max) {
      Atomics.store(ints, int + usedAt, Math.floor(nowMs / 1000));
      return true;
    }
    Atomics.sub(ints, int + intsOf + thread, 1);
    return false;
  }

  give(): void {
    const { ints, int, thread } = this.#p;
    Atomics.sub(ints, int + intsOf + thread, 1);
  }

  int(field: number): number {
    return Atomics.load(this.#p.ints, this.#p.int + ownInts + field);
  }

  setInt(field: number, value: number): void {
    Atomics.store(this.#p.ints, this.#p.int + ownInts + field, value);
  }

  addInt(field: number, by: number): number {
    return Atomics.add(this.#p.ints, this.#p.int + ownInts + field, by);
  }

  /** True for the one thread that changes it from what was seen. */
  swapInt(field: number, from: number, to: number): boolean {
    return Atomics.compareExchange(this.#p.ints, this.#p.int + ownInts + field, from, to) === from;
  }

  /** Written by one thread at a time; whoever reads may see some before and some after. */
  float(field: number): number {
    return this.#p.floats[this.#p.float + field]!;
  }

  setFloat(field: number, value: number): void {
    this.#p.floats[this.#p.float + field] = value;
  }
}

/** 64 bits, never 0: two FNV-1a of 32 bits. */
function hashOf(name: string): bigint {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b ^ code, 0x85ebca6b) ^ (b >>> 13);
  }
  // The last letters reach all bits.
  a = Math.imul(a ^ (a >>> 16), 0x45d9f3b);
  b = Math.imul(b ^ (b >>> 15), 0x2c1b3c6d);
  const key = (BigInt(b >>> 0) << 32n) | BigInt((a ^ (a >>> 16)) >>> 0);
  return BigInt.asIntN(64, key === 0n ? 1n : key);
}
