/** The event ledger for callers: a journey in words, the newest events, and the stream. An organisation sees the events that are its own. */
import type { FastifyReply } from 'fastify';
import type { ServerResponse } from 'node:http';
import { sleep } from '../../base/clock.ts';
import type { OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { journeyOf, withoutEchoes } from '../../events/journey.ts';
import type { LedgerEvent } from '../../events/ledger.ts';
import type { EventReader, HttpParts } from '../parts.ts';
import type { Journey } from './contract-mail.ts';

/** Streams of this thread at once: each reads the ledger a few times a second. */
const streamsMax = 50;
const pollMs = 300;
const heartbeatMs = 15_000;
const eventsAtOnce = 500;
const foundMax = 20;
/** The newest events are looked for among so many, when most are another organisation's. */
const lookBackMax = 20_000;

interface JourneyAsked {
  readonly q: string;
  readonly language?: 'en' | 'ja';
  readonly limit?: number;
}

const isSeenBy = (org: OrgId | undefined) => (event: LedgerEvent) => org === undefined || event.org === org;

export async function tellJourney(
  { events, meaning }: Pick<HttpParts, 'events' | 'meaning'>,
  org: OrgId | undefined,
  { q, language = 'en', limit = foundMax }: JourneyAsked,
): Promise<Journey> {
  const result = await events.search(q, limit);
  if (result.is === 'several') return { is: 'several', found: await seenOf(events, org, result.found) };
  const seen = org === undefined ? withoutEchoes(result.events) : result.events.filter(isSeenBy(org));
  if (seen.length === 0) return { is: 'several', found: [] };
  const steps = journeyOf(seen, language, meaning).map((step) => ({ ...step, details: [...step.details] }));
  return { is: 'message', message: seen[0]!.message, steps, events: seen };
}

/** Of several messages, those that have an event the organisation may see. */
async function seenOf(
  events: EventReader,
  org: OrgId | undefined,
  found: readonly { message: string; at: number }[],
): Promise<{ message: string; at: number }[]> {
  if (org === undefined) return [...found];
  const seen: { message: string; at: number }[] = [];
  for (const each of found) {
    const result = await events.search(each.message, 1);
    if (result.is === 'message' && result.events.some(isSeenBy(org))) seen.push(each);
  }
  return seen;
}

/** The newest `count` events that the organisation may see, oldest first. */
export async function latest(
  events: EventReader,
  org: OrgId | undefined,
  count: number,
): Promise<LedgerEvent[]> {
  if (count === 0) return [];
  const end = await events.end();
  const found: LedgerEvent[] = [];
  let before = end + 1;
  for (let looked = 0; looked < lookBackMax && before > 1 && found.length < count; looked += eventsAtOnce) {
    const from = Math.max(0, before - 1 - eventsAtOnce);
    const chunk = await events.after(from, eventsAtOnce);
    const limit = before;
    found.unshift(...chunk.filter((event) => event.seq < limit && isSeenBy(org)(event)));
    before = from + 1;
  }
  return found.slice(-count);
}

/** What of it is wanted: all that is named must fit. */
interface StreamFilter {
  readonly kinds?: readonly string[];
  readonly message?: string;
  /** Exact address, or `@domain`. */
  readonly recipient?: string;
}

interface Following {
  readonly reply: FastifyReply;
  readonly org: OrgId | undefined;
  readonly filter?: StreamFilter;
  readonly after: number | undefined;
  readonly stopping: AbortSignal;
}

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

let streams = 0;

interface Asked {
  readonly reply: FastifyReply;
  readonly org: OrgId | undefined;
  readonly query: {
    readonly after?: number;
    readonly kinds?: string;
    readonly message?: string;
    readonly recipient?: string;
  };
  /** `Last-Event-ID` of a client that comes back. */
  readonly lastId: string | string[] | undefined;
  readonly stopping: AbortSignal;
}

export async function followAsked(
  parts: HttpParts,
  { reply, org, query, lastId, stopping }: Asked,
): Promise<void> {
  const { kinds, message, recipient } = query;
  const seen = typeof lastId === 'string' && /^\d{1,15}$/.test(lastId) ? Number(lastId) : query.after;
  const filter = {
    ...(kinds !== undefined && { kinds: kinds.split(',') }),
    ...(message !== undefined && { message }),
    ...(recipient !== undefined && { recipient }),
  };
  await follow(parts, { reply, org, filter, after: seen, stopping });
}

/** Server-sent events until the client goes or the server stops. A client that does not read is waited for, not buffered for. */
async function follow(
  parts: HttpParts,
  { reply, org, filter = {}, after, stopping }: Following,
): Promise<void> {
  if (streams >= streamsMax) throw new Refusal('rateLimited', 'too many streams');
  streams += 1;
  try {
    const start = after ?? (await parts.events.end());
    reply.hijack();
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort());
    reply.raw.writeHead(200, streamHeaders);
    await pump(parts, {
      out: reply.raw,
      org,
      filter,
      start,
      until: AbortSignal.any([gone.signal, stopping]),
    });
    reply.raw.end();
  } catch (error) {
    if (!reply.raw.headersSent) throw error;
    reply.raw.destroy();
  } finally {
    streams -= 1;
  }
}

