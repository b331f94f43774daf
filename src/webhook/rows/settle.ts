/** What became of deliveries: one transaction for each round of an endpoint, fenced by its epoch. */
import { operation } from '../../store/operation.ts';
import { batch, maybe, row, rows, type Statement, type Transaction } from '../../store/transaction.ts';

export interface ParkedRow {
  readonly seq: number;
  readonly message: string;
  readonly first_at: number;
  readonly next_try: number;
  readonly tries: number;
  /** The last answer. */
  readonly last: string;
}

export interface AttemptRow {
  readonly at: number;
  readonly id: string;
  readonly first_seq: number;
  readonly count: number;
  /** HTTP status; 0: there was no answer. */
  readonly status: number;
  readonly ms: number;
  readonly answer: string;
}

export interface Settlement {
  readonly endpoint: string;
  readonly epoch: number;
  readonly position: number;
  readonly failingSince: number;
  readonly nextTry: number;
  readonly tries: number;
  /** Set: it is paused for this reason. */
  readonly pause: string;
  readonly parked: readonly ParkedRow[];
  /** Taken by the endpoint, or given up, of those that were parked. */
  readonly settled: readonly number[];
  readonly dead: readonly (ParkedRow & { readonly at: number })[];
  readonly attempts: readonly AttemptRow[];
}

/** Gives whether the endpoint was still the caller's. */
export const settleWebhook = operation(
  'webhook.settle',
  function* (done: Settlement): Transaction<boolean> {
    const { endpoint } = done;
    const mine = yield* rows(
      `update webhook_endpoint set position = ?, failing_since = ?, next_try = ?, tries = ?, state = case when ? = '' then state else 'paused' end, reason = ?
        where id = ? and epoch = ? returning id`,
      done.position,
      done.failingSince,
      done.nextTry,
      done.tries,
      done.pause,
      done.pause,
      endpoint,
      done.epoch,
    );
    if (mine.length === 0) return false;
    yield* batch([
      ...done.settled.map(
        (seq): Statement => ({
          sql: 'delete from webhook_parked where endpoint = ? and seq = ?',
          params: [endpoint, seq],
        }),
      ),
      ...done.parked.map(
        (one): Statement => ({
          sql: `insert into webhook_parked (endpoint, seq, message, first_at, next_try, tries, last) values (?, ?, ?, ?, ?, ?, ?)
          on conflict (endpoint, seq) do update set next_try = excluded.next_try, tries = excluded.tries, last = excluded.last`,
          params: [endpoint, one.seq, one.message, one.first_at, one.next_try, one.tries, one.last],
        }),
      ),
      ...done.dead.flatMap((one): Statement[] => [
        { sql: 'delete from webhook_parked where endpoint = ? and seq = ?', params: [endpoint, one.seq] },
        {
          sql: `insert into webhook_dead (endpoint, seq, message, at, tries, last) values (?, ?, ?, ?, ?, ?)
            on conflict (endpoint, seq) do update set at = excluded.at, tries = excluded.tries, last = excluded.last`,
          params: [endpoint, one.seq, one.message, one.at, one.tries, one.last],
        },
      ]),
      ...done.attempts.map(
        (one): Statement => ({
          sql: `insert into events.webhook_attempt (endpoint, at, id, first_seq, count, status, ms, answer) values (?, ?, ?, ?, ?, ?, ?, ?)
          on conflict (endpoint, at, id) do nothing`,
          params: [endpoint, one.at, one.id, one.first_seq, one.count, one.status, one.ms, one.answer],
        }),
      ),
    ]);
    return true;
  },
  { essential: true },
);

const parkedFields = 'seq, message, first_at, next_try, tries, last';

export interface Parked {
  /** Due, oldest first; of a message only when nothing before it waits. */
  readonly due: readonly ParkedRow[];
  /** Messages of which something is parked. */
  readonly messages: readonly string[];
  readonly count: number;
}

export function* parkedOf(endpoint: string, nowMs: number, max: number): Transaction<Parked> {
  const all = yield* rows<ParkedRow>(
    `select ${parkedFields} from webhook_parked where endpoint = ? order by seq limit ?`,
    endpoint,
    max,
  );
  const waiting = new Set<string>();
  const due = all.filter(({ message, next_try }) => {
    if (next_try <= nowMs && !waiting.has(message)) return true;
    if (message !== '') waiting.add(message);
    return false;
  });
  const messages = new Set(all.map(({ message }) => message));
  messages.delete('');
  return { due, messages: [...messages], count: all.length };
}

