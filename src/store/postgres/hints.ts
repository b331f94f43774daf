/**
 * Hints between processes that share a PostgreSQL. `LISTEN`/`NOTIFY` takes one lock for the whole cluster at each commit, so a transaction
 * writes its hints into `store_hint` instead (unlogged: no write-ahead log, and a server crash may forget them), and whoever listens reads what is new
 * a few times a second.
 *
 * Within a process hints go at once: to this thread's listeners directly, to other threads by a BroadcastChannel.
 *
 * Numbers are given before a commit and become visible after it, so a lower number may show later than a higher one. A poll therefore reads back over
 * the rows of the last seconds and leaves out those it has already told.
 */
import { BroadcastChannel, getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import type { Pool } from 'pg';
import type { Clock, Timer } from '../../base/clock.ts';
import { newSecret } from '../../base/ids.ts';
import type { HintListeners, HintSet } from '../core/hints.ts';

export const hintTable: readonly string[] = [
  'create unlogged table if not exists store_hint (seq bigint generated always as identity primary key,' +
    ' at timestamptz not null default clock_timestamp(), origin text not null, topic text not null, key text not null)',
  'create index if not exists store_hint_at on store_hint (at)',
];

/** How late a hint from another process may be, usually half of it. */
const pollMs = 250;
/** Rows are read again for this long after they were written: longer than a transaction lasts between its hint and its commit. */
const overlapSeconds = 5;
/** Rows older than this are removed, by whoever polls, now and then. */
const keptSeconds = 60;
const cleanEveryPolls = 200;

/** Hints of one poll. A process that is further behind than this reads the store anyway. */
const pollMax = 10_000;

const instanceKey = 'hikyaku.store.instance';
const channelName = 'hikyaku.store.hints';

/** The same for all threads of a process that were started after the first store was opened. */
function processName(): string {
  const known = getEnvironmentData(instanceKey);
  if (typeof known === 'string') return known;
  const name = newSecret(12);
  setEnvironmentData(instanceKey, name);
  return name;
}

interface Told {
  readonly from: string;
  readonly hints: readonly (readonly [topic: string, keys: readonly string[]])[];
}

export interface HintLineOptions {
  readonly pool: Pool;
  readonly clock: Clock;
  readonly listeners: HintListeners;
}

export class HintLine implements Disposable {
  readonly #options: HintLineOptions;
  readonly #origin = processName();
  readonly #channel: BroadcastChannel;
  /** Rows already told, with the poll that saw them last. */
  #seen = new Map<number, number>();
  #polls = 0;
  #listening = 0;
  #timer: Timer | undefined;
  #closed = false;

  /** `database` keeps apart several databases in one process. */
  constructor(options: HintLineOptions, database: string) {
    this.#options = options;
    this.#channel = new BroadcastChannel(`${channelName}.${database}`);
    this.#channel.onmessage = (event) => {
      const { hints } = (event as { data: Told }).data;
      for (const [topic, keys] of hints) options.listeners.tell(topic, keys);
    };
    this.#channel.unref();
  }

  /** To be run in the transaction that gives the hints. */
  readonly statement = (hints: HintSet): { text: string; values: unknown[] } | undefined => {
    if (hints.size === 0) return undefined;
    const topics: string[] = [];
    const keys: string[] = [];
    for (const [topic, some] of hints) {
      for (const key of some) {
        topics.push(topic);
        keys.push(key);
      }
    }
    const text =
      'insert into store_hint (origin, topic, key) select $1, * from unnest($2::text[], $3::text[])';
    return { text, values: [this.#origin, topics, keys] };
  };

  /** After the commit: tells this process. */
  tell(hints: HintSet): void {
    if (hints.size === 0 || this.#closed) return;
    this.#channel.postMessage({
      from: this.#origin,
      hints: [...hints].map(([topic, keys]) => [topic, [...keys]] as const),
    } satisfies Told);
    this.#options.listeners.tellAll(hints);
  }

  /** Polls only while somebody listens. */
  listening(change: 1 | -1): void {
    this.#listening += change;
    if (this.#listening > 0 && !this.#timer) this.#schedule();
  }

  #schedule(): void {
    this.#timer = this.#options.clock.after(pollMs, () => {
      this.#poll().then(
        () => this.#next(),
        () => this.#next(),
      );
    });
  }

  #next(): void {
    this.#timer = undefined;
    if (!this.#closed && this.#listening > 0) this.#schedule();
  }

  async #poll(): Promise<void> {
    this.#polls += 1;
    const { rows } = await this.#options.pool.query({
      name: 'store_hint_poll',
      text:
        'select seq, topic, key from store_hint where at > clock_timestamp() - make_interval(secs => $1)' +
        ' and origin <> $2 order by seq limit $3',
      values: [overlapSeconds, this.#origin, pollMax],
    });
    const seen = new Map<number, number>();
    for (const { seq, topic, key } of rows as { seq: number; topic: string; key: string }[]) {
      seen.set(seq, this.#polls);
      if (!this.#seen.has(seq)) this.#options.listeners.tell(topic, [key]);
    }
    this.#seen = seen;
    if (this.#polls % cleanEveryPolls === 0) {
      await this.#options.pool.query(
        'delete from store_hint where at < clock_timestamp() - make_interval(secs => $1)',
        [keptSeconds],
      );
    }
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#timer?.[Symbol.dispose]();
    this.#channel.close();
  }
}
