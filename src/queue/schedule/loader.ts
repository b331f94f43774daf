/**
 * Brings entries from the store into memory when they are due, a window for each lane at a time.
 *
 * What is due later is known to memory only as the lane's place on the wheel. At start, and every so often after that, a round over the lanes of a
 * shard (one step down the tree for each) finds what memory does not know of; so a lost hint, a crash or a bug here delays mail
 * by one round and never loses it. The queue's length shows in neither.
 */
import type { Clock, Timer } from '../../base/clock.ts';
import type { Log } from '../../base/log.ts';
import type { Store } from '../../store/store.ts';
import type { QueueOptions } from '../options.ts';
import { heldDue, recipientOf } from '../rows/entry-row.ts';
import { messageOf } from '../rows/message-row.ts';
import {
  dropOrphans,
  lanesAfter,
  laneStart,
  nextDue,
  window,
  type LaneKey,
  type WindowRow,
} from '../rows/window.ts';
import { Entry, LiveMessage, type BodyMemory } from './entry.ts';
import { Lane } from './lane.ts';
import { Room } from './room.ts';
import type { OwnedShard } from './shard.ts';
import { TimerWheel, type WheelItem } from './timer-wheel.ts';
import { Site } from './site.ts';

/** Resolution of the wheel. */
const tickMs = 100;
/** Time between two rounds over the lanes. */
const roundEveryMs = 300_000;
/** Rest between two rounds that are asked for. */
const roundRestMs = 1000;
/** Lanes found in one read of a round: a few milliseconds of this thread. */
const roundStep = 100;
/** Lanes known to memory; beyond it only those due before the next round but one. */
const lanesMax = 50_000;
/** When memory is full, some lanes read a little after this; a lane that could not be read is read again. */
const againMs = 1000;

export interface LoaderParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly options: QueueOptions;
  readonly memory: BodyMemory;
  /** Entries of one lane that are ready now, in order. */
  readonly onReady: (entries: readonly Entry[]) => void;
  readonly onSiteWake: (site: Site) => void;
  /** Every few minutes: a time to forget what is no longer used. */
  readonly onRound: () => void;
}

export class Loader {
  readonly #parts: LoaderParts;
  readonly #lanes = new Map<OwnedShard, Map<string, Lane>>();
  readonly #wheel: TimerWheel<WheelItem>;
  readonly #rounds = new Set<OwnedShard>();
  readonly #roundAgain = new Set<OwnedShard>();
  /** Shards that had a round lately, and whether another was asked for since. */
  readonly #resting = new Map<OwnedShard, boolean>();
  #timer: Timer | undefined;
  #timerAtMs = Infinity;
  #roundTimer: Timer | undefined;
  /** Lanes that wait for the lease of their shard. */
  readonly #lapsed = new Set<Lane>();
  readonly #room: Room;
  #feeding = false;
  #relief: Timer | undefined;
  #stopped = false;

  constructor(parts: LoaderParts) {
    this.#parts = parts;
    this.#room = new Room(parts.options);
    this.#wheel = new TimerWheel(parts.clock.nowMs(), tickMs);
    this.#roundLater();
  }

  /** Entries in memory. */
  get entries(): number {
    return this.#room.entries;
  }

  /** A shard is ours now: finds what is in it. */
  adopt(shard: OwnedShard): void {
    this.#lanes.set(shard, new Map());
    this.round(shard);
  }

  /** Entries fit in, for this lane and for the thread. */
  hasRoom(lane: Lane): boolean {
    return lane.here.size < this.#parts.options.windowMax && this.#room.windowFor(lane) > 0;
  }

  lane(shard: OwnedShard, destination: string, name: string): Lane {
    let lanes = this.#lanes.get(shard);
    if (!lanes) this.#lanes.set(shard, (lanes = new Map()));
    const key = `${destination} ${name}`;
    let lane = lanes.get(key);
    if (!lane) lanes.set(key, (lane = new Lane(shard, destination, name)));
    return lane;
  }

  entered(entry: Entry): void {
    entry.lane.here.add(entry.id);
    entry.live.enter();
    this.#room.entries += 1;
    entry.lane.shard.entries += 1;
  }

