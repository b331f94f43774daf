/** The administrator's side of the queue: lists, sums, and what is done to entries by filter, on all shards. */
import type { Clock } from '../../base/clock.ts';
import { newCredentialId, newEntryId, type MessageId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { MailEvent } from '../../events/event.ts';
import type { Store } from '../../store/store.ts';
import type {
  DestinationSummary,
  ListedEntry,
  ManageAction,
  Managed,
  Page,
  QueueFilter,
  ShownMessage,
  Sweep,
} from '../filter.ts';
import { heldDue, lastOf, type EntryKey } from './entry-row.ts';
import { orgOfLane } from './lane.ts';
import { find, keyOf, manage, pick, type FoundRow, type PickedRow } from './manage.ts';
import { messageOf } from './message-row.ts';
import { cancelScheduled, moveScheduled, type Rescheduled } from './scheduled.ts';
import { allShards, isHeld, summarize } from './summary.ts';
import { beginSweep, endSweep, sweepsOf } from './sweep.ts';

/** Entries touched in one transaction. */
const chunkMax = 500;
/** What takes longer goes on in the background. */
const manageWithinMs = 300;
/** A page is looked for so long. */
const listWithinMs = 400;
const pageMax = 1000;
const pageUsual = 100;

export interface ManageRequest {
  readonly action: ManageAction;
  readonly filter: QueueFilter;
  readonly by: string;
  readonly why: string;
}

const done = { hold: 'held', release: 'released', retry: 'retried', delete: 'deleted' } as const;

export class Desk {
  readonly #store: Store;
  readonly #clock: Clock;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  /** What is soon done is done at once; the rest of a long one becomes a sweep. */
  async manage(request: ManageRequest): Promise<Managed> {
    const filter = filterFor(request.action, request.filter);
    const untilMs = this.#clock.monotonicMs() + manageWithinMs;
    let count = 0;
    const shards = await this.#shards();
    for (const [i, shard] of shards.entries()) {
      let after: EntryKey | undefined;
      do {
        if (this.#clock.monotonicMs() >= untilMs)
          return { count, sweep: await this.#sweep(request, shards.slice(i), { after, count }) };
        const found = await this.#store.scan(pick, { shard, filter, after, max: chunkMax });
        if (found.rows.length > 0) count += await this.#act(shard, request, found.rows);
        after = found.upTo;
      } while (after !== undefined);
    }
    return { count, sweep: undefined };
  }

  /** Goes on in the background: in the first of these shards behind `after`, in the others from their beginning. */
  async #sweep(
    { action, filter, by, why }: ManageRequest,
    shards: readonly number[],
    { after, count }: { readonly after: EntryKey | undefined; readonly count: number },
  ): Promise<string> {
    const id = newCredentialId(this.#clock);
    const order = { action, filter, by, why, atMs: this.#clock.nowMs() };
    for (const [i, shard] of shards.entries())
      await this.#store.write(beginSweep, {
        shard,
        id,
        order,
        from: i === 0 ? after : undefined,
        done: i === 0 ? count : 0,
      });
    return id;
  }

  /** Newest first. `org`: of one organisation. */
  async sweeps(org?: string): Promise<readonly Sweep[]> {
    const byId = new Map<string, Sweep>();
    for (const shard of await this.#shards())
      for (const sweep of await this.#store.read(() => sweepsOf(shard))) {
        if (org !== undefined && sweep.filter.org !== org) continue;
        const before = byId.get(sweep.id);
        byId.set(sweep.id, before ? bothParts(before, sweep) : sweep);
      }
    return [...byId.values()].sort((a, b) => (a.id < b.id ? 1 : -1));
  }

  /** Ends a sweep where it is. Refusal `notFound`. */
  async endSweep(id: string, org: string | undefined): Promise<void> {
    let found = false;
    const nowMs = this.#clock.nowMs();
    for (const shard of await this.#shards())
      found = (await this.#store.write(endSweep, { shard, id, org, nowMs })) || found;
    if (!found) throw new Refusal('notFound', 'no such change of the queue is under way');
  }

  /** A page may be short, or empty, and yet have another behind it: looking for what is rare ends after a while. */
  async list(
    filter: QueueFilter,
    page: { readonly after?: string; readonly max?: number } = {},
  ): Promise<Page<ListedEntry>> {
    const max = Math.min(page.max ?? pageUsual, pageMax);
    const from = page.after === undefined ? undefined : readCursor(page.after);
    const untilMs = this.#clock.monotonicMs() + listWithinMs;
    const items: ListedEntry[] = [];
    for (const shard of await this.#shards()) {
      if (from && shard < from.shard) continue;
      let after = from?.shard === shard ? from.key : undefined;
      do {
        const found = await this.#store.scan(find, { shard, filter, after, max: max - items.length });
        items.push(...found.rows.map(listed));
        after = found.upTo;
        const over = items.length >= max || this.#clock.monotonicMs() >= untilMs;
        if (over && after !== undefined) return { items, next: writeCursor(shard, after) };
        // Full at the end of a shard: the next page begins behind all of it.
        if (over && items.length >= max) return { items, next: undefined };
      } while (after !== undefined);
    }
    return { items, next: undefined };
  }

  async show(id: MessageId): Promise<ShownMessage | undefined> {
    for (const shard of await this.#shards()) {
      const { rows } = await this.#store.scan(find, {
        shard,
        filter: { message: id },
        after: undefined,
        max: pageMax,
      });
      const [first] = rows;
      if (first) return { message: messageOf({ ...first, id }), entries: rows.map(listed) };
    }
    return undefined;
  }

  async summary(org?: string): Promise<readonly DestinationSummary[]> {
    const byDestination = new Map<string, DestinationSummary>();
    for (const shard of await this.#shards()) {
      for (const sum of await this.#store.scan(summarize, { shard, org })) {
        const before = byDestination.get(sum.destination);
        byDestination.set(sum.destination, before ? together(before, sum) : sum);
      }
    }
    return [...byDestination.values()].sort((a, b) => b.waiting + b.held - (a.waiting + a.held));
  }

  /** Takes back a message of the organisation that waits for its time, or moves it to another. */
  async reschedule(
    id: MessageId,
    { org, by, notBeforeMs }: { readonly org: string; readonly by: string; readonly notBeforeMs?: number },
  ): Promise<Rescheduled> {
    const nowMs = this.#clock.nowMs();
    const event: MailEvent = {
      is: 'managed',
      atMs: nowMs,
      message: id,
      org,
      recipient: '',
      data: {
        action: notBeforeMs === undefined ? 'cancelled' : 'moved',
        by,
        why: notBeforeMs === undefined ? '' : new Date(notBeforeMs).toISOString(),
      },
    };
    for (const shard of await this.#shards()) {
      const args = { shard, message: id, org, nowMs, event };
      const done = await (notBeforeMs === undefined
        ? this.#store.write(cancelScheduled, args)
        : this.#store.write(moveScheduled, { ...args, notBeforeMs }));
      if (done !== 'absent') return done;
    }
    return 'absent';
  }

  #shards(): Promise<readonly number[]> {
    return this.#store.read(allShards);
  }

  #act(shard: number, request: ManageRequest, found: readonly PickedRow[]): Promise<number> {
    const nowMs = this.#clock.nowMs();
    return this.#store.write(manage, {
      shard,
      action: request.action,
      keys: found.map(keyOf),
      nowMs,
      events: managedEvents(found, { ...request, nowMs }),
    });
  }
}

