/**
 * Turns outcomes into rows: gathers what became of entries, and writes it in one settle for each shard at a time.
 *
 * A settle begins at the end of the turn in which the first outcome came, and while one is on its way the next gathers: so batches
 * grow with the load and there is no timer. Outcomes are kept until the store has them; a store that is busy or full is asked again.
 */
import type { Clock } from '../../base/clock.ts';
import { randomFraction } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { Refusal } from '../../base/refusal.ts';
import type { MailEvent } from '../../events/event.ts';
import type { Store } from '../../store/store.ts';
import type { AttemptResult } from '../attempt.ts';
import type { Notice } from '../notice.ts';
import type { QueueOptions } from '../options.ts';
import { acceptArgs } from '../rows/accept.ts';
import { settle, type SettledEntry } from '../rows/settle.ts';
import type { Entry } from './entry.ts';
import { judge, type Judged, type NoticeWanted } from './judge.ts';
import type { OwnedShard } from './shard.ts';

/** Attempts of one settle: a longer one would keep the store's writer from accepting. */
const settleMax = 500;
/** Outcomes waiting for the store, above which nothing new is handed out. */
const unsettledMax = 5000;
/** Wait before a settle that failed is tried again. */
const settleAgainMs = 1000;
/** A failure whose notice cannot be made now is deferred by this. */
const noticeAgainMs = 300_000;

/** What one attempt came to. */
interface Unit {
  readonly entries: readonly Entry[];
  readonly judged: Judged;
  readonly notices: readonly Notice[];
}

export interface SettlerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly options: QueueOptions;
  readonly makeNotice: (wanted: NoticeWanted) => Promise<Notice | undefined>;
  /** The outcome is in the store. */
  readonly onSettled: (entry: Entry, settled: SettledEntry) => void;
  /** A notice is in the queue. */
  readonly onNotice: (shard: OwnedShard, notice: Notice) => void;
  readonly onBatch: () => void;
  readonly onLost: (shard: OwnedShard) => void;
}

export class Settler {
  readonly #parts: SettlerParts;
  readonly #gathering = new Map<OwnedShard, Unit[]>();
  readonly #writing = new Set<OwnedShard>();
  #count = 0;
  #planned = false;
  #idle: (() => void) | undefined;

  constructor(parts: SettlerParts) {
    this.#parts = parts;
  }

  get full(): boolean {
    return this.#count >= unsettledMax;
  }

  add(entries: readonly Entry[], result: AttemptResult): void {
    const { clock, options } = this.#parts;
    const judged = judge({ entries, result, options, nowMs: clock.nowMs(), random: randomFraction });
    this.#count += entries.length;
    const sends = result.outcomes.flatMap((outcome) => outcome.sends ?? []);
    if (judged.notices.length === 0) this.#gather(entries, judged, sends);
    else void this.#withNotices(entries, judged, sends);
  }

  /** Resolves when every outcome given so far is in the store, or its shard is lost. */
  async drained(): Promise<void> {
    if (this.#count > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  async #withNotices(entries: readonly Entry[], judged: Judged, sends: readonly Notice[]): Promise<void> {
    try {
      const made = await Promise.all(judged.notices.map((wanted) => this.#make(wanted)));
      this.#gather(entries, judged, [...made.filter((notice) => notice !== undefined), ...sends]);
    } catch (error) {
      this.#parts.log.error({ error, message: entries[0]!.live.message.id }, 'notice could not be made');
      this.#gather(entries, this.#putOff(entries), []);
    }
  }

  async #make(wanted: NoticeWanted): Promise<Notice | undefined> {
    const notice = await this.#parts.makeNotice(wanted);
    if (!notice) return undefined;
    const { message } = wanted;
    const to = notice.submission.recipients[0]?.address ?? '';
    const told: MailEvent = {
      is: 'notified',
      atMs: wanted.atMs,
      message: message.id,
      org: message.org,
      recipient: wanted.recipients.length === 1 ? wanted.recipients[0]!.recipient.address : '',
      data: { about: wanted.about, notice: notice.submission.message.id, to },
    };
    return { submission: notice.submission, events: [...notice.events, told] };
  }

  /** Nobody may lose mail without being told: what should have been returned waits a while. */
  #putOff(entries: readonly Entry[]): Judged {
    const { clock } = this.#parts;
    const atMs = clock.nowMs();
    const reply = '451 4.3.0 The notice to the sender could not be made';
    const next = (e: Entry) => ({
      due: atMs + noticeAgainMs,
      tries: e.try - 1,
      flags: e.flags,
      last: JSON.stringify({ phase: 'dot', host: '', reply, atMs }),
    });
    return {
      settled: entries.map((e) => ({ ...e.key, only: e.live.only, next: next(e) })),
      events: [],
      notices: [],
    };
  }

  #gather(entries: readonly Entry[], judged: Judged, notices: readonly Notice[]): void {
    const { shard } = entries[0]!.lane;
    if (shard.lost) return this.#drop(entries.length);
    const units = this.#gathering.get(shard);
    if (units) units.push({ entries, judged, notices });
    else this.#gathering.set(shard, [{ entries, judged, notices }]);
    this.#plan();
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    setImmediate(() => {
      this.#planned = false;
      for (const shard of this.#gathering.keys()) this.#flush(shard);
    });
  }

  #flush(shard: OwnedShard): void {
    const gathered = this.#gathering.get(shard);
    if (!gathered || this.#writing.has(shard)) return;
    const units = gathered.length > settleMax ? gathered.splice(0, settleMax) : gathered;
    if (units === gathered) this.#gathering.delete(shard);
    this.#writing.add(shard);
    void this.#write(shard, units);
  }

  async #write(shard: OwnedShard, units: readonly Unit[]): Promise<void> {
    const notices = units.flatMap((unit) => unit.notices);
    const args = {
      shard: shard.shard,
      epoch: shard.epoch,
      entries: units.flatMap((unit) => unit.judged.settled),
      notices: notices.map((n) => acceptArgs(shard.shard, n.submission, n.events)),
      events: units.flatMap((unit) => unit.judged.events),
    };
    try {
      await this.#parts.store.write(settle, args);
    } catch (error) {
      return this.#failed(shard, units, error);
    }
    this.#writing.delete(shard);
    this.#written(units);
    for (const notice of notices) this.#parts.onNotice(shard, notice);
    this.#flush(shard);
    this.#parts.onBatch();
  }

  #written(units: readonly Unit[]): void {
    for (const { entries, judged } of units) {
      for (let i = 0; i < entries.length; i++) this.#parts.onSettled(entries[i]!, judged.settled[i]!);
      this.#drop(entries.length);
    }
  }

  #failed(shard: OwnedShard, units: readonly Unit[], error: unknown): void {
    if (shard.lost || (error instanceof Refusal && error.reason === 'conflict')) {
      this.#writing.delete(shard);
      const later = this.#gathering.get(shard) ?? [];
      this.#gathering.delete(shard);
      for (const unit of [...units, ...later]) this.#drop(unit.entries.length);
      this.#parts.onLost(shard);
      return;
    }
    this.#parts.log.error({ error, attempts: units.length }, 'outcomes could not be stored; trying again');
    this.#parts.clock.after(settleAgainMs, () => void this.#write(shard, units));
  }

  #drop(count: number): void {
    this.#count -= count;
    if (this.#count === 0 && this.#idle) this.#idle();
  }
}
