/** The administrator's side of the queue: lists, sums, and what is done to entries by filter, on all shards. */
import type { Clock } from '../../base/clock.ts';
import { newEntryId, type MessageId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { MailEvent } from '../../events/event.ts';
import type { Store } from '../../store/store.ts';
import type {
  DestinationSummary,
  ListedEntry,
  ManageAction,
  Page,
  QueueFilter,
  ShownMessage,
} from '../filter.ts';
import { heldDue, lastOf, type EntryKey } from './entry-row.ts';
import { find, manage, type FoundRow } from './manage.ts';
import { messageOf } from './message-row.ts';
import { cancelScheduled, moveScheduled, type Rescheduled } from './scheduled.ts';
import { allShards, isHeld, summarize } from './summary.ts';

/** Entries touched in one transaction. */
const chunkMax = 500;
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

  async manage(request: ManageRequest): Promise<number> {
    const { action, filter } = request;
    let total = 0;
    for (const shard of await this.#shards()) {
      let after: EntryKey | undefined;
      for (;;) {
        const found = await this.#store.scan(find, {
          shard,
          filter: filterFor(action, filter),
          after,
          max: chunkMax,
        });
        if (found.length > 0) total += await this.#act(shard, request, found);
        if (found.length < chunkMax) break;
        after = keyOf(found.at(-1)!);
      }
    }
    return total;
  }

  async list(
    filter: QueueFilter,
    page: { readonly after?: string; readonly max?: number } = {},
  ): Promise<Page<ListedEntry>> {
    const max = Math.min(page.max ?? pageUsual, pageMax);
    const from = page.after === undefined ? undefined : readCursor(page.after);
    const items: ListedEntry[] = [];
    for (const shard of await this.#shards()) {
      if (from && shard < from.shard) continue;
      const after = from?.shard === shard ? from.key : undefined;
      const found = await this.#store.scan(find, { shard, filter, after, max: max - items.length });
      items.push(...found.map(listed));
      const last = found.at(-1);
      if (items.length >= max && last) return { items, next: writeCursor(shard, keyOf(last)) };
    }
    return { items, next: undefined };
  }

  async show(id: MessageId): Promise<ShownMessage | undefined> {
    for (const shard of await this.#shards()) {
      const found = await this.#store.scan(find, {
        shard,
        filter: { message: id },
        after: undefined,
        max: pageMax,
      });
      const [first] = found;
      if (first) return { message: messageOf({ ...first, id }), entries: found.map(listed) };
    }
    return undefined;
  }

  async summary(): Promise<readonly DestinationSummary[]> {
    const byDestination = new Map<string, DestinationSummary>();
    for (const shard of await this.#shards()) {
      for (const sum of await this.#store.scan(summarize, { shard })) {
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

  #act(shard: number, request: ManageRequest, found: readonly FoundRow[]): Promise<number> {
    const nowMs = this.#clock.nowMs();
    const events = found.map(
      (row): MailEvent => ({
        is: 'managed',
        atMs: nowMs,
        message: row.message as MessageId,
        org: row.org,
        recipient: row.address,
        data: { action: done[request.action], by: request.by, why: request.why },
      }),
    );
    return this.#store.write(manage, {
      shard,
      action: request.action,
      keys: found.map(keyOf),
      nowMs,
      events,
    });
  }
}

/** Retried entries move behind those not yet seen, so what has been retried is not found again; held ones are not retried. */
function filterFor(action: ManageAction, filter: QueueFilter): QueueFilter {
  if (action === 'hold' || action === 'retry') return { ...filter, state: filter.state ?? 'waiting' };
  return action === 'release' ? { ...filter, state: filter.state ?? 'held' } : filter;
}

const keyOf = ({ destination, lane, due, message, idx }: EntryKey): EntryKey => ({
  destination,
  lane,
  due,
  message,
  idx,
});

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