  /** The entry is no longer in memory. */
  left(entry: Entry): void {
    const { lane } = entry;
    if (!lane.here.delete(entry.id)) return;
    lane.leftMeanwhile?.add(entry.id);
    entry.live.leave();
    this.#room.entries -= 1;
    lane.shard.entries -= 1;
    if (this.#room.isOpen) this.#feedSoon();
  }

  /** Something of this lane is due at `dueMs`. */
  dueAt(lane: Lane, dueMs: number): void {
    if (this.#stopped || lane.shard.lost) return;
    if (lane.onWheel && lane.wheelDueMs <= dueMs) return;
    lane.wheelDueMs = dueMs;
    this.#wheel.set(lane, dueMs);
    this.#arm();
  }

  wakeSiteAt(site: Site, atMs: number): void {
    if (site.onWheel || this.#stopped) return;
    this.#wheel.set(site, atMs);
    this.#arm();
  }

  /** The site of these destinations answers again: entries that only waited for that are due. */
  siteBack(leadsThere: (destination: string) => boolean): void {
    const untilMs = this.#parts.clock.nowMs() + this.#parts.options.retryMaxMs * 2;
    for (const lanes of this.#lanes.values()) {
      for (const lane of lanes.values()) {
        if (!leadsThere(lane.destination)) continue;
        lane.earlyUntilMs = untilMs;
        lane.wantMore();
        this.refill(lane);
      }
    }
  }

  siteDown(leadsThere: (destination: string) => boolean): void {
    for (const lanes of this.#lanes.values()) {
      for (const lane of lanes.values()) if (leadsThere(lane.destination)) lane.earlyUntilMs = 0;
    }
  }

  /** Reads on when the store has more and half of the window is free. Without room it waits for some, behind those that wait. */
  refill(lane: Lane): void {
    if (!this.#mayLoad(lane) || lane.here.size * 2 > this.#parts.options.windowMax) return;
    const max = this.#room.isBehind(lane) ? 0 : this.#room.windowFor(lane);
    if (max > 0) return void this.#load(lane, max);
    this.#room.wait(lane);
    if (this.#room.isOpen) this.#feedSoon();
    this.#relieveLater();
  }

  /** The lease had passed and is renewed. */
  renewed(shard: OwnedShard): void {
    for (const lane of this.#lapsed) {
      if (lane.shard !== shard) continue;
      this.#lapsed.delete(lane);
      this.refill(lane);
    }
  }

  /** Nothing of it may leave until its lease is renewed. */
  #refillWhenValid(lane: Lane): void {
    if (lane.shard.valid()) this.refill(lane);
    else this.#lapsed.add(lane);
  }

  /** These came back because the lease had passed. */
  cameBack(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.left(entry);
      entry.lane.wantMore();
      this.#refillWhenValid(entry.lane);
    }
  }

  #mayLoad(lane: Lane): boolean {
    return lane.more && !lane.loading && lane.shard.works && !this.#stopped;
  }

  /** Lanes that waited for room have their turns, at the end of this one. */
  #feedSoon(): void {
    if (this.#feeding) return;
    this.#feeding = true;
    setImmediate(() => {
      this.#feeding = false;
      for (let lane = this.#room.next(); lane; lane = this.#room.next())
        if (this.#mayLoad(lane)) void this.#load(lane, this.#room.windowFor(lane));
    });
  }

  #relieveLater(): void {
    if (this.#stopped) return;
    this.#relief ??= this.#parts.clock.after(againMs, () => {
      this.#relief = undefined;
      const { lanes, entries } = this.#room.relieved();
      for (const lane of lanes) if (this.#mayLoad(lane)) void this.#load(lane, entries);
      if (this.#room.isOpen) this.#feedSoon();
      if (this.#room.hasWaiting) this.#relieveLater();
    });
  }

  /** Looks for everything memory does not know of in the shard. Asked for during a round, another follows. */
  round(shard: OwnedShard): void {
    if (this.#rounds.has(shard)) this.#roundAgain.add(shard);
    else void this.#round(shard);
  }

  /** A round now, and after that at most one a second, however often it is asked for. */
  roundSoon(shard: OwnedShard): void {
    if (this.#resting.has(shard)) {
      this.#resting.set(shard, true);
      return;
    }
    this.#resting.set(shard, false);
    this.round(shard);
    this.#parts.clock.after(roundRestMs, () => {
      const asked = this.#resting.get(shard);
      this.#resting.delete(shard);
      if (asked && !shard.lost && !this.#stopped) this.roundSoon(shard);
    });
  }

  forget(shard: OwnedShard): void {
    for (const lane of this.#lanes.get(shard)?.values() ?? []) {
      this.#wheel.delete(lane);
      this.#room.forget(lane);
      this.#lapsed.delete(lane);
      this.#room.entries -= lane.here.size;
    }
    this.#lanes.delete(shard);
    this.#rounds.delete(shard);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.[Symbol.dispose]();
    this.#roundTimer?.[Symbol.dispose]();
    this.#relief?.[Symbol.dispose]();
  }

  async #load(lane: Lane, max: number): Promise<void> {
    lane.leftMeanwhile = new Set();
    const end = this.#room.reserve(max);
    try {
      await this.#read(lane, max);
    } catch (error) {
      if (this.#stopped) return;
      this.#parts.log.error({ error, destination: lane.destination }, 'queue could not be read');
      this.dueAt(lane, this.#parts.clock.nowMs() + againMs);
    } finally {
      end();
      lane.leftMeanwhile = undefined;
    }
  }

  async #read(lane: Lane, max: number): Promise<void> {
    const { store, clock } = this.#parts;
    const { shard } = lane.shard;
    const dueMs = clock.nowMs();
    if (lane.cursor === laneStart) lane.missed = false;
    const found = await store.read(function* () {
      const rows = yield* window({
        shard,
        destination: lane.destination,
        lane: lane.lane,
        after: lane.cursor,
        dueMs,
        siteDownDueMs: lane.earlyUntilMs,
        max,
      });
      return { rows, next: rows.length < max ? yield* nextDue(shard, lane, dueMs) : undefined };
    });
    if (!lane.shard.works || this.#stopped) return;
    const { rows } = found;
    const last = rows.at(-1);
    const end = rows.length < max;
    lane.cursor = end || !last ? laneStart : { due: last.due, message: last.message, idx: last.idx };
    lane.more = end ? lane.missed : true;
    if (end) lane.earlyUntilMs = 0;
    if (found.next !== undefined) this.dueAt(lane, found.next);
    const entries = this.#entriesOf(lane, rows);
    if (entries.length > 0) this.#parts.onReady(entries);
    // A window of entries that are all here already says nothing of what stands behind them.
    else if (lane.more) setImmediate(() => this.refill(lane));
  }

  #entriesOf(lane: Lane, rows: readonly WindowRow[]): Entry[] {
    const entries: Entry[] = [];
    const orphans: WindowRow[] = [];
    let live: LiveMessage | undefined;
    for (const row of rows) {
      if (row.data === null) {
        orphans.push(row);
        continue;
      }
      const recipient = recipientOf(row);
      if (lane.here.has(recipient.id) || lane.leftMeanwhile?.has(recipient.id) === true) continue;
      if (live?.message.id !== row.message) {
        const message = messageOf({ id: row.message, sender: row.sender, org: row.org, data: row.data });
        live = new LiveMessage(message, row.indexes === 1, this.#parts.memory);
      }
      const { idx, due, tries, flags } = row;
      const entry = new Entry({ ...recipient, idx, due, tries, flags }, lane, live);
      this.entered(entry);
      entries.push(entry);
    }
    if (orphans.length > 0) this.#dropOrphans(lane.shard.shard, orphans);
    return entries;
  }

  #dropOrphans(shard: number, orphans: readonly WindowRow[]): void {
    const entries = orphans.map(({ destination, lane, due, message, idx }) => ({
      destination,
      lane,
      due,
      message,
      idx,
    }));
    this.#parts.store.write(dropOrphans, { shard, entries }).catch((error: unknown) => {
      this.#parts.log.warn({ error, shard }, 'entries without a message could not be removed');
    });
  }

  async #round(shard: OwnedShard): Promise<void> {
    this.#rounds.add(shard);
    let key: LaneKey = { destination: '', lane: '' };
    try {
      for (;;) {
        const found = await this.#parts.store.read(() => lanesAfter(shard.shard, key, roundStep));
        if (shard.lost || this.#stopped) return;
        for (const { destination, lane, due } of found) this.#found(shard, destination, lane, due);
        if (found.length < roundStep) return;
        key = found.at(-1)!;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      if (!this.#stopped) this.#parts.log.error({ error, shard: shard.shard }, 'round over the queue failed');
    } finally {
      this.#rounds.delete(shard);
      if (this.#roundAgain.delete(shard) && !shard.lost && !this.#stopped) this.round(shard);
    }
  }

  #found(shard: OwnedShard, destination: string, name: string, due: number): void {
    if (due >= heldDue) return;
    const nowMs = this.#parts.clock.nowMs();
    const known = this.#lanes.get(shard);
    if (
      known &&
      known.size >= lanesMax &&
      due > nowMs + 2 * roundEveryMs &&
      !known.has(`${destination} ${name}`)
    )
      return;
    const lane = this.lane(shard, destination, name);
    if (due > nowMs) return this.dueAt(lane, due);
    lane.wantMore();
    this.refill(lane);
  }

  #roundLater(): void {
    this.#roundTimer = this.#parts.clock.after(roundEveryMs, () => {
      for (const [shard, lanes] of this.#lanes) {
        for (const [key, lane] of lanes) if (lane.idle) lanes.delete(key);
        this.round(shard);
      }
      this.#parts.onRound();
      if (!this.#stopped) this.#roundLater();
    });
  }

  #arm(): void {
    const nextMs = this.#wheel.nextMs();
    if (nextMs === undefined || nextMs >= this.#timerAtMs || this.#stopped) return;
    this.#timer?.[Symbol.dispose]();
    this.#timerAtMs = nextMs;
    this.#timer = this.#parts.clock.after(nextMs - this.#parts.clock.nowMs(), () => this.#fire());
  }

  #fire(): void {
    this.#timerAtMs = Infinity;
    this.#timer = undefined;
    for (const item of this.#wheel.advance(this.#parts.clock.nowMs())) {
      if (item instanceof Site) this.#parts.onSiteWake(item);
      else if (item instanceof Lane && !item.shard.lost) {
        item.wantMore();
        this.#refillWhenValid(item);
      }
    }
    this.#arm();
  }
}