interface Pump {
  readonly out: ServerResponse;
  readonly org: OrgId | undefined;
  readonly filter: StreamFilter;
  readonly start: number;
  readonly until: AbortSignal;
}

async function pump({ events, clock }: HttpParts, { out, org, filter, start, until }: Pump): Promise<void> {
  let seen = start;
  let saidAtMs = clock.monotonicMs();
  out.write(': here\n\n');
  while (!until.aborted) {
    const found = await events.after(seen, eventsAtOnce);
    seen = found.at(-1)?.seq ?? seen;
    const mine = found.filter((event) => isSeenBy(org)(event) && isWanted(filter, event));
    const quiet = mine.length === 0 && clock.monotonicMs() - saidAtMs >= heartbeatMs;
    const text = quiet
      ? ': still here\n\n'
      : mine.map((event) => `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`).join('');
    if (text !== '') {
      saidAtMs = clock.monotonicMs();
      if (!out.write(text)) await drained(out, until);
    }
    if (found.length < eventsAtOnce) await sleep(clock, pollMs, until).catch(() => undefined);
  }
}

function isWanted({ kinds, message, recipient }: StreamFilter, event: LedgerEvent): boolean {
  if (kinds !== undefined && !kinds.includes(event.is)) return false;
  if (message !== undefined && event.message !== message) return false;
  if (recipient === undefined) return true;
  const asked = recipient.toLowerCase();
  const told = event.recipient.toLowerCase();
  return asked.startsWith('@') ? told.endsWith(asked) : told === asked;
}

const rowsEveryMs = 2000;

interface RowStream {
  readonly reply: FastifyReply;
  readonly stopping: AbortSignal;
  readonly read: () => Promise<unknown>;
}

/** What `read` gives every two seconds, as an event each; a client that does not read is waited for. */
export async function streamRows(
  { clock }: Pick<HttpParts, 'clock'>,
  { reply, stopping, read }: RowStream,
): Promise<void> {
  if (streams >= streamsMax) throw new Refusal('rateLimited', 'too many streams');
  streams += 1;
  try {
    let items = await read();
    reply.hijack();
    const gone = new AbortController();
    reply.raw.on('close', () => gone.abort());
    const until = AbortSignal.any([gone.signal, stopping]);
    reply.raw.writeHead(200, streamHeaders);
    while (!until.aborted) {
      if (!reply.raw.write(`data: ${JSON.stringify({ items })}\n\n`)) await drained(reply.raw, until);
      await sleep(clock, rowsEveryMs, until).catch(() => undefined);
      if (!until.aborted) items = await read();
    }
    reply.raw.end();
  } catch (error) {
    if (!reply.raw.headersSent) throw error;
    reply.raw.destroy();
  } finally {
    streams -= 1;
  }
}

function drained(out: ServerResponse, until: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    out.once('drain', resolve);
    until.addEventListener('abort', () => resolve(), { once: true });
  });
}
