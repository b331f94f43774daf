/**
 * Sweeps: what an operator does to very many entries, kept in the store and done in pieces by whoever owns the shard.
 *
 * A row for each shard says what is done to which entries and how far it has come. Each piece moves the row on in the transaction that touches the entries, so a crash repeats
 * nothing and forgets nothing, and of two who believe that the shard is theirs only one moves it. Rows stay for a day after their end, for whoever asks what became of it.
 */
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { hint, maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import type { ManageAction, QueueFilter, Sweep } from '../filter.ts';
import type { EntryKey } from './entry-row.ts';

/** Hint topic whose key is a shard: it has a sweep. */
export const sweepsTopic = 'queue.sweeps';
/** Sweeps that are under way at one time, in one shard. */
export const sweepsMax = 100;
const keptMs = 86_400_000;

/** What it does, the same in all shards. */
export interface SweepOrder {
  readonly action: ManageAction;
  readonly filter: QueueFilter;
  readonly by: string;
  readonly why: string;
  readonly atMs: number;
}

interface SweepRow {
  readonly id: string;
  readonly data: string;
  readonly progress: string;
  readonly done: number;
  readonly ended_at: number;
}

/** One piece: it begins where the row says, and leaves it at `to`. */
export interface SweepStep {
  readonly id: string;
  readonly from: EntryKey | undefined;
  readonly to: EntryKey | undefined;
  readonly nowMs: number;
}

const progressOf = (key: EntryKey | undefined): string =>
  key === undefined ? '' : JSON.stringify([key.destination, key.lane, key.due, key.message, key.idx]);

function keyOfProgress(text: string): EntryKey | undefined {
  if (text === '') return undefined;
  const [destination, lane, due, message, idx] = JSON.parse(text) as [string, string, number, string, number];
  return { destination, lane, due, message, idx };
}

export interface BeginArgs {
  readonly shard: number;
  readonly id: string;
  readonly order: SweepOrder;
  readonly from: EntryKey | undefined;
  /** Entries it has touched already. */
  readonly done: number;
}

/** Refusal `limitReached`. */
export const beginSweep = operation(
  'queue.beginSweep',
  function* ({ shard, id, order, from, done }: BeginArgs): Transaction<void> {
    yield* rows(
      'delete from queue_sweep where shard = ? and ended_at > 0 and ended_at < ?',
      shard,
      order.atMs - keptMs,
    );
    const { count } = yield* row<{ count: number }>(
      'select count(*) as count from queue_sweep where shard = ? and ended_at = 0',
      shard,
    );
    if (count >= sweepsMax)
      throw new Refusal('limitReached', `${sweepsMax} changes of the queue are under way`);
    yield* rows(
      'insert into queue_sweep (shard, id, org, data, progress, done, ended_at) values (?, ?, ?, ?, ?, ?, 0)',
      shard,
      id,
      order.filter.org ?? '',
      JSON.stringify(order),
      progressOf(from),
      done,
    );
    yield* hint(sweepsTopic, String(shard));
  },
  { essential: true },
);

export interface FoundSweep extends SweepOrder {
  readonly id: string;
  readonly from: EntryKey | undefined;
}

/** The next one of a shard that is not done: the oldest, for ids sort by time. */
export function* nextSweep(shard: number): Transaction<FoundSweep | undefined> {
  const found = yield* maybe<SweepRow>(
    'select id, data, progress, done, ended_at from queue_sweep where shard = ? and ended_at = 0 order by id limit 1',
    shard,
  );
  return (
    found && {
      ...(JSON.parse(found.data) as SweepOrder),
      id: found.id,
      from: keyOfProgress(found.progress),
    }
  );
}

/** Throws Refusal `conflict` when the sweep is not where the step begins: it was ended, or another has gone on with it. */
export function* checkSweep(shard: number, { id, from }: SweepStep): Transaction<void> {
  const found = yield* maybe<{ progress: string }>(
    'select progress from queue_sweep where shard = ? and id = ? and ended_at = 0',
    shard,
    id,
  );
  if (found?.progress !== progressOf(from))
    throw new Refusal('conflict', 'the change of the queue has ended or gone on elsewhere');
}

/** Without an end of the step the sweep has ended. */
export function* noteSweep(shard: number, { id, to, nowMs }: SweepStep, touched: number): Transaction<void> {
  yield* rows(
    'update queue_sweep set progress = ?, done = done + ?, ended_at = ? where shard = ? and id = ?',
    progressOf(to),
    touched,
    to === undefined ? nowMs : 0,
    shard,
    id,
  );
}

/** Ends it where it is. `org`: only one that is about this organisation. False: no such sweep is under way. */
export const endSweep = operation(
  'queue.endSweep',
  function* (args: {
    shard: number;
    id: string;
    org: string | undefined;
    nowMs: number;
  }): Transaction<boolean> {
    const { shard, id, org, nowMs } = args;
    const ended = yield* rows(
      `update queue_sweep set ended_at = ? where shard = ? and id = ? and ended_at = 0 ${org === undefined ? '' : 'and org = ?'} returning id`,
      nowMs,
      shard,
      id,
      ...(org === undefined ? [] : [org]),
    );
    return ended.length > 0;
  },
  { essential: true },
);

/** Of one shard, newest first. */
export function* sweepsOf(shard: number): Transaction<readonly Sweep[]> {
  const found = yield* rows<SweepRow>(
    'select id, data, progress, done, ended_at from queue_sweep where shard = ? order by id desc limit ?',
    shard,
    sweepsMax,
  );
  return found.map(({ id, data, progress, done, ended_at }) => ({
    ...(JSON.parse(data) as SweepOrder),
    id,
    done,
    at: keyOfProgress(progress)?.destination ?? '',
    endedAtMs: ended_at,
  }));
}
