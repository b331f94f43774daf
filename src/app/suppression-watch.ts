/**
 * Brings the suppression list up to date from the event ledger: what programs sent and what became of it (suppression/deeds.ts).
 *
 * One thread of each node runs it; how far the ledger was read stands in the store and moves with what was read, so that nothing counts twice.
 */
import { sleep, type Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import type { EventData, MailEvent } from '../events/event.ts';
import { end, endsAndCredentials, eventOf, type LedgerRow } from '../events/ledger.ts';
import { acceptancesOf } from '../events/makers.ts';
import { ProgramMessages } from './program-messages.ts';
import { simulatorDomain } from '../queue/attempt.ts';
import { deedOf, type Deed } from '../suppression/deeds.ts';
import { noteDeeds, tidySuppressions, watchedTo } from '../suppression/noting.ts';
import type { SuppressionPolicy } from '../suppression/policy.ts';
import type { Store } from '../store/store.ts';

const lookEveryMs = 1000;
const afterFailureMs = 10_000;
const eventsAtOnce = 1000;
const tidyEveryMs = 600_000;
const tidyMax = 5000;
/** Errors that nothing has followed for so long are forgotten. */
const strikesKeptMs = 180 * 86_400_000;

export interface SuppressionWatchParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly policy: SuppressionPolicy;
}

export class SuppressionWatch implements AsyncDisposable {
  readonly #parts: SuppressionWatchParts;
  readonly #stop = new AbortController();
  readonly #programs: ProgramMessages;
  readonly #made: Counter;
  readonly #done: Promise<void>;
  #tidiedAtMs = 0;

  constructor(parts: SuppressionWatchParts) {
    this.#parts = parts;
    this.#made = parts.metrics.counter(
      'hikyaku_suppressed_total',
      'Addresses that came onto a suppression list because of errors or complaints.',
    );
    this.#programs = new ProgramMessages(parts.clock.nowMs(), async ({ message, org }) => {
      const events = await parts.store.read(() => acceptancesOf(message));
      return events.some((event) => event.is === 'accepted' && event.org === org && isProgram(event.data));
    });
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const { clock, log, store } = this.#parts;
    const { signal } = this.#stop;
    let at: number | undefined;
    while (!signal.aborted) {
      let waitMs = lookEveryMs;
      try {
        // The first time: from now on.
        at ??= (await store.read(() => watchedTo())) ?? (await store.read(() => end()));
        const next = await this.#look(at);
        if (next - at >= eventsAtOnce) waitMs = 0;
        at = next;
        await this.#tidy();
      } catch (error) {
        if (signal.aborted) return;
        log.warn({ error }, 'the suppression list was not brought up to date');
        waitMs = afterFailureMs;
      }
      if (waitMs > 0) await sleep(clock, waitMs, signal).catch(() => {});
    }
  }

  /** Gives how far the ledger was read. */
  async #look(from: number): Promise<number> {
    const { store, policy } = this.#parts;
    const upTo = Math.min(from + eventsAtOnce, await store.read(() => end()));
    if (upTo <= from) return from;
    const deeds: Deed[] = [];
    for (const row of await store.read(() => endsAndCredentials(from, upTo))) {
      if (row.kind === 'accepted') this.#accepted(eventOf(row));
      else if (await this.#counts(row)) {
        const deed = deedOf(eventOf(row), row.seq);
        if (deed !== undefined) deeds.push(deed);
      }
    }
    const made = await store.write(noteDeeds, { deeds, upTo, policy });
    if (made > 0) this.#made.add(made);
    return upTo;
  }

  #accepted(event: MailEvent): void {
    if (event.is === 'accepted' && isProgram(event.data)) this.#programs.add(event);
  }

  /** What people write is nobody's to suppress; the simulator plays the same again. */
  #counts(row: LedgerRow): boolean | Promise<boolean> {
    return row.message !== '' && !row.recipient.endsWith(`@${simulatorDomain}`) && this.#programs.has(row);
  }

  async #tidy(): Promise<void> {
    const { clock, store } = this.#parts;
    const nowMs = clock.nowMs();
    if (nowMs - this.#tidiedAtMs < tidyEveryMs) return;
    this.#tidiedAtMs = nowMs;
    await store.write(tidySuppressions, { nowMs, strikesBefore: nowMs - strikesKeptMs, max: tidyMax });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}

/** Mail of test keys goes to the simulator, whose answers are nobody's. */
const isProgram = ({ credential, login, labels }: EventData['accepted']): boolean =>
  credential !== undefined && login === undefined && labels?.test !== true;
