/**
 * Orders of operators: mail for a provider or domain, of an organisation or campaign, stands still or goes slower, until a time. They are kept with who gave them and why,
 * hold on every thread and node, outlive a restart and end by themselves. Nothing is moved in the queue: what stands still is passed over.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import { operation } from '../store/operation.ts';
import { hint, row, rows, type Transaction } from '../store/transaction.ts';
import type { Store } from '../store/store.ts';
import type { Gate, SiteFacts, Wait } from './gate.ts';
import type { QueuedMessage } from './message.ts';

/** All that is named must fit; nothing named: all mail. */
export interface OrderScope {
  readonly provider?: string;
  readonly domain?: string;
  readonly org?: string;
  readonly campaign?: string;
  /** Exact address, or `@domain`; in lower case. */
  readonly sender?: string;
}

export interface Order extends OrderScope {
  readonly id: string;
  /** `reroute`: it goes another way, by domain and by domain of the sender. */
  readonly is: 'suspend' | 'limit' | 'reroute';
  /** Of `limit`: copies in a time, as rules of shaping have it (`100/min`). */
  readonly rate: string;
  /** Of `reroute`: the server that takes the mail in the place of those that DNS names. */
  readonly to?: { readonly host: string; readonly port?: number };
  readonly why: string;
  readonly by: string;
  readonly madeAtMs: number;
  readonly untilMs: number;
}

/** Hint: orders have changed. */
const ordersTopic = 'queue.orders';
export const ordersMax = 500;

interface OrderRow {
  readonly id: string;
  readonly data: string;
}

export const giveOrder = operation('queue.giveOrder', function* (order: Order): Transaction<void> {
  yield* rows('delete from queue_order where until_at <= ?', order.madeAtMs);
  const { count } = yield* row<{ count: number }>('select count(*) as count from queue_order');
  if (count >= ordersMax) throw new Refusal('limitReached', `${ordersMax} orders hold at one time`);
  const data = JSON.stringify(order);
  yield* rows(
    'insert into queue_order (id, org, until_at, data) values (?, ?, ?, ?)',
    order.id,
    order.org ?? '',
    order.untilMs,
    data,
  );
  yield* hint(ordersTopic, order.id);
});

/** Refusal `notFound`. `org`: only an order about this organisation. */
export const endOrder = operation(
  'queue.endOrder',
  function* ({ id, org }: { id: string; org: string | undefined }): Transaction<void> {
    const gone =
      org === undefined
        ? yield* rows('delete from queue_order where id = ? returning id', id)
        : yield* rows('delete from queue_order where id = ? and org = ? returning id', id, org);
    if (gone.length === 0) throw new Refusal('notFound', 'no such order');
    yield* hint(ordersTopic, id);
  },
);

/** Those that hold, oldest first. */
export function* ordersAt(nowMs: number): Transaction<readonly Order[]> {
  const found = yield* rows<OrderRow>(
    'select id, data from queue_order where until_at > ? order by id',
    nowMs,
  );
  return found.map(({ data }) => JSON.parse(data) as Order);
}

export interface OrdersParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly providerOf: (facts: SiteFacts) => string;
  /** Orders are others than before. */
  readonly onChange: (orders: readonly Order[]) => void;
}

/** The orders in force, in the memory of a thread. A hint that is lost costs half a minute. */
export class Orders implements Disposable {
  readonly #parts: OrdersParts;
  readonly #hints: Disposable;
  #orders: readonly Order[] = [];
  #timer: Disposable | undefined;
  #closed = false;

  constructor(parts: OrdersParts) {
    this.#parts = parts;
    this.#hints = parts.store.onHint(ordersTopic, () => void this.refresh());
  }

  /** Reads them again. */
  async refresh(): Promise<void> {
    const { store, clock, log, onChange } = this.#parts;
    try {
      const found = await store.read(() => ordersAt(clock.nowMs()));
      const changed = JSON.stringify(found) !== JSON.stringify(this.#orders);
      this.#orders = found;
      if (changed && !this.#closed) onChange(found);
    } catch (error) {
      log.warn({ error }, 'orders of operators could not be read');
    }
    this.#timer?.[Symbol.dispose]();
    if (!this.#closed) this.#timer = clock.after(againMs, () => void this.refresh());
  }

  get all(): readonly Order[] {
    return this.#orders;
  }

  /** The site's gate, closed for what an order keeps back. */
  around(facts: SiteFacts, gate: Gate | undefined): Gate | undefined {
    return gate && new OrderedGate(gate, this, this.#parts.providerOf(facts));
  }

  /** Until when an order keeps this mail back; undefined: none does. */
  suspendedUntil(provider: string, message: QueuedMessage, destination: string): Wait | undefined {
    const nowMs = this.#parts.clock.nowMs();
    let untilMs = 0;
    let whole = false;
    for (const order of this.#orders) {
      if (order.is !== 'suspend' || order.untilMs <= nowMs) continue;
      if (!fits(order, { provider, message, destination })) continue;
      untilMs = Math.max(untilMs, order.untilMs);
      whole ||= [order.org, order.campaign, order.domain, order.sender].every((each) => each === undefined);
    }
    return untilMs === 0 ? undefined : { is: 'wait', untilMs, whole };
  }

  [Symbol.dispose](): void {
    this.#closed = true;
    this.#hints[Symbol.dispose]();
    this.#timer?.[Symbol.dispose]();
  }
}

const againMs = 30_000;

interface About {
  readonly provider: string;
  readonly message: QueuedMessage;
  readonly destination: string;
}

function fits(order: OrderScope, { provider, message, destination }: About): boolean {
  if (order.provider !== undefined && order.provider !== provider) return false;
  if (order.domain !== undefined && order.domain !== destination) return false;
  if (order.org !== undefined && order.org !== message.org) return false;
  if (order.sender !== undefined && !isFrom(order.sender, message.sender)) return false;
  return order.campaign === undefined || order.campaign === message.campaign;
}

const isFrom = (wanted: string, sender: string): boolean =>
  wanted.startsWith('@') ? sender.toLowerCase().endsWith(wanted) : sender.toLowerCase() === wanted;

class OrderedGate implements Gate {
  readonly #gate: Gate;
  readonly #orders: Orders;
  readonly #provider: string;

  constructor(gate: Gate, orders: Orders, provider: string) {
    this.#gate = gate;
    this.#orders = orders;
    this.#provider = provider;
  }

  get connectionsMax(): number | undefined {
    return this.#gate.connectionsMax;
  }

  get ways(): number {
    return this.#gate.ways;
  }

  ask(message: QueuedMessage, destination: string, nowMs: number): ReturnType<Gate['ask']> {
    const held =
      this.#orders.all.length === 0
        ? undefined
        : this.#orders.suspendedUntil(this.#provider, message, destination);
    return held ?? this.#gate.ask(message, destination, nowMs);
  }

  close(): void {
    this.#gate.close();
  }
}
