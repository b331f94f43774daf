/**
 * Makes traces from the ledger. Each step takes some events behind the mark and moves the mark in the same transaction, so every event counts once; both
 * lie in the file of the ledger. Traces get numbers in the order in which they are made, which is about that of their times: a search goes by them, newest first.
 */
import { operation } from '../store/operation.ts';
import { batch, row, rows, type Param, type Statement, type Transaction } from '../store/transaction.ts';
import { eventOf, ledgerFields, type LedgerRow } from './ledger.ts';
import { emptyTrace, told, traceWords, type ToldTrace, type TraceRow } from './trace.ts';

/** Events of one step: bounds how long the writer is busy with it. */
export const rollUpMax = 200;

export type Engine = 'sqlite' | 'postgres';

export interface RolledUp {
  readonly count: number;
  /** The mark now. */
  readonly seq: number;
}

const key = ({ message, org, recipient }: Omit<ToldTrace, 'change'>): string =>
  message === '' ? '' : `${message} ${org} ${recipient}`;

export const rollUp = operation(
  'events.rollUp',
  function* ({ engine }: { engine: Engine }): Transaction<RolledUp> {
    const mark = yield* row<{ seq: number }>('select seq from events.trace_mark');
    const found = yield* rows<LedgerRow>(
      `select ${ledgerFields} from events.event where seq > ? order by seq limit ?`,
      mark.seq,
      rollUpMax,
    );
    const last = found.at(-1);
    if (!last) return { count: 0, seq: mark.seq };
    const news = found.flatMap((each) => told(eventOf(each)));
    yield* apply(news, engine);
    yield* rows('update events.trace_mark set seq = ?', last.seq);
    return { count: found.length, seq: last.seq };
  },
  { essential: true },
);

/** A trace in work. */
interface Working {
  trace: TraceRow;
  isNew: boolean;
}

function* apply(news: readonly ToldTrace[], engine: Engine): Transaction<void> {
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
  yield* batch([...touched.values(), ...refused].flatMap((each) => statements(each, engine)));
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

function statements({ trace, isNew }: Working, engine: Engine): Statement[] {
  const { id, message, org, recipient, sender, subject, header_id, stream, labels } = trace;
  const { status, reply, host, accepted_at, changed_at } = trace;
  const words = traceWords(trace).join(' ');
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
