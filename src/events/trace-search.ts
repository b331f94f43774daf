/**
 * Searches the traces: any conditions together, newest first, a page at a time. The index gives candidates in the order of the answer; each is held against the
 * whole question, so what words cannot tell (phrases, times to the millisecond) is right too.
 */
import { operation } from '../store/operation.ts';
import { maybe, row, rows, type Param, type Transaction } from '../store/transaction.ts';
import { traceFields, type Engine } from './roll-up.ts';
import { bareId, labelsOf, type TraceRow, type TraceStatus } from './trace.ts';
import { askedWords, comparable, domainOf, factWord, type AskedWord, type Fact } from './trace-words.ts';

/** All given conditions must hold. */
export interface TraceQuery {
  readonly org?: string;
  /** Exact address, or `@domain`. */
  readonly recipient?: string;
  readonly sender?: string;
  /** These words one behind the other, case and width as they like. */
  readonly subject?: string;
  readonly reply?: string;
  readonly tag?: string;
  readonly stream?: string;
  readonly status?: TraceStatus;
  /** Words in any text of it; `word*`: what begins with it. */
  readonly text?: string;
  /** Of the 250 reply, or the Message-ID header. */
  readonly messageId?: string;
  readonly fromMs?: number;
  readonly untilMs?: number;
}

export interface TraceSearch {
  readonly engine: Engine;
  readonly query: TraceQuery;
  /** Behind this one; undefined: from the newest. */
  readonly before: number | undefined;
  readonly max: number;
}

export interface TracePage {
  readonly items: readonly TraceRow[];
  /** Where the next page begins; undefined at the end. A page may be short of its size and have a next one. */
  readonly next: number | undefined;
}

/** Candidates read at once, and in one search: a question that few of them answer comes in short pages. */
const candidatesAtOnce = 250;
const candidatesMax = 5000;
/** Numbers follow times but for so many. */
const orderSlack = 20_000;
const everything = Number.MAX_SAFE_INTEGER;

export const searchTraces = operation(
  'events.searchTraces',
  function* ({ engine, query, before, max }: TraceSearch): Transaction<TracePage> {
    const wanted = query.messageId === undefined ? '' : bareId(query.messageId);
    if (/^[0-9a-z]{20}$/.test(wanted)) return yield* ofOneMessage(wanted, { engine, query, before, max });
    const bounds = yield* numbersOf(query);
    if (!bounds) return { items: [], next: undefined };
    const words = wordsFor(query);
    const items: TraceRow[] = [];
    let upper = Math.min(bounds.upper, before ?? everything);
    for (let looked = 0; looked < candidatesMax; looked += candidatesAtOnce) {
      const found = yield* candidates(engine, words, bounds.lower, upper);
      for (const trace of found) {
        upper = trace.id;
        if (fits(query, trace)) items.push(trace);
        if (items.length === max) return { items, next: trace.id };
      }
      if (found.length < candidatesAtOnce) return { items, next: undefined };
    }
    return { items, next: upper };
  },
);

function* ofOneMessage(message: string, { query, before, max }: TraceSearch): Transaction<TracePage> {
  const found = yield* rows<TraceRow>(
    `select ${traceFields} from events.trace where message = ? and id < ? order by id desc`,
    message,
    before ?? everything,
  );
  const { messageId: _, ...rest } = query;
  const items = found.filter((trace) => fits(rest, trace));
  const page = items.slice(0, max);
  return { items: page, next: items.length > max ? page.at(-1)!.id : undefined };
}

