/**
 * The queue of one thread: takes messages, hands them out when they are due, keeps what became of them.
 *
 * Promises: a message whose `accept` has resolved is in the store until each of its recipients is delivered, returned or deleted; at most one owner
 * hands out an entry at a time (rows/lease.ts); memory is bounded by settings and by the number of lanes, never by the queue's length.
 * Not promised: exactly once. An entry whose final dot was sent, and whose outcome was not yet stored at a crash, goes out again.
 *
 *   accept --> store --> loader (due?) --> dispatcher (site, fairness, pace) --> deliver
 *                ^                                                                  |
 *                +------------------------ settler (one batch at a time) <----------+
 *
 * A message that has just been stored is handed out from memory, with its body while there is room; all else is read by windows (schedule/loader.ts).
 */
import { setImmediate } from 'node:timers/promises';
import { sleep, type Clock } from '../base/clock.ts';
import { entryIndex, newEntryId, type MessageId } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import type { MailEvent } from '../events/event.ts';
import type { StoredBody } from '../store/body.ts';
import type { Store } from '../store/store.ts';
import type { AttemptResult, Deliver, HopOf, Outcome, Route } from './attempt.ts';
import type {
  DestinationSummary,
  ListedEntry,
  ManageAction,
  Managed,
  Page,
  QueueFilter,
  ShownMessage,
  Sweep,
} from './filter.ts';
import { Desk } from './rows/desk.ts';
import type { Submission } from './message.ts';
import type { GateOf } from './gate.ts';
import type { MakeNotice, Notice } from './notice.ts';
import type { QueueOptions } from './options.ts';
import { accept, acceptArgs, queueAdded, queueChanged } from './rows/accept.ts';
import { entryFlags } from './rows/entry-row.ts';
import type { Kept } from './rows/once.ts';
import type { Rescheduled } from './rows/scheduled.ts';
import { laneOf } from './rows/lane.ts';
import type { PickedRow } from './rows/manage.ts';
import type { SettledEntry } from './rows/settle.ts';
import { bodyOfMessage } from './rows/window.ts';
import { Dispatcher, ofShard } from './schedule/dispatcher.ts';
import { BodyMemory, Entry, LiveMessage } from './schedule/entry.ts';
import type { NoticeWanted } from './schedule/judge.ts';
import { HandOver } from './schedule/hand-over.ts';
import { Loader } from './schedule/loader.ts';
import { Ownership } from './schedule/ownership.ts';
import { Settler } from './schedule/settler.ts';
import type { OwnedShard } from './schedule/shard.ts';
import type { Site } from './schedule/site.ts';
import { Sweeper } from './schedule/sweeper.ts';

export interface QueueParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly options: QueueOptions;
  /** Number of this thread, from 0: its own shard. */
  readonly shard: number;
  /** Stable over restarts: a thread that comes back takes its shard at once. */
  readonly owner: string;
  readonly deliver: Deliver;
  readonly route: Route;
  /** Absent: routes do not ask for senders. */
  readonly hopOf?: HopOf;
  /** Absent: no limits but the queue's own. */
  readonly gateOf?: GateOf;
  /** Turns of an organisation's lanes before the next lane's; absent: one. */
  readonly weightOf?: (org: string) => number;
  readonly notice: MakeNotice;
  /** The queue begins to stop: attempts that have not begun come back untried. */
  readonly onStop?: () => void;
}

export class Queue {
  readonly #parts: QueueParts;
  readonly #memory: BodyMemory;
  readonly #ownership: Ownership;
  readonly #dispatcher: Dispatcher;
  readonly #loader: Loader;
  readonly #settler: Settler;
  readonly #desk: Desk;
  readonly #handOver: HandOver;
  readonly #sweeper: Sweeper;
  readonly #outcomes: Counter<'outcome'>;
  readonly #hints: Disposable[] = [];
  #stopped = false;

