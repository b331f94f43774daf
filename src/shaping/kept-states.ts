/** What was learned of receivers, and how far warm-ups are, between two runs. */
import type { Clock, Timer } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Store } from '../store/store.ts';
import { operation } from '../store/operation.ts';
import { batch, rows, type Transaction } from '../store/transaction.ts';
import type { WarmUpState } from './sources/warm-up.ts';

export interface KeptState {
  readonly name: string;
  readonly atMs: number;
  /** JSON. */
  readonly state: string;
}

/** Read at the start of a thread: those that changed last. */
const readMax = 20_000;
/** Nothing was heard of it for so long: it is forgotten. */
const forgetAfterMs = 90 * 86_400_000;

export function* keptStates(): Transaction<readonly KeptState[]> {
  const found = yield* rows<{ name: string; at: number; state: string }>(
    'select name, at, state from shaping_state order by at desc limit ?',
    readMax,
  );
  return found.map(({ name, at, state }) => ({ name, atMs: at, state }));
}

export interface KeptWarmUp {
  /** A source, or `@domain` of senders. */
  readonly source: string;
  /** A provider, or a site of none. */
  readonly receiver: string;
  readonly day: number;
  /** Copies of that day. */
  readonly sent: number;
  readonly bad: boolean;
  readonly atMs: number;
}

const warmUpsMax = 500;

/** How far warm-ups were within the last half minute. */
export function* keptWarmUps(): Transaction<readonly KeptWarmUp[]> {
  const found = yield* rows<{ name: string; at: number; state: string }>(
    "select name, at, state from shaping_state where name like 'warm|%' order by at desc limit ?",
    warmUpsMax,
  );
  return found.map(({ name, at, state }) => {
    const [, source = '', receiver = ''] = name.split('|');
    const { day, sent, bad } = JSON.parse(state) as WarmUpState;
    return { source, receiver, day, sent, bad, atMs: at };
  });
}

export const keepStates = operation(
  'shaping.keep',
  function* ({ states, nowMs }: { states: readonly KeptState[]; nowMs: number }): Transaction<void> {
    yield* batch(
      states.map(({ name, atMs, state }) => ({
        sql: 'insert into shaping_state (name, at, state) values (?, ?, ?) on conflict (name) do update set at = excluded.at, state = excluded.state',
        params: [name, atMs, state],
      })),
    );
    yield* rows('delete from shaping_state where at < ?', nowMs - forgetAfterMs);
  },
);

const keepEveryMs = 30_000;

export interface KeeperParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly shaper: { changed(): readonly KeptState[] };
}

/** Writes what has changed, every half minute and at the end. */
export class Keeper implements AsyncDisposable {
  readonly #parts: KeeperParts;
  #timer: Timer;
  #ended = false;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#timer = this.#again();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    this.#timer[Symbol.dispose]();
    await this.keep();
  }

  async keep(): Promise<void> {
    const { store, shaper, clock, log } = this.#parts;
    const states = shaper.changed();
    if (states.length === 0) return;
    try {
      await store.write(keepStates, { states, nowMs: clock.nowMs() });
    } catch (error) {
      log.warn({ error }, 'what was learned of receivers could not be kept');
    }
  }

  #again(): Timer {
    return this.#parts.clock.after(keepEveryMs, () => {
      void this.keep().then(() => {
        if (!this.#ended) this.#timer = this.#again();
      });
    });
  }
}