/** Between which numbers traces of the asked time are; undefined: there are none. */
function* numbersOf({
  fromMs,
  untilMs,
}: TraceQuery): Transaction<{ lower: number; upper: number } | undefined> {
  let lower = 0;
  let upper = everything;
  if (fromMs !== undefined) {
    const first = yield* maybe<{ id: number }>(
      'select id from events.trace where accepted_at >= ? order by accepted_at limit 1',
      fromMs,
    );
    if (!first) return undefined;
    lower = first.id - orderSlack;
  }
  if (untilMs !== undefined) {
    const last = yield* maybe<{ id: number }>(
      'select id from events.trace where accepted_at <= ? order by accepted_at desc limit 1',
      untilMs,
    );
    if (!last) return undefined;
    upper = last.id + orderSlack;
  }
  return { lower, upper };
}

function* candidates(
  engine: Engine,
  words: readonly AskedWord[],
  lower: number,
  upper: number,
): Transaction<readonly TraceRow[]> {
  const between: Param[] = [upper, lower, candidatesAtOnce];
  if (words.length === 0)
    return yield* rows<TraceRow>(
      `select ${traceFields} from events.trace where id < ? and id >= ? order by id desc limit ?`,
      ...between,
    );
  if (engine === 'postgres')
    return yield* rows<TraceRow>(
      `select ${traceFields} from events.trace where words @@ cast(? as tsquery) and id < ? and id >= ? order by id desc limit ?`,
      words.map(({ word, open }) => `'${word}'${open ? ':*' : ''}`).join(' & '),
      ...between,
    );
  return yield* rows<TraceRow>(
    `select ${traceFields} from events.trace where id in (select rowid from events.trace_text
      where trace_text match ? and rowid < ? and rowid >= ? order by rowid desc limit ?) order by id desc`,
    words.map(({ word, open }) => `"${word}"${open ? '*' : ''}`).join(' AND '),
    ...between,
  );
}

function wordsFor(query: TraceQuery): readonly AskedWord[] {
  const asked = new Map<string, AskedWord>();
  const add = (one: AskedWord): void => void asked.set(`${one.word}${one.open ? '*' : ''}`, one);
  for (const text of [query.subject, query.reply, query.text])
    if (text !== undefined) askedWords(text).forEach(add);
  const fact = (name: Fact, value: string | undefined): void => {
    if (value !== undefined) add({ word: factWord(name, value), open: false });
  };
  fact('org', query.org);
  fact('status', query.status);
  fact('tag', query.tag);
  fact('stream', query.stream);
  for (const side of ['recipient', 'sender'] as const) {
    const value = query[side];
    if (value?.startsWith('@')) fact(`${side}Domain`, value.slice(1));
    else fact(side, value);
  }
  fact('headerId', query.messageId === undefined ? undefined : bareId(query.messageId));
  return [...asked.values()];
}

function fits(query: TraceQuery, trace: TraceRow): boolean {
  const { fromMs = 0, untilMs = everything } = query;
  if (trace.accepted_at < fromMs || trace.accepted_at > untilMs) return false;
  if (query.org !== undefined && trace.org !== query.org) return false;
  if (query.status !== undefined && trace.status !== query.status) return false;
  if (query.stream !== undefined && trace.stream.toLowerCase() !== query.stream.toLowerCase()) return false;
  if (!isAddress(query.recipient, trace.recipient) || !isAddress(query.sender, trace.sender)) return false;
  if (!holds(trace.subject, query.subject) || !holds(trace.reply, query.reply)) return false;
  if (query.tag === undefined) return true;
  const tag = query.tag.toLowerCase();
  return labelsOf(trace).tags?.some((each) => each.toLowerCase() === tag) === true;
}

function isAddress(asked: string | undefined, address: string): boolean {
  if (asked === undefined) return true;
  const plain = asked.toLowerCase();
  return plain.startsWith('@') ? domainOf(address) === plain.slice(1) : address === plain;
}

const holds = (text: string, asked: string | undefined): boolean =>
  asked === undefined || comparable(text).includes(comparable(asked).replace(/\*$/, ''));

/** How far in the ledger traces are made: what came later is not found yet. */
export function* tracedTo(): Transaction<number> {
  return (yield* row<{ seq: number }>('select seq from events.trace_mark')).seq;
}
