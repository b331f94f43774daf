/**
 * The room for entries in memory, and the lanes that wait for some.
 *
 * A read takes at most a part of what is left, so that a few long lanes never fill memory before the others have had a turn; bulk mail leaves the last fifth
 * to mail that people wait for. What is full of mail that its receivers take slowly does not stop the rest: every second some lanes that wait read a little
 * all the same, up to twice the room. So memory is bounded, and no destination waits for another's.
 */
import { ringOfLane, rings } from '../rows/lane.ts';
import type { QueueOptions } from '../options.ts';
import type { Lane } from './lane.ts';

/** A read takes one in so many of the places that are left. */
const shareOfFree = 8;
/** Less is not worth a read, while there is room. */
const readMin = 16;
/** Bulk mail is read into this part of the room. */
const bulkPart = 0.8;
/** Lanes that read although memory is full, each time, and how much. */
const relievedLanes = 200;
const relievedEntries = 2;
/** Lanes that have waited are served again when this part of the room is free. */
const servedFrom = 1 / 16;

const isBulk = (lane: Lane): boolean => ringOfLane(lane.lane) >= rings.bulk;

export class Room {
  readonly #options: Pick<QueueOptions, 'entriesMax' | 'windowMax'>;
  readonly #waiting = { first: new Set<Lane>(), bulk: new Set<Lane>() };
  /** Of reads on their way. */
  #reserved = 0;
  entries = 0;

  constructor(options: Pick<QueueOptions, 'entriesMax' | 'windowMax'>) {
    this.#options = options;
  }

  /** How much of this lane may be read now; 0: nothing. */
  windowFor(lane: Lane): number {
    const { entriesMax, windowMax } = this.#options;
    const free = Math.floor((isBulk(lane) ? entriesMax * bulkPart : entriesMax) - this.#used);
    const least = Math.min(readMin, entriesMax / shareOfFree);
    if (free < least || free <= 0) return 0;
    return Math.min(windowMax, free, Math.max(readMin, Math.ceil(free / shareOfFree)));
  }

  get #used(): number {
    return this.entries + this.#reserved;
  }

  /** A read of so many begins; call what is given when it has ended. */
  reserve(count: number): () => void {
    this.#reserved += count;
    return () => (this.#reserved -= count);
  }

  wait(lane: Lane): void {
    (isBulk(lane) ? this.#waiting.bulk : this.#waiting.first).add(lane);
  }

  forget(lane: Lane): void {
    this.#waiting.first.delete(lane);
    this.#waiting.bulk.delete(lane);
  }

  /** Others of its kind have waited longer. */
  isBehind(lane: Lane): boolean {
    return (isBulk(lane) ? this.#waiting.bulk : this.#waiting.first).size > 0;
  }

  get hasWaiting(): boolean {
    return this.#waiting.first.size + this.#waiting.bulk.size > 0;
  }

  /** There is enough room to serve lanes that wait. */
  get isOpen(): boolean {
    const { entriesMax } = this.#options;
    const most = this.#waiting.first.size > 0 ? entriesMax : entriesMax * bulkPart;
    return this.hasWaiting && this.#used <= most - Math.max(1, entriesMax * servedFrom);
  }

  /** The lane that is served next: the longest waiting, urgent ones first. */
  next(): Lane | undefined {
    for (const waiting of [this.#waiting.first, this.#waiting.bulk])
      for (const lane of waiting) {
        const open = this.windowFor(lane) > 0;
        if (!open) break;
        waiting.delete(lane);
        return lane;
      }
    return undefined;
  }

  /** Lanes that read a little although memory is full, with how much each. */
  relieved(): { readonly lanes: readonly Lane[]; readonly entries: number } {
    const lanes: Lane[] = [];
    for (const waiting of [this.#waiting.first, this.#waiting.bulk])
      for (const lane of waiting) {
        if (lanes.length === relievedLanes) break;
        if (this.#used + lanes.length * relievedEntries >= 2 * this.#options.entriesMax) break;
        if (lane.here.size > 0) continue;
        waiting.delete(lane);
        lanes.push(lane);
      }
    return { lanes, entries: relievedEntries };
  }
}
