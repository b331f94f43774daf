/**
 * How long an organisation keeps what happened to its mail: days for all of it, or for the mail of one stream. What is older goes in small steps, with its
 * events, its traces and their words; the index is folded together a little at a time, so that nothing waits long for it.
 * The setting `events.keepDays` stays the longest time for everybody.
 */
import { operation } from '../store/operation.ts';
import { batch, rows, type Transaction } from '../store/transaction.ts';
import type { Engine } from './roll-up.ts';

export interface Retention {
  readonly org: string;
  /** '' for what no other rule of the organisation names. */
  readonly stream: string;
  readonly days: number;
}

/** Traces looked at, and removed, in one transaction. */
const stepMax = 200;
/** Pages of the index that one step of folding may write. */
const foldPages = 64;

export const setRetention = operation(
  'events.setRetention',
  function* ({ org, stream, days }: Omit<Retention, 'days'> & { days: number | null }): Transaction<void> {
    yield* rows('delete from events.retention where org = ? and stream = ?', org, stream);
    if (days !== null)
      yield* rows('insert into events.retention (org, stream, days) values (?, ?, ?)', org, stream, days);
  },
);

export function* retentions(org?: string): Transaction<readonly Retention[]> {
  if (org === undefined)
    return yield* rows<Retention>('select org, stream, days from events.retention order by org, stream');
  return yield* rows<Retention>(
    'select org, stream, days from events.retention where org = ? order by stream',
    org,
  );
}

export interface Forget {
  readonly engine: Engine;
  readonly org: string;
  readonly stream: string;
  /** Streams of the organisation with rules of their own. */
  readonly others: readonly string[];
  readonly before: number;
  /** Traces up to this number have been looked at. */
  readonly after: number;
}

export interface Forgotten {
  readonly count: number;
  /** Where the next step goes on; undefined: all has been looked at. */
  readonly next: number | undefined;
}

/** One step: looks at some traces in their order and removes those that are too old, with the events of their messages. */
export const forgetTraces = operation(
  'events.forgetTraces',
  function* (args: Forget): Transaction<Forgotten> {
    const { engine, org, stream, others, before, after } = args;
    const seen = yield* rows<{
      id: number;
      message: string;
      org: string;
      stream: string;
      accepted_at: number;
    }>(
      'select id, message, org, stream, accepted_at from events.trace where id > ? order by id limit ?',
      after,
      stepMax,
    );
    const last = seen.at(-1);
    const gone = seen.filter(
      (each) =>
        each.org === org &&
        each.accepted_at < before &&
        (stream === '' ? !others.includes(each.stream) : each.stream === stream),
    );
    yield* removeTraces(
      engine,
      gone.map(({ id }) => id),
    );
    const messages = [...new Set(gone.map(({ message }) => message))].filter((id) => id !== '');
    yield* batch(
      messages.map((id) => ({
        sql: `delete from events.event where message = ? and org = ? and at < ?
          and seq < (select max(seq) from events.event)`,
        params: [id, org, before],
      })),
    );
    const more = last && seen.length === stepMax && last.accepted_at < before;
    return { count: gone.length, next: more ? last.id : undefined };
  },
  { essential: true },
);

/** Traces older than the ledger keeps anything; gives whether there may be more. The newest stays: numbers only rise. */
export const pruneTraces = operation(
  'events.pruneTraces',
  function* ({ engine, before }: { engine: Engine; before: number }): Transaction<boolean> {
    const old = yield* rows<{ id: number }>(
      'select id from events.trace where accepted_at < ? and id < (select max(id) from events.trace) order by accepted_at limit ?',
      before,
      stepMax,
    );
    yield* removeTraces(
      engine,
      old.map(({ id }) => id),
    );
    return old.length === stepMax;
  },
  { essential: true },
);

function* removeTraces(engine: Engine, ids: readonly number[]): Transaction<void> {
  if (ids.length === 0) return;
  const list = ids.map(() => '?').join(', ');
  if (engine === 'sqlite') yield* rows(`delete from events.trace_text where rowid in (${list})`, ...ids);
  yield* rows(`delete from events.trace where id in (${list})`, ...ids);
}

/** Folds the index of SQLite together a little (FTS5 'merge'); PostgreSQL does so by itself. */
export const foldWords = operation(
  'events.foldWords',
  function* (): Transaction<void> {
    yield* rows(`insert into events.trace_text (trace_text, rank) values ('merge', ${foldPages})`);
  },
  { essential: true },
);