/** What was done to these entries, for their organisations. */
export function managedEvents(
  found: readonly PickedRow[],
  { action, by, why, nowMs }: Pick<ManageRequest, 'action' | 'by' | 'why'> & { readonly nowMs: number },
): readonly MailEvent[] {
  return found.map(({ message, lane, address }) => ({
    is: 'managed',
    atMs: nowMs,
    message: message as MessageId,
    org: orgOfLane(lane),
    recipient: address,
    data: { action: done[action], by, why },
  }));
}

function bothParts(a: Sweep, b: Sweep): Sweep {
  const under = a.endedAtMs === 0 || b.endedAtMs === 0;
  return {
    ...a,
    done: a.done + b.done,
    at: a.at === '' ? b.at : a.at,
    endedAtMs: under ? 0 : Math.max(a.endedAtMs, b.endedAtMs),
  };
}

/** Retried entries move behind those not yet seen, so what has been retried is not found again; held ones are not retried. */
export function filterFor(action: ManageAction, filter: QueueFilter): QueueFilter {
  if (action === 'hold' || action === 'retry') return { ...filter, state: filter.state ?? 'waiting' };
  return action === 'release' ? { ...filter, state: filter.state ?? 'held' } : filter;
}

function listed(row: FoundRow): ListedEntry {
  const message = messageOf({ id: row.message, sender: row.sender, org: row.org, data: row.data });
  const held = isHeld(row.flags);
  return {
    id: newEntryId(message.id, row.idx),
    message: message.id,
    org: message.org,
    sender: message.sender,
    recipient: row.address,
    subject: message.subject,
    sizeBytes: message.sizeBytes,
    destination: row.destination,
    state: held ? 'held' : 'waiting',
    acceptedAtMs: message.acceptedAtMs,
    nextTryAtMs: held ? row.due - heldDue : row.due,
    tries: row.tries,
    last: lastOf(row),
  };
}

function together(a: DestinationSummary, b: DestinationSummary): DestinationSummary {
  const next = [a.nextTryAtMs, b.nextTryAtMs].filter((at) => at > 0);
  return {
    destination: a.destination,
    waiting: a.waiting + b.waiting,
    held: a.held + b.held,
    oldestAtMs: Math.min(a.oldestAtMs, b.oldestAtMs),
    nextTryAtMs: next.length === 0 ? 0 : Math.min(...next),
    last: (a.last?.atMs ?? 0) >= (b.last?.atMs ?? 0) ? a.last : b.last,
  };
}

function writeCursor(shard: number, key: EntryKey): string {
  return Buffer.from(
    JSON.stringify([shard, key.destination, key.lane, key.due, key.message, key.idx]),
  ).toString('base64url');
}

function readCursor(text: string): { readonly shard: number; readonly key: EntryKey } {
  try {
    const [shard, destination, lane, due, message, idx] = JSON.parse(
      Buffer.from(text, 'base64url').toString(),
    ) as unknown[];
    const right = typeof shard === 'number' && typeof due === 'number' && typeof idx === 'number';
    if (
      !right ||
      typeof destination !== 'string' ||
      typeof lane !== 'string' ||
      typeof message !== 'string'
    ) {
      throw new TypeError('not a cursor');
    }
    return { shard, key: { destination, lane, due, message, idx } };
  } catch (cause) {
    throw new Refusal('invalid', 'not a page of this list', { cause, at: 'after' });
  }
}