  constructor(parts: QueueParts) {
    this.#parts = parts;
    const { store, clock, log, options } = parts;
    const base = { store, clock, log, options };
    this.#memory = new BodyMemory(options.bodyMemoryBytes);
    this.#desk = new Desk(store, clock);
    this.#outcomes = parts.metrics.counter(
      'hikyaku_queue_outcomes_total',
      'Outcomes of delivery, one for each recipient',
      ['outcome'],
    );
    this.#loader = new Loader({
      ...base,
      memory: this.#memory,
      onReady: (entries) => this.#dispatch(entries),
      onSiteWake: (site) => this.#dispatcher.pump(site),
      onRound: () => this.#dispatcher.tidy(),
    });
    this.#settler = new Settler({
      ...base,
      makeNotice: (wanted) => this.#makeNotice(wanted),
      onSettled: (entry, settled) => this.#settled(entry, settled),
      onNotice: (shard, notice) => this.#schedule(shard, notice.submission),
      onBatch: () => this.#dispatcher.pumpPassedOver(),
      onLost: (shard) => this.#ownership.lose(shard),
    });
    this.#dispatcher = new Dispatcher({
      ...base,
      deliver: parts.deliver,
      route: parts.route,
      ...(parts.hopOf && { hopOf: parts.hopOf }),
      ...(parts.gateOf && { gateOf: parts.gateOf }),
      ...(parts.weightOf && { weightOf: parts.weightOf }),
      readBody: (entry) => this.#readBody(entry),
      onResult: (entries, result) => this.#result(entries, result),
      onUntried: (entries) => this.#untried(entries),
      onPause: (site, untilMs) => this.#loader.wakeSiteAt(site, untilMs),
      onSiteBack: (leadsThere) => this.#loader.siteBack(leadsThere),
      onSiteDown: (leadsThere) => this.#loader.siteDown(leadsThere),
      mayDispatch: () => !this.#settler.full,
    });
    this.#ownership = new Ownership({
      ...base,
      owner: parts.owner,
      shard: parts.shard,
      onTaken: (shard) => {
        this.#loader.adopt(shard);
        this.#sweeper.look(shard);
      },
      onLost: (shard) => this.#forget(shard),
      onRenewed: (shard) => this.#loader.renewed(shard),
      onWanted: (shard) => this.#handOver.begin(shard),
    });
    const parties = { dispatcher: this.#dispatcher, loader: this.#loader, ownership: this.#ownership };
    this.#handOver = new HandOver({ clock, ...parties });
    this.#sweeper = new Sweeper({
      ...base,
      owned: (shard) => this.#ownership.get(shard),
      onTouched: (shard, action, keys) => this.#swept(shard, action, keys),
    });
  }

  /** Takes ownership of the shard and begins to deliver. Does not wait for what is stored. */
  async start(): Promise<void> {
    const { store } = this.#parts;
    this.#hints.push(store.onHint(queueAdded, (key) => this.#added(Number(key))));
    this.#hints.push(store.onHint(queueChanged, (key) => this.#changed(Number(key))));
    await this.#ownership.start();
  }

  /** Resolves when the message is durable; its delivery begins then. Gives what was kept for its key before: then it is not queued. */
  async accept(submission: Submission, events: readonly MailEvent[]): Promise<Kept | undefined> {
    const owned = this.#stopped ? undefined : this.#ownership.get(this.#parts.shard);
    const args = acceptArgs(this.#parts.shard, submission, events);
    const before = await this.#parts.store.write(accept, owned ? args : { ...args, tell: true });
    if (owned && before === undefined) this.#schedule(owned, submission);
    return before;
  }

  /** Ends work in hand, at most `stopWithinMs`, and gives the shard up. What is not over by then is tried again by the next owner. */
  async stop(): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    for (const hint of this.#hints) hint[Symbol.dispose]();
    this.#loader.stop();
    const swept = this.#sweeper.stop();
    this.#parts.onStop?.();
    const over = this.#dispatcher.stop().then(() => this.#settler.drained());
    const timeUp = new AbortController();
    await Promise.race([
      over,
      sleep(this.#parts.clock, this.#parts.options.stopWithinMs, timeUp.signal).catch(() => {}),
    ]);
    timeUp.abort();
    await swept;
    await setImmediate();
    await this.#ownership.stop();
  }

  /** Holds, releases, retries now or deletes what the filter picks, on all shards. What takes long goes on in the background. */
  manage(action: ManageAction, filter: QueueFilter, by: string, why = ''): Promise<Managed> {
    return this.#desk.manage({ action, filter, by, why });
  }

  /** What is being done to very many entries, and what was lately. */
  sweeps(org?: string): Promise<readonly Sweep[]> {
    return this.#desk.sweeps(org);
  }

  /** Refusal `notFound`. */
  endSweep(id: string, org: string | undefined): Promise<void> {
    return this.#desk.endSweep(id, org);
  }

  list(
    filter: QueueFilter,
    page?: { readonly after?: string; readonly max?: number },
  ): Promise<Page<ListedEntry>> {
    return this.#desk.list(filter, page);
  }

  /** Takes back a message that waits for its time (without `notBeforeMs`), or moves it to another time. */
  reschedule(
    id: MessageId,
    to: { readonly org: string; readonly by: string; readonly notBeforeMs?: number },
  ): Promise<Rescheduled> {
    return this.#desk.reschedule(id, to);
  }

  /** By destination. `org`: of one organisation. */
  summary(org?: string): Promise<readonly DestinationSummary[]> {
    return this.#desk.summary(org);
  }

  show(id: MessageId): Promise<ShownMessage | undefined> {
    return this.#desk.show(id);
  }

  /** Where mail goes has changed: it is asked again. */
  forgetRoutes(): void {
    this.#dispatcher.forgetRoutes();
  }

  /** Limits have changed. */
  remakeGates(): void {
    this.#dispatcher.remakeGates();
  }

  /** What this thread has in memory, for health pages and tests. */
  get inMemory(): { readonly entries: number; readonly attempts: number; readonly bodyBytes: number } {
    return {
      entries: this.#loader.entries,
      attempts: this.#dispatcher.inHand,
      bodyBytes: this.#memory.usedBytes,
    };
  }

  /** A message of an owned shard has just been stored: to memory where there is room. */
  #schedule(shard: OwnedShard, { message, recipients: all, body, quarantine = [] }: Submission): void {
    if (!shard.works || this.#stopped) return;
    const kept = new Set(quarantine.flatMap((note) => note.recipients));
    const recipients = kept.size === 0 ? all : all.filter(({ id }) => !kept.has(id));
    const laneName = laneOf(message);
    const live = new LiveMessage(message, all.length === 1, this.#memory);
    const early = message.notBeforeMs > this.#parts.clock.nowMs();
    const ready: Entry[] = [];
    for (const recipient of recipients) {
      const lane = this.#loader.lane(shard, recipient.destination, laneName);
      if (early) this.#loader.dueAt(lane, message.notBeforeMs);
      else if (lane.more || !this.#loader.hasRoom(lane)) {
        lane.wantMore();
        this.#loader.refill(lane);
      } else {
        const facts = { idx: entryIndex(recipient.id), due: message.notBeforeMs, tries: 0, flags: 0 };
        const entry = new Entry({ ...recipient, ...facts }, lane, live);
        this.#loader.entered(entry);
        ready.push(entry);
      }
    }
    if (ready.length === 0) return;
    live.keep(body);
    this.#dispatch(ready);
  }

  #dispatch(entries: readonly Entry[]): void {
    if (entries.length === 1) {
      const site = this.#dispatcher.add(entries[0]!);
      if (site) this.#dispatcher.pump(site);
      return;
    }
    const sites = new Set<Site>();
    for (const entry of entries) {
      const site = this.#dispatcher.add(entry);
      if (site) sites.add(site);
    }
    for (const site of sites) this.#dispatcher.pump(site);
  }

  #result(entries: readonly Entry[], result: AttemptResult): void {
    for (const outcome of result.outcomes) this.#outcomes.add(1, labels[outcome.is]);
    this.#settler.add(entries, result);
  }

  #settled(entry: Entry, settled: SettledEntry): void {
    this.#loader.left(entry);
    const { lane } = entry;
    if (settled.next) {
      this.#loader.dueAt(lane, settled.next.due);
      // It waits only for its site, which may have come back while the outcome was on its way to the store.
      if ((settled.next.flags & entryFlags.siteDown) !== 0 && lane.earlyUntilMs > 0) lane.wantMore();
    }
    for (const { destination } of settled.redirect ?? []) {
      const other = this.#loader.lane(lane.shard, destination, lane.lane);
      other.wantMore();
      this.#loader.refill(other);
    }
    if (lane.more) this.#loader.refill(lane);
    if (lane.shard.leaving) this.#handOver.settled(lane.shard);
  }

  /** They are read again when the lease holds. */
  #untried(entries: readonly Entry[]): void {
    this.#loader.cameBack(entries);
    const { shard } = entries[0]!.lane;
    if (shard.leaving) this.#handOver.settled(shard);
  }

  async #readBody(entry: Entry): Promise<StoredBody> {
    const { id, sizeBytes } = entry.live.message;
    const body = await this.#parts.store.read(() => bodyOfMessage(entry.lane.shard.shard, id, sizeBytes));
    if (!body) throw new Error(`the body of ${id} is gone`);
    return body;
  }

  async #makeNotice(wanted: NoticeWanted): Promise<Notice | undefined> {
    const { entry, ...request } = wanted;
    return this.#parts.notice({ ...request, body: entry.live.body ?? (await this.#readBody(entry)) });
  }

  /** Somebody else has put something into a shard that is ours, or made it due. */
  #added(shard: number): void {
    const owned = this.#ownership.get(shard);
    if (!owned) return;
    this.#dispatcher.lookAgain();
    this.#loader.roundSoon(owned);
  }

  /** An administrator has held or deleted: what is in memory and not yet in hand is read again. */
  #changed(shard: number): void {
    const owned = this.#ownership.get(shard);
    if (!owned) return;
    for (const entry of this.#dispatcher.takeBack(ofShard(owned))) {
      this.#loader.left(entry);
      entry.lane.wantMore();
    }
    this.#loader.roundSoon(owned);
  }

  /** A piece of a sweep is done: of these entries those in memory go, and what is due now is read. */
  #swept(shard: OwnedShard, action: ManageAction, keys: readonly PickedRow[]): void {
    if (action === 'hold' || action === 'delete') {
      const ids = new Set(keys.map(({ message, idx }) => newEntryId(message as MessageId, idx)));
      for (const entry of this.#dispatcher.takeBack(({ id }) => ids.has(id))) {
        this.#loader.left(entry);
        // Should it have moved meanwhile, it is read again.
        entry.lane.wantMore();
      }
      return;
    }
    const lanes = new Set(keys.map(({ destination, lane }) => this.#loader.lane(shard, destination, lane)));
    for (const lane of lanes) {
      lane.wantMore();
      this.#loader.refill(lane);
    }
  }

  #forget(shard: OwnedShard): void {
    for (const entry of this.#dispatcher.takeBack(ofShard(shard))) this.#loader.left(entry);
    this.#loader.forget(shard);
  }
}

const labels = {
  delivered: { outcome: 'delivered' },
  deferred: { outcome: 'deferred' },
  failed: { outcome: 'failed' },
  unknown: { outcome: 'unknown' },
  redirected: { outcome: 'redirected' },
} as const satisfies Record<Outcome['is'], { readonly outcome: string }>;
