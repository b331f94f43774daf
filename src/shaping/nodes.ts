/**
 * Nodes on one PostgreSQL share every limit: each has an equal part, so that together they keep it. A node says every few seconds that it is there; what
 * one that has gone had is dealt out after its lease, and one that comes has nothing until the others have heard of it. So the sum is never more
 * than the limit. What cannot be divided (one connection for three nodes) goes round: each has it for a while, with a pause between.
 *
 * Time is the engine's (`now_ms()`), so that nodes whose clocks differ agree on whose turn it is. With SQLite there is one node, and it has all.
 */
import { sleep, type Clock, type Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { operation } from '../store/operation.ts';
import type { Store } from '../store/store.ts';
import { maybe, rows, type Transaction } from '../store/transaction.ts';
import type { Cell, SharedTable } from './shared-table.ts';

export interface Share {
  /** Of a limit, in [0, 1]. */
  readonly part: number;
  /** Of a number smaller than that of the nodes: one, where this is less than it. Infinity: not now. */
  readonly turn: number;
}

export const wholeShare: Share = { part: 1, turn: 0 };

/** What this process may have of a number. */
export function shareOf(max: number, { part, turn }: Share): number {
  const whole = Math.floor(max * part + 1e-9);
  return whole > 0 || part === 0 ? whole : turn < max ? 1 : 0;
}

const beatMs = 5000;
const leaseMs = 15_000;
/** A node that comes has nothing for so long: two beats of the others. */
const quietMs = 10_000;
/** Without a word from the store for so long the node stops sending, before its part is dealt out. */
const deafMs = 12_000;
/** How long whose turn it is lasts, and when within that it is taken: nobody's turns touch. */
const turnMs = 30_000;
const [turnFromMs, turnToMs] = [7000, 23_000];

export interface Beat {
  readonly nodes: number;
  /** Among the nodes, from 0. */
  readonly rank: number;
  readonly nowMs: number;
  readonly sinceMs: number;
}

export const beat = operation(
  'shaping.beat',
  function* ({ node }: { node: string }): Transaction<Beat> {
    yield* rows(`delete from shaping_node where seen < now_ms() - ${leaseMs}`);
    yield* rows(
      'insert into shaping_node (node, since, seen) values (?, now_ms(), now_ms()) on conflict (node) do update set seen = excluded.seen',
      node,
    );
    const found = yield* rows<{ node: string; since: number }>(
      'select node, since from shaping_node order by node',
    );
    const now = yield* maybe<{ now: number }>('select now_ms() as now');
    const rank = found.findIndex((one) => one.node === node);
    return { nodes: found.length, rank, nowMs: now!.now, sinceMs: found[rank]!.since };
  },
  { essential: true },
);

export const leave = operation(
  'shaping.leave',
  function* ({ node }: { node: string }): Transaction<void> {
    yield* rows('delete from shaping_node where node = ?', node);
  },
  { essential: true },
);

export function shareAfter({ nodes, rank, nowMs, sinceMs }: Beat): Share {
  const isNew = nodes > 1 && nowMs - sinceMs < quietMs;
  const at = nowMs % turnMs;
  const open = at >= turnFromMs && at <= turnToMs;
  return { part: isNew ? 0 : 1 / nodes, turn: open ? (rank + Math.floor(nowMs / turnMs)) % nodes : Infinity };
}

const shareCell = 'share of this node';
const [floatPart, floatTurn] = [0, 1];

/** Read by every thread. */
export function sharedShare(table: SharedTable, nowMs: number): () => Share {
  const cell: Cell = table.cell(shareCell, nowMs);
  const share = { part: 0, turn: Infinity };
  return () => {
    share.part = cell.float(floatPart);
    share.turn = cell.float(floatTurn);
    return share;
  };
}

export interface NodesParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly table: SharedTable;
  /** Name of this node: no other has it. */
  readonly node: string;
}

/** In one thread of the process: says that the node is there, and sets its share for all threads. */
export class Nodes implements AsyncDisposable {
  readonly #parts: NodesParts;
  readonly #cell: Cell;
  #heardMs = -Infinity;
  #timer: Timer | undefined;
  #ended = false;

  constructor(parts: NodesParts) {
    this.#parts = parts;
    this.#cell = parts.table.cell(shareCell, parts.clock.nowMs());
  }

  /** Resolves when the node has its share, which may be nothing for a while. */
  async start(): Promise<void> {
    await this.round();
    this.#again();
  }

  async round(): Promise<void> {
    const { store, clock, log, node } = this.#parts;
    const askedMs = clock.monotonicMs();
    try {
      const answered = store.write(beat, { node });
      // An answer that comes late tells of a lease that has passed.
      const late = sleep(clock, deafMs).then(() => undefined);
      const heard = await Promise.race([answered, late]);
      if (heard !== undefined) {
        this.#heardMs = askedMs;
        return this.#set(shareAfter(heard));
      }
    } catch (error) {
      log.warn({ error }, 'this node could not say that it is there');
    }
    if (clock.monotonicMs() - this.#heardMs > deafMs) this.#set({ part: 0, turn: Infinity });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#timer?.[Symbol.dispose]();
    await this.#parts.store.write(leave, { node: this.#parts.node }).catch(() => undefined);
  }

  #set({ part, turn }: Share): void {
    this.#cell.hold(this.#parts.clock.nowMs()).setFloat(floatPart, part);
    this.#cell.setFloat(floatTurn, turn);
  }

  #again(): void {
    this.#timer = this.#parts.clock.after(beatMs, () => {
      void this.round().then(() => {
        if (!this.#ended) this.#again();
      });
    });
  }
}
