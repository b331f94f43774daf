/**
 * Ships the ledger as JSON lines, one for each event, into a file that is turned over by size (`mail.jsonl`, `mail.jsonl.1` …), or to standard output, or as `send` has it. Where it has come to is kept
 * in the store once the lines are on disk, so that a crash ships some lines twice (they have their number, `seq`) and none never. Starts with what happens after it was switched on.
 */
import { mkdirSync } from 'node:fs';
import { open, rename, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { sleep, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { operation } from '../store/operation.ts';
import { maybe, rows, type Transaction } from '../store/transaction.ts';
import type { Store } from '../store/store.ts';
import { after, end, type LedgerEvent } from './ledger.ts';

const atOnce = 500;
const idleMs = 500;
const afterFailureMs = 5000;

export const noteShipped = operation(
  'events.noteShipped',
  function* ({ target, seq }: { target: string; seq: number }): Transaction<void> {
    yield* rows(
      'insert into events.shipped (target, seq) values (?, ?) on conflict (target) do update set seq = excluded.seq',
      target,
      seq,
    );
  },
  { essential: true },
);

function* shippedTo(target: string): Transaction<number | undefined> {
  return (yield* maybe<{ seq: number }>('select seq from events.shipped where target = ?', target))?.seq;
}

export interface ShipperOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  /** Path of the file; `-` is standard output; with `send`, a name for where it goes. */
  readonly target: string;
  /** Turned over above this. */
  readonly fileMaxBytes: number;
  /** Older files that are kept. */
  readonly filesKept: number;
  readonly write?: (text: string) => void;
  /** Takes them elsewhere than to a file; resolves once they are there. */
  readonly send?: (events: readonly LedgerEvent[]) => Promise<void>;
}

const lineOf = (event: LedgerEvent): string =>
  `${JSON.stringify({ time: new Date(event.atMs).toISOString(), ...event })}\n`;

export class LineShipper implements AsyncDisposable {
  readonly #options: ShipperOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;
  #file: FileHandle | undefined;

  constructor(options: ShipperOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const { store, clock, log, target } = this.#options;
    const { signal } = this.#stop;
    let seen: number | undefined;
    while (!signal.aborted) {
      let waitMs = idleMs;
      try {
        seen ??= (await store.read(() => shippedTo(target))) ?? (await this.#begin());
        const next = await this.#ship(seen);
        if (next - seen >= atOnce) waitMs = 0;
        seen = next;
      } catch (error) {
        log.warn({ error, target }, 'the mail log is not shipped now; it waits in the ledger');
        await this.#close();
        waitMs = afterFailureMs;
      }
      if (waitMs > 0) await sleep(clock, waitMs, signal).catch(() => {});
    }
    await this.#close();
  }

  async #begin(): Promise<number> {
    const { store, target } = this.#options;
    const seq = await store.read(() => end());
    await store.write(noteShipped, { target, seq });
    return seq;
  }

  async #ship(seen: number): Promise<number> {
    const { store, target } = this.#options;
    const events = await store.read(() => after(seen, atOnce));
    const last = events.at(-1);
    if (!last) return seen;
    await (this.#options.send?.(events) ?? this.#write(events.map(lineOf).join('')));
    await store.write(noteShipped, { target, seq: last.seq });
    return last.seq;
  }

  async #write(text: string): Promise<void> {
    const { target, fileMaxBytes, write } = this.#options;
    if (target === '-') return write?.(text);
    this.#file ??= await this.#open();
    await this.#file.appendFile(text);
    await this.#file.datasync();
    if ((await this.#file.stat()).size >= fileMaxBytes) await this.#turnOver();
  }

  #open(): Promise<FileHandle> {
    const { target } = this.#options;
    mkdirSync(dirname(target), { recursive: true });
    return open(target, 'a', 0o640);
  }

  async #turnOver(): Promise<void> {
    const { target, filesKept } = this.#options;
    await this.#close();
    for (let n = filesKept - 1; n >= 0; n--) {
      const from = n === 0 ? target : `${target}.${n}`;
      await rename(from, `${target}.${n + 1}`).catch((error: unknown) => {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      });
    }
  }

  async #close(): Promise<void> {
    await this.#file?.close().catch(() => {});
    this.#file = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}
