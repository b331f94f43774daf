/**
 * Tells one endpoint what happens, round after round. A round takes what is parked and due, else the next events of the ledger; it ends with one transaction that moves
 * the endpoint on. A crash in between tells the events of the round again, with the same ids.
 *
 * What the endpoint refuses is parked with all that follows of the same message, and tried again by itself for three days, then given up to the list of dead events. When the endpoint
 * itself is away nothing is parked: its place in the ledger stays, and it is tried again with growing waits. Away for three days, it is paused and its owner is told.
 */
import type { Clock } from '../../base/clock.ts';
import { randomFraction } from '../../base/ids.ts';
import type { LedgerEvent } from '../../events/ledger.ts';
import type { WebAnswer } from '../../net/web-post.ts';
import type { Store } from '../../store/store.ts';
import { retryForMs, waitMs, wantsKind, type Endpoint } from '../endpoint.ts';
import type { Body, MessageFacts } from '../payload.ts';
import { parkedOf, settleWebhook, type Parked, type ParkedRow, type Settlement } from '../rows/settle.ts';
import type { LedgerPages } from './ledger-pages.ts';
import { runRound, type RoundResult } from './round.ts';

/** Parked events of one endpoint: with more the endpoint counts as away, and its place in the ledger waits. */
export const parkedMax = 2000;
const failuresMax = 5;
const roundEvents = 500;
/** Too much is parked: looked at again after this. */
const crowdedMs = 60_000;

export interface RunnerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly pages: LedgerPages;
  readonly post: (endpoint: Endpoint, body: Body) => Promise<WebAnswer>;
  readonly paused: (endpoint: Endpoint, reason: 'failing' | 'gone', answer: string) => void;
  readonly counted: (taken: number, refused: number) => void;
  readonly stopping: AbortSignal;
}

/** How the round went: there may be more at once; nothing to do until a time; the endpoint is another's now, or paused. */
export type Went =
  | { readonly is: 'more' }
  | { readonly is: 'wait'; readonly untilMs: number }
  | { readonly is: 'over' };

export class Runner {
  readonly #parts: RunnerParts;
  readonly epoch: number;
  #endpoint: Endpoint;
  #failures: number;

  constructor(parts: RunnerParts, endpoint: Endpoint, epoch: number) {
    this.#parts = parts;
    this.#endpoint = endpoint;
    this.epoch = epoch;
    this.#failures = endpoint.tries > 0 ? failuresMax : 0;
  }

  get endpoint(): Endpoint {
    return this.#endpoint;
  }

  async step(): Promise<Went> {
    const { clock, store } = this.#parts;
    const nowMs = clock.nowMs();
    if (this.#endpoint.nextTryAtMs > nowMs) return { is: 'wait', untilMs: this.#endpoint.nextTryAtMs };
    const parked = await store.read(() => parkedOf(this.#endpoint.id, nowMs, parkedMax + 1));
    if (parked.due.length > 0) return this.#retry(parked, nowMs);
    return this.#goOn(parked, nowMs);
  }

  /** What was parked, the oldest of each message first. */
  async #retry(parked: Parked, nowMs: number): Promise<Went> {
    const due = new Map(parked.due.slice(0, roundEvents).map((row) => [row.seq, row]));
    const events = await this.#parts.pages.these([...due.keys()]);
    const here = new Set(events.map(({ seq }) => seq));
    const result = await this.#round(events);
    const lost = [...due.keys()].filter((seq) => !here.has(seq));
    const again: ParkedRow[] = [];
    const dead: (ParkedRow & { at: number })[] = [];
    for (const row of due.values()) {
      const said = result.refused.get(row.seq);
      if (said === undefined) continue;
      const tried = { ...row, tries: row.tries + 1, last: said };
      if (nowMs - row.first_at >= retryForMs) dead.push({ ...tried, at: nowMs });
      else again.push({ ...tried, next_try: nowMs + waitMs(tried.tries, randomFraction()) });
    }
    const settled = [...result.taken, ...lost];
    return this.#settle({ parked: again, settled, dead }, this.#endpoint.cursor, result);
  }

  async #goOn(parked: Parked, nowMs: number): Promise<Went> {
    const { pages } = this.#parts;
    const { events, end } = await pages.after(this.#endpoint.cursor);
    if (events.length === 0) return { is: 'wait', untilMs: 0 };
    if (parked.count > parkedMax) return { is: 'wait', untilMs: nowMs + crowdedMs };
    const ours = events.filter((event) => this.#isOurs(event));
    const facts = await pages.facts(ours);
    const wanted = ours.filter((event) => this.#isWanted(facts(event)));
    const blocked = new Set(parked.messages);
    const result = await this.#round(
      wanted.filter(({ message }) => !blocked.has(message)),
      facts,
    );
    const { toPark, position } = follow(wanted, { result, blocked, end, nowMs });
    return this.#settle({ parked: toPark, settled: [], dead: [] }, position, result);
  }

  #isOurs(event: LedgerEvent): boolean {
    const { org, settings } = this.#endpoint;
    return (org === '' || event.org === org) && wantsKind(settings, event.is);
  }

  #isWanted(facts: MessageFacts | undefined): boolean {
    const { streams, tags } = this.#endpoint.settings;
    if (streams.length > 0 && !streams.includes(facts?.labels.stream ?? '')) return false;
    return tags.length === 0 || facts?.labels.tags?.some((tag) => tags.includes(tag)) === true;
  }

  async #round(
    events: readonly LedgerEvent[],
    known?: (event: LedgerEvent) => MessageFacts | undefined,
  ): Promise<RoundResult> {
    const { pages, post, clock, stopping } = this.#parts;
    const facts = known ?? (await pages.facts(events));
    const endpoint = this.#endpoint;
    const result = await runRound(
      events,
      {
        post: (body) => post(endpoint, body),
        facts,
        batch: endpoint.settings.batch,
        nowMs: () => clock.nowMs(),
        failuresMax,
        stopping,
      },
      this.#failures,
    );
    this.#failures = result.failuresInRow;
    this.#parts.counted(result.taken.size, result.refused.size);
    return result;
  }

