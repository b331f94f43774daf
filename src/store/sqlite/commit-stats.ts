/** How the writer's commits go, in shared memory: counted by the writer, read by the main thread when it is asked for metrics. */

/** Upper bounds of what is told apart: time that the disk took for a commit, and operations in it. */
const timeBoundsMs = [0.5, 1, 2, 5, 10, 20, 50, 100, 500, 2000] as const;
const sizeBounds = [1, 2, 5, 10, 20, 50, 100, 200, 512] as const;

export interface CommitCounts {
  readonly commits: number;
  readonly operations: number;
  readonly ms: number;
  readonly byTimeMs: Buckets;
  readonly bySize: Buckets;
}

export interface Buckets {
  readonly bounds: readonly number[];
  /** Commits up to each bound, and one more for those above all. */
  readonly counts: readonly number[];
}

const totals = 3;
const timeSlots = timeBoundsMs.length + 1;
const sizeSlots = sizeBounds.length + 1;

export const newCommitStats = (): SharedArrayBuffer =>
  new SharedArrayBuffer((totals + timeSlots + sizeSlots) * Float64Array.BYTES_PER_ELEMENT);

export class CommitStats {
  readonly #slots: Float64Array;

  constructor(shared: SharedArrayBuffer) {
    this.#slots = new Float64Array(shared);
  }

  note(operations: number, ms: number): void {
    this.#add(0, 1);
    this.#add(1, operations);
    this.#add(2, ms);
    this.#add(totals + slotOf(timeBoundsMs, ms), 1);
    this.#add(totals + timeSlots + slotOf(sizeBounds, operations), 1);
  }

  read(): CommitCounts {
    const [commits, operations, ms] = this.#slots;
    return {
      commits: commits!,
      operations: operations!,
      ms: ms!,
      byTimeMs: { bounds: timeBoundsMs, counts: [...this.#slots.subarray(totals, totals + timeSlots)] },
      bySize: { bounds: sizeBounds, counts: [...this.#slots.subarray(totals + timeSlots)] },
    };
  }

  #add(slot: number, value: number): void {
    this.#slots[slot] = this.#slots[slot]! + value;
  }
}

function slotOf(bounds: readonly number[], value: number): number {
  const slot = bounds.findIndex((bound) => value <= bound);
  return slot === -1 ? bounds.length : slot;
}
