/**
 * A hierarchical timer wheel: putting in, taking out and firing cost the same whatever is in it.
 *
 * Level 0 has a slot for each tick of the present round, level n a slot for each round of level n - 1. When level 0 has gone round,
 * the next slot of level 1 is dealt out over it, and so on up. Items are links of ring lists, so an item is in one wheel at most.
 *
 * Invariants: nothing fires early; what fires is late by less than a tick plus the time between two calls of `advance`. Items beyond the
 * last level wait in its farthest slot and are dealt out again.
 */
import assert from 'node:assert/strict';

const slotBits = 6;
const slotCount = 1 << slotBits;
const levelCount = 5;
/** Ticks the wheel spans: with ticks of 100 ms, more than three years. */
const spanTicks = slotCount ** levelCount;

/** Extend this to be put on a wheel. */
export class WheelItem {
  /** @internal */ wheelNext: WheelItem | undefined;
  /** @internal */ wheelPrevious: WheelItem | undefined;
  /** @internal */ wheelTick = 0;
  /** @internal */ wheelLevel = 0;

  get onWheel(): boolean {
    return this.wheelNext !== undefined;
  }
}

export class TimerWheel<T extends WheelItem> {
  readonly #tickMs: number;
  readonly #slots: WheelItem[] = [];
  readonly #counts: number[] = [];
  /** Everything up to and with this tick has fired. */
  #tick: number;
  #size = 0;

  constructor(nowMs: number, tickMs: number) {
    assert(tickMs > 0);
    this.#tickMs = tickMs;
    this.#tick = Math.floor(nowMs / tickMs);
    for (let level = 0; level < levelCount; level++) this.#counts.push(0);
    for (let i = 0; i < levelCount * slotCount; i++) {
      const head = new WheelItem();
      head.wheelNext = head;
      head.wheelPrevious = head;
      this.#slots.push(head);
    }
  }

  get size(): number {
    return this.#size;
  }

  /** Puts the item in, or moves it, to fire at `dueMs`: at the next tick when that is past. */
  set(item: T, dueMs: number): void {
    this.delete(item);
    this.#size += 1;
    this.#place(item, Math.max(Math.ceil(dueMs / this.#tickMs), this.#tick + 1));
  }

  delete(item: T): void {
    if (!item.onWheel) return;
    this.#unlink(item);
    this.#size -= 1;
  }

  /** Takes out what is due by `nowMs`, earlier ticks first. */
  advance(nowMs: number): T[] {
    const end = Math.floor(nowMs / this.#tickMs);
    const due: T[] = [];
    while (this.#tick < end) {
      if (this.#size === 0) {
        this.#tick = end;
        break;
      }
      this.#step(end, due);
    }
    return due;
  }

  /** When to call `advance` next; undefined when the wheel is empty. Never later than the first item is due, rounded up to a tick. */
  nextMs(): number | undefined {
    if (this.#size === 0) return undefined;
    let best = Infinity;
    for (let level = 0; level < levelCount; level++) {
      if (this.#counts[level]! > 0) best = Math.min(best, this.#nextAtLevel(level));
    }
    return best * this.#tickMs;
  }

  #nextAtLevel(level: number): number {
    const unit = slotCount ** level;
    const at = Math.floor(this.#tick / unit);
    for (let i = 1; i <= slotCount; i++) {
      const head = this.#slots[level * slotCount + ((at + i) % slotCount)]!;
      if (head.wheelNext !== head) return (at + i) * unit;
    }
    return (at + 1) * unit;
  }

  /** One tick on; over a stretch in which level 0 has nothing, to the end of its round at once. */
  #step(end: number, due: T[]): void {
    if (this.#counts[0] === 0) {
      const boundary = (Math.floor(this.#tick / slotCount) + 1) * slotCount;
      this.#tick = Math.min(boundary, end);
      if (this.#tick < boundary) return;
    } else {
      this.#tick += 1;
    }
    if (this.#tick % slotCount === 0) this.#deal(1);
    const head = this.#slots[this.#tick % slotCount]!;
    while (head.wheelNext !== head) {
      const item = head.wheelNext!;
      this.#unlink(item);
      this.#size -= 1;
      due.push(item as T);
    }
  }

  /** A level has come to its next slot: its items go to the levels below. */
  #deal(level: number): void {
    if (level === levelCount) return;
    const at = Math.floor(this.#tick / slotCount ** level);
    if (at % slotCount === 0) this.#deal(level + 1);
    const head = this.#slots[level * slotCount + (at % slotCount)]!;
    const items: WheelItem[] = [];
    while (head.wheelNext !== head) {
      items.push(head.wheelNext!);
      this.#unlink(head.wheelNext!);
    }
    for (const item of items) this.#place(item, item.wheelTick);
  }

  #place(item: WheelItem, tick: number): void {
    item.wheelTick = tick;
    // An item dealt out in the very tick it is due goes to the slot that is about to fire.
    const seen = Math.min(Math.max(tick, this.#tick), this.#tick + spanTicks - 1);
    let level = 0;
    while (level < levelCount - 1 && this.#roundsAway(seen, level) >= slotCount) level += 1;
    const head = this.#slots[level * slotCount + (Math.floor(seen / slotCount ** level) % slotCount)]!;
    item.wheelLevel = level;
    this.#counts[level]! += 1;
    item.wheelPrevious = head.wheelPrevious;
    item.wheelNext = head;
    head.wheelPrevious!.wheelNext = item;
    head.wheelPrevious = item;
  }

  #roundsAway(tick: number, level: number): number {
    const unit = slotCount ** level;
    return Math.floor(tick / unit) - Math.floor(this.#tick / unit);
  }

  #unlink(item: WheelItem): void {
    this.#counts[item.wheelLevel]! -= 1;
    item.wheelPrevious!.wheelNext = item.wheelNext;
    item.wheelNext!.wheelPrevious = item.wheelPrevious;
    item.wheelNext = undefined;
    item.wheelPrevious = undefined;
  }
}
