/**
 * Does the sweeps of this thread's shards (rows/sweep.ts), one piece after another, oldest first. After each piece it rests for as long as that took, so that accepting and
 * settling have at least half of the writer; what it touches its owner knows at once, without reading all lanes again.
 */
import { sleep, type Clock } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Store } from '../../store/store.ts';
import { keyOf, manage, pick, type PickedRow } from '../rows/manage.ts';
import { managedEvents, filterFor } from '../rows/desk.ts';
import { nextSweep, sweepsTopic, type FoundSweep } from '../rows/sweep.ts';
import type { OwnedShard } from './shard.ts';

/** Entries of one piece: one transaction. */
const pieceMax = 250;
const restMinMs = 5;
const restMaxMs = 1000;
const afterFailureMs = 5000;

export interface SweeperParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly owned: (shard: number) => OwnedShard | undefined;
  /** These entries are held, gone or due now. */
  readonly onTouched: (shard: OwnedShard, action: FoundSweep['action'], keys: readonly PickedRow[]) => void;
}

export class Sweeper {
  readonly #parts: SweeperParts;
  readonly #busy = new Set<OwnedShard>();
  readonly #again = new Set<OwnedShard>();
  readonly #stop = new AbortController();
  readonly #hints: Disposable;
  readonly #running = new Set<Promise<void>>();

  constructor(parts: SweeperParts) {
    this.#parts = parts;
    this.#hints = parts.store.onHint(sweepsTopic, (key) => {
      const shard = parts.owned(Number(key));
      if (shard) this.look(shard);
    });
  }

  /** The shard may have sweeps. */
  look(shard: OwnedShard): void {
    if (this.#stop.signal.aborted) return;
    if (this.#busy.has(shard)) {
      this.#again.add(shard);
      return;
    }
    this.#busy.add(shard);
    const run = this.#run(shard).finally(() => {
      this.#busy.delete(shard);
      this.#running.delete(run);
      if (this.#again.delete(shard)) this.look(shard);
    });
    this.#running.add(run);
  }

  /** Resolves when the piece in hand is in the store. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#hints[Symbol.dispose]();
    await Promise.all(this.#running);
  }

  async #run(shard: OwnedShard): Promise<void> {
    const { store, clock, log } = this.#parts;
    const { signal } = this.#stop;
    while (!signal.aborted && shard.works) {
      let restMs = restMinMs;
      try {
        const startMs = clock.monotonicMs();
        const sweep = await store.read(() => nextSweep(shard.shard));
        if (!sweep || signal.aborted || !shard.works) return;
        await this.#piece(shard, sweep);
        restMs = Math.min(restMaxMs, Math.max(restMinMs, clock.monotonicMs() - startMs));
      } catch (error) {
        if (signal.aborted) return;
        // Somebody has ended it, or it is another's by now.
        if (error instanceof Refusal && error.reason === 'conflict') continue;
        log.warn({ error, shard: shard.shard }, 'a change of many entries could not go on');
        restMs = afterFailureMs;
      }
      await sleep(clock, restMs, signal).catch(() => {});
    }
  }

  async #piece(shard: OwnedShard, sweep: FoundSweep): Promise<void> {
    const { store, clock, onTouched } = this.#parts;
    const { id, action, from } = sweep;
    const filter = filterFor(action, sweep.filter);
    const found = await store.scan(pick, { shard: shard.shard, filter, after: from, max: pieceMax });
    const nowMs = clock.nowMs();
    await store.write(manage, {
      shard: shard.shard,
      action,
      keys: found.rows.map(keyOf),
      nowMs,
      events: managedEvents(found.rows, { ...sweep, nowMs }),
      sweep: { id, from, to: found.upTo, nowMs },
    });
    if (found.rows.length > 0 && !shard.lost) onTouched(shard, action, found.rows);
  }
}
