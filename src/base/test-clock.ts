/** A clock that stands still until a test moves it. Timers fire in order of their time while it is moved. */
import { setImmediate } from 'node:timers/promises';
import type { Clock, Timer } from './clock.ts';

interface Waiting {
  atMs: number;
  readonly run: () => void;
}

export class TestClock implements Clock {
  #nowMs: number;
  readonly #startMs: number;
  readonly #waiting = new Set<Waiting>();

  constructor(nowMs = 1_700_000_000_000) {
    this.#nowMs = nowMs;
    this.#startMs = nowMs;
  }

  nowMs(): number {
    return Math.floor(this.#nowMs);
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  after(delayMs: number, run: () => void): Timer {
    const waiting: Waiting = { atMs: this.#nowMs + Math.max(0, delayMs), run };
    this.#waiting.add(waiting);
    return {
      restart: () => {
        waiting.atMs = this.#nowMs + Math.max(0, delayMs);
        this.#waiting.add(waiting);
      },
      [Symbol.dispose]: () => void this.#waiting.delete(waiting),
    };
  }

  /** Moves on by `ms`; between two timers, and at the end, whatever they set going has `turns` turns of the event loop. */
  async advance(ms: number, turns = 5): Promise<void> {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = this.#first();
      if (!next || next.atMs > endMs) break;
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      this.#waiting.delete(next);
      next.run();
      await this.settle(turns);
    }
    this.#nowMs = endMs;
    await this.settle(turns);
  }

  /** Time stands still; the event loop turns. */
  async settle(turns = 5): Promise<void> {
    for (let i = 0; i < turns; i++) await setImmediate();
  }

  #first(): Waiting | undefined {
    let first: Waiting | undefined;
    for (const waiting of this.#waiting) if (!first || waiting.atMs < first.atMs) first = waiting;
    return first;
  }
}
