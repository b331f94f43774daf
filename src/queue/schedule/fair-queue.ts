/**
 * What is ready for one site, in the order in which it goes out.
 *
 * Three rings by urgency; in each, its lanes (organisation and campaign) take turns, and within a lane the first to come is the first to go. A lower ring
 * waits for the higher ones, save that every `lowerEvery`-th turn is its own, so that it never starves. So a campaign of a million
 * messages delays a password reset by one message, and another campaign by its fair half.
 */
import { orgOfLane, ringCount, ringOfLane } from '../rows/lane.ts';
import { Fifo } from '../../base/fifo.ts';

/** One turn in so many goes to a lower ring that has something. */
const lowerEvery = 16;

interface Flow<T> {
  readonly lane: string;
  readonly items: Fifo<T>;
  /** Turns left before the next lane's. */
  credit: number;
  /** It stands aside until then; 0: it does not. */
  asideUntilMs: number;
}

/** Turns of a lane of this organisation before the next lane's. */
export type WeightOf = (org: string) => number;

export class FairQueue<T> {
  readonly #weightOf: WeightOf;
  readonly #flows = new Map<string, Flow<T>>();
  readonly #rings: Fifo<Flow<T>>[] = Array.from({ length: ringCount }, () => new Fifo<Flow<T>>());
  #size = 0;
  #turn = 0;
  /** The flow that the latest item came from: its companions are looked for there. */
  #latest: Flow<T> | undefined;
  /** The ring whose turn it is, chosen by `head` and not yet used by `next`. */
  #chosen: Fifo<Flow<T>> | undefined;
  /** Lanes that may not go now, while others may. */
  readonly #aside = new Set<Flow<T>>();
  #asideUntilMs = Infinity;
  #asideForEnd = false;

  constructor(weightOf: WeightOf = () => 1) {
    this.#weightOf = weightOf;
  }

  get size(): number {
    return this.#size;
  }

  /** Something stands in a ring before `below`, and not aside. */
  hasBelow(below: number): boolean {
    for (let i = 0; i < below; i++) if (this.#rings[i]!.size > 0) return true;
    return false;
  }

  push(lane: string, item: T): void {
    let flow = this.#flows.get(lane);
    if (!flow) {
      flow = { lane, items: new Fifo<T>(), credit: this.#weightOf(orgOfLane(lane)), asideUntilMs: 0 };
      this.#flows.set(lane, flow);
      this.#rings[ringOfLane(lane)]!.push(flow);
      this.#chosen = undefined;
    }
    flow.items.push(item);
    this.#size += 1;
  }

  /** What `next` would give; of the rings before `below` only. */
  head(below = ringCount): T | undefined {
    if (below < ringCount && this.#chosen && this.#rings.indexOf(this.#chosen) >= below)
      this.#chosen = undefined;
    this.#chosen ??= this.#nextRing(below);
    return this.#chosen?.peek()?.items.peek();
  }

  /** The lane at the head stands aside until then: others have their turns. Infinity: until something in hand has ended. */
  putAside(untilMs: number): void {
    const flow = this.#chosen?.shift();
    this.#chosen = undefined;
    if (!flow) return;
    flow.asideUntilMs = untilMs;
    this.#aside.add(flow);
    this.#noteAside(untilMs);
  }

  /** When the first of the lanes aside may be asked about again. */
  get asideUntilMs(): number {
    return this.#asideUntilMs;
  }

  /** Lanes whose time has come stand in line again, and with `ended` those that waited for the end of something in hand. */
  comeBack(nowMs: number, ended = false): void {
    if (this.#aside.size === 0 || (nowMs < this.#asideUntilMs && !(ended && this.#asideForEnd))) return;
    this.#asideUntilMs = Infinity;
    this.#asideForEnd = false;
    this.#chosen = undefined;
    for (const flow of this.#aside) {
      const stays = flow.asideUntilMs === Infinity ? !ended : flow.asideUntilMs > nowMs;
      if (stays) this.#noteAside(flow.asideUntilMs);
      else {
        this.#aside.delete(flow);
        this.#rings[ringOfLane(flow.lane)]!.push(flow);
      }
    }
  }

  #noteAside(untilMs: number): void {
    this.#asideUntilMs = Math.min(this.#asideUntilMs, untilMs);
    if (untilMs === Infinity) this.#asideForEnd = true;
  }

  next(): T | undefined {
    const ring = this.#chosen ?? this.#nextRing();
    this.#chosen = undefined;
    const flow = ring?.peek();
    if (!ring || !flow) return undefined;
    const item = flow.items.shift()!;
    this.#size -= 1;
    this.#latest = flow;
    flow.credit -= 1;
    if (flow.items.size === 0) {
      ring.shift();
      this.#flows.delete(flow.lane);
    } else if (flow.credit <= 0) {
      flow.credit = this.#weightOf(orgOfLane(flow.lane));
      ring.push(ring.shift()!);
    }
    return item;
  }

  /** The item right behind the one that `next` gave, when it suits: recipients of one message leave together. */
  nextCompanion(suits: (item: T) => boolean): T | undefined {
    const flow = this.#latest;
    const item = flow?.items.peek();
    if (!flow || item === undefined || !suits(item)) return undefined;
    flow.items.shift();
    this.#size -= 1;
    if (flow.items.size === 0) {
      this.#flows.delete(flow.lane);
      this.#rings[ringOfLane(flow.lane)]!.remove(flow);
    }
    return item;
  }

  /** Takes out everything that `picks`. */
  take(picks: (item: T) => boolean): T[] {
    const taken: T[] = [];
    this.#latest = undefined;
    this.#chosen = undefined;
    for (const flow of this.#flows.values()) {
      taken.push(...flow.items.take(picks));
      if (flow.items.size > 0) continue;
      this.#flows.delete(flow.lane);
      if (!this.#aside.delete(flow)) this.#rings[ringOfLane(flow.lane)]!.remove(flow);
    }
    this.#size -= taken.length;
    return taken;
  }

  #nextRing(below = ringCount): Fifo<Flow<T>> | undefined {
    let first: Fifo<Flow<T>> | undefined;
    for (let i = 0; i < below; i++) {
      const ring = this.#rings[i]!;
      if (ring.size === 0) continue;
      if (first) {
        this.#turn += 1;
        return this.#turn % lowerEvery === 0 ? ring : first;
      }
      first = ring;
    }
    return first;
  }
}
