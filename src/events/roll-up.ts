/**
 * Makes traces from the ledger, a window of events at a time: what its events tell of one trace is put together first, so that a trace is written once, with its words, however many of them
 * tell of it. Reading and finding the words is done by whoever asks; the writer is given finished rows, a few at a time. The mark moves with the last of them. A crash
 * between them does the window again, which comes to the same: a trace that is there takes the same changes. (Refusals have nothing they are known by: they go with the mark.)
 *
 * Traces get numbers in the order in which they are made, which is about that of their times: a search goes by them, newest first. One node makes traces at a time (ledger-lease.ts); of two, the one
 * that comes late finds the mark moved and writes nothing.
 */
import { operation } from '../store/operation.ts';
import type { Store } from '../store/store.ts';
import { batch, row, rows, type Param, type Statement, type Transaction } from '../store/transaction.ts';
import { eventOf, ledgerFields, type LedgerRow } from './ledger.ts';
import { emptyTrace, told, traceWords, type ToldTrace, type TraceRow } from './trace.ts';

/** Events of one window: bounds how long the reader is busy with it. */
export const windowMax = 500;
/** Traces of one transaction: bounds how long the writer is busy with it. */
const writtenAtOnce = 100;

export type Engine = 'sqlite' | 'postgres';

export interface RolledUp {
  /** Events of the window; `windowMax`: there may be more. */
  readonly count: number;
  /** The mark now. */
  readonly seq: number;
}

/** A trace as it is to be written. */
interface Finished {
  readonly trace: TraceRow;
  readonly isNew: boolean;
  readonly words: string;
}

interface Window extends RolledUp {
  /** The mark before. */
  readonly from: number;
  readonly traces: readonly Finished[];
  readonly refused: readonly Finished[];
}

interface Written {
  readonly engine: Engine;
  readonly from: number;
  readonly traces: readonly Finished[];
  /** The new mark, with the last ones. */
  readonly to: number | undefined;
}

export interface Pace {
  readonly now: () => number;
  /** Called behind each transaction, with the milliseconds that it took. */
  readonly rest: (tookMs: number) => Promise<void>;
}

const headlong: Pace = { now: () => 0, rest: async () => {} };

/** Takes up the next window. */
export async function rollUp(store: Store, { now, rest }: Pace = headlong): Promise<RolledUp> {
  const { engine } = store;
  const window = await store.read(() => nextWindow());
  const { from, count, seq, traces, refused } = window;
  const write = async (some: readonly Finished[], to?: number): Promise<void> => {
    const startMs = now();
    await store.write(writeTraces, { engine, from, traces: some, to });
    await rest(now() - startMs);
  };
  if (count === 0) return { count, seq };
  for (let i = 0; i < traces.length; i += writtenAtOnce) await write(traces.slice(i, i + writtenAtOnce));
  await write(refused, seq);
  return { count, seq };
}

const key = ({ message, org, recipient }: Omit<ToldTrace, 'change'>): string =>
  message === '' ? '' : `${message} ${org} ${recipient}`;

function* nextWindow(): Transaction<Window> {
  const { seq: from } = yield* row<{ seq: number }>('select seq from events.trace_mark');
  const found = yield* rows<LedgerRow>(
    `select ${ledgerFields} from events.event where seq > ? order by seq limit ?`,
    from,
    windowMax,
  );
  const news = found.flatMap((each) => told(eventOf(each)));
  const { touched, refused } = yield* put(news);
  const finished = ({ trace, isNew }: Working): Finished => ({
    trace,
    isNew,
    words: traceWords(trace).join(' '),
  });
  return {
    from,
    count: found.length,
    seq: found.at(-1)?.seq ?? from,
    traces: touched.map(finished),
    refused: refused.map(finished),
  };
}

export const writeTraces = operation(
  'events.writeTraces',
  function* ({ engine, from, traces, to }: Written): Transaction<void> {
    const mark = yield* row<{ seq: number }>('select seq from events.trace_mark');
    if (mark.seq !== from) return;
    yield* batch(traces.flatMap((each) => statements(each, engine)));
    if (to !== undefined) yield* rows('update events.trace_mark set seq = ?', to);
  },
  { essential: true },
);