export type DeadRow = Omit<ParkedRow, 'first_at' | 'next_try'> & { readonly at: number };

export function* deadOf(endpoint: string, after: number, max: number): Transaction<readonly DeadRow[]> {
  return yield* rows<DeadRow>(
    'select seq, message, at, tries, last from webhook_dead where endpoint = ? and seq > ? order by seq limit ?',
    endpoint,
    after,
    max,
  );
}

/** Newest first. */
export function* attemptsOf(
  endpoint: string,
  beforeMs: number,
  max: number,
): Transaction<readonly AttemptRow[]> {
  return yield* rows<AttemptRow>(
    'select at, id, first_seq, count, status, ms, answer from events.webhook_attempt where endpoint = ? and at < ? order by at desc, id desc limit ?',
    endpoint,
    beforeMs,
    max,
  );
}

/** Tells again what was given up: `seqs` empty: all, some at a time. Gives how many. */
export const reviveDead = operation(
  'webhook.revive',
  function* ({
    endpoint,
    seqs,
    nowMs,
    max,
  }: {
    endpoint: string;
    seqs: readonly number[];
    nowMs: number;
    max: number;
  }): Transaction<number> {
    const some = seqs.length === 0 ? '' : `and seq in (${seqs.map(() => '?').join(', ')})`;
    const gone = yield* rows<{ seq: number; message: string }>(
      `delete from webhook_dead where endpoint = ? and seq in
        (select seq from webhook_dead where endpoint = ? ${some} order by seq limit ?) returning seq, message`,
      endpoint,
      endpoint,
      ...seqs,
      max,
    );
    yield* park(endpoint, gone, nowMs);
    return gone.length;
  },
);

/** Tells single events again. Gives how many of them there are. */
export const tellAgain = operation(
  'webhook.tellAgain',
  function* ({
    endpoint,
    org,
    seqs,
    nowMs,
  }: {
    endpoint: string;
    org: string;
    seqs: readonly number[];
    nowMs: number;
  }): Transaction<number> {
    const found = yield* rows<{ seq: number; message: string; org: string }>(
      `select seq, message, org from events.event where seq in (${seqs.map(() => '?').join(', ')})`,
      ...seqs,
    );
    const seen = found.filter((one) => org === '' || one.org === org);
    yield* park(endpoint, seen, nowMs);
    return seen.length;
  },
);

function* park(
  endpoint: string,
  events: readonly { seq: number; message: string }[],
  nowMs: number,
): Transaction<void> {
  yield* batch(
    events.map(({ seq, message }) => ({
      sql: `insert into webhook_parked (endpoint, seq, message, first_at, next_try, tries, last) values (?, ?, ?, ?, ?, 0, '')
        on conflict (endpoint, seq) do update set first_at = excluded.first_at, next_try = excluded.next_try`,
      params: [endpoint, seq, message, nowMs, nowMs],
    })),
  );
}

/** History older than `before` goes, some at a time; gives whether there may be more. */
export const pruneAttempts = operation(
  'webhook.pruneAttempts',
  function* ({ before }: { before: number }): Transaction<boolean> {
    let more = false;
    for (const { id } of yield* rows<{ id: string }>('select id from webhook_endpoint')) {
      const gone = yield* rows(
        `delete from events.webhook_attempt where endpoint = ? and at in
          (select at from events.webhook_attempt where endpoint = ? and at < ? order by at limit 500) returning at`,
        id,
        id,
        before,
      );
      more ||= gone.length >= 500;
    }
    return more;
  },
  { essential: true },
);

/** Behind which event those of this time and later are. */
export function* positionBefore(atMs: number): Transaction<number> {
  const first = yield* maybe<{ seq: number }>(
    'select seq from events.event where at >= ? order by at, seq limit 1',
    atMs,
  );
  if (first) return first.seq - 1;
  return (yield* row<{ seq: number | null }>('select max(seq) as seq from events.event')).seq ?? 0;
}