  async #settle(
    rows: Pick<Settlement, 'parked' | 'settled' | 'dead'>,
    position: number,
    result: RoundResult,
  ): Promise<Went> {
    const { store, clock, paused } = this.#parts;
    const nowMs = clock.nowMs();
    const { away, gone, attempts } = result;
    const before = this.#endpoint;
    const failed = away !== undefined && result.taken.size === 0;
    const failingSince = failed
      ? before.failingSinceMs || nowMs
      : attempts.length === 0
        ? before.failingSinceMs
        : 0;
    const tries = failed ? before.tries + 1 : attempts.length === 0 ? before.tries : 0;
    const wait = nowMs + waitMs(Math.max(1, tries), randomFraction());
    const nextTry = away ? Math.max(wait, away.retryAtMs) : 0;
    const pause = gone ? 'gone' : failed && nowMs - failingSince >= retryForMs ? 'failing' : '';
    const mine = await store.write(settleWebhook, {
      endpoint: before.id,
      epoch: this.epoch,
      position,
      failingSince,
      nextTry,
      tries,
      pause,
      ...rows,
      attempts,
    });
    if (!mine) return { is: 'over' };
    this.#endpoint = {
      ...before,
      cursor: position,
      failingSinceMs: failingSince,
      nextTryAtMs: nextTry,
      tries,
    };
    if (pause !== '') {
      paused(this.#endpoint, pause, away?.answer ?? '410');
      return { is: 'over' };
    }
    return nextTry > nowMs ? { is: 'wait', untilMs: nextTry } : { is: 'more' };
  }
}

interface Followed {
  readonly result: RoundResult;
  /** Messages of which something is parked already. */
  readonly blocked: ReadonlySet<string>;
  readonly end: number;
  readonly nowMs: number;
}

/** How far the endpoint has come, and what is parked up to there. What it took beyond is told again, with the same ids. */
function follow(wanted: readonly LedgerEvent[], { result, blocked, end, nowMs }: Followed) {
  const waiting = new Set(blocked);
  const toPark: ParkedRow[] = [];
  for (const { seq, message } of wanted) {
    if (result.taken.has(seq)) continue;
    const said = result.refused.get(seq);
    if (said === undefined && !waiting.has(message)) return { toPark, position: seq - 1 };
    if (message !== '') waiting.add(message);
    const row = { seq, message, first_at: nowMs, next_try: nowMs + waitMs(1, randomFraction()) };
    toPark.push({ ...row, tries: said === undefined ? 0 : 1, last: said ?? '' });
  }
  return { toPark, position: end };
}