/** A trace in work. */
interface Working {
  trace: TraceRow;
  isNew: boolean;
}

function* put(news: readonly ToldTrace[]): Transaction<{ touched: Working[]; refused: Working[] }> {
  const known = yield* existing(news);
  let next = (yield* row<{ id: number | null }>('select max(id) as id from events.trace')).id ?? 0;
  const touched = new Map<string, Working>();
  const refused: Working[] = [];
  for (const one of news) {
    const at = key(one);
    const before = touched.get(at) ?? known.get(at);
    const { message, org, recipient, change } = one;
    if (at !== '' && before) {
      // What is told of the whole message late must not undo what has become of it since.
      const { status = before.trace.status } = change;
      const late = change.subject !== undefined;
      const moved = { ...before.trace, ...change, status: late ? before.trace.status : status };
      touched.set(at, { ...before, trace: moved });
      continue;
    }
    const like = known.get(likeKey(message, org)) ?? touched.get(likeKey(message, org));
    const trace = {
      ...emptyTrace,
      accepted_at: change.changed_at,
      ...inherited(like),
      ...change,
      message,
      org,
      recipient,
    };
    next += 1;
    const made = { trace: { ...trace, id: next }, isNew: true };
    if (at === '') refused.push(made);
    else {
      touched.set(at, made);
      if (!touched.has(likeKey(message, org))) known.set(likeKey(message, org), made);
    }
  }
  return { touched: [...touched.values()], refused };
}

/** An address that another stands for: what is known of the message it gets from the other. Its time is its own, so that times keep to the order of numbers. */
const likeKey = (message: string, org: string): string => `${message} ${org}`;

function inherited(like: Working | undefined): Partial<TraceRow> {
  if (!like) return {};
  const { sender, subject, header_id, stream, labels } = like.trace;
  return { sender, subject, header_id, stream, labels };
}

function* existing(news: readonly ToldTrace[]): Transaction<Map<string, Working>> {
  const messages = [...new Set(news.map(({ message }) => message))].filter((id) => id !== '');
  const found = new Map<string, Working>();
  const wanted = new Set(news.map(key));
  const answers = yield* batch(
    messages.map((id) => ({
      sql: `select ${traceFields} from events.trace where message = ?`,
      params: [id],
    })),
  );
  for (const trace of answers.flat() as unknown as TraceRow[]) {
    const working = { trace, isNew: false };
    if (wanted.has(key(trace))) found.set(key(trace), working);
    found.set(likeKey(trace.message, trace.org), working);
  }
  return found;
}

export const traceFields =
  'id, message, org, recipient, sender, subject, header_id, stream, labels, status, reply, host, accepted_at, changed_at';

function statements({ trace, isNew, words }: Finished, engine: Engine): Statement[] {
  const { id, message, org, recipient, sender, subject, header_id, stream, labels } = trace;
  const { status, reply, host, accepted_at, changed_at } = trace;
  const last: Param[] = [status, reply, host, accepted_at, changed_at];
  const facts: Param[] = [sender, subject, header_id, stream, labels, ...last];
  if (engine === 'postgres') {
    const vector = "array_to_tsvector(string_to_array(?, ' '))";
    const sql = isNew
      ? `insert into events.trace (${traceFields}, words) values (${'?, '.repeat(14)}${vector})`
      : `update events.trace set sender = ?, subject = ?, header_id = ?, stream = ?, labels = ?, status = ?, reply = ?, host = ?, accepted_at = ?, changed_at = ?, words = ${vector} where id = ?`;
    const params = isNew ? [id, message, org, recipient, ...facts, words] : [...facts, words, id];
    return [{ sql, params }];
  }
  const row: Statement = isNew
    ? {
        sql: `insert into events.trace (${traceFields}) values (${'?, '.repeat(13)}?)`,
        params: [id, message, org, recipient, ...facts],
      }
    : {
        sql: 'update events.trace set sender = ?, subject = ?, header_id = ?, stream = ?, labels = ?, status = ?, reply = ?, host = ?, accepted_at = ?, changed_at = ? where id = ?',
        params: [...facts, id],
      };
  return [
    row,
    { sql: 'insert or replace into events.trace_text (rowid, words) values (?, ?)', params: [id, words] },
  ];
}
