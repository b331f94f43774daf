/**
 * One round of an endpoint: some events, in chains of one message each, sent over a few connections at once; what came of it. Events of one message never
 * overtake one another: a chain stops at the first that is not taken. Pure but for what it is handed.
 */
import type { LedgerEvent } from '../../events/ledger.ts';
import type { WebAnswer } from '../../net/web-post.ts';
import { bodyOf, toldOf, type Body, type MessageFacts } from '../payload.ts';
import type { AttemptRow } from '../rows/settle.ts';

/** Requests to one endpoint at once. */
const lanes = 8;
/** Bytes of a request's body: a larger batch is cut. */
const bodyMaxBytes = 512 * 1024;
const excerptMaxChars = 300;

export interface RoundParts {
  readonly post: (body: Body) => Promise<WebAnswer>;
  readonly facts: (event: LedgerEvent) => MessageFacts | undefined;
  readonly batch: number;
  readonly nowMs: () => number;
  /** After so many requests in a row that failed the round ends. */
  readonly failuresMax: number;
  readonly stopping: AbortSignal;
}

/** What an answer means: taken; this event was not taken; the endpoint takes nothing now; it wants to be told nothing any more. */
type Verdict = 'taken' | 'refused' | 'away' | 'gone';

export interface RoundResult {
  readonly taken: ReadonlySet<number>;
  /** Not taken, with the answer. */
  readonly refused: ReadonlyMap<number, string>;
  /** The endpoint itself is in trouble; not before this time, if it said so. */
  readonly away: { readonly answer: string; readonly retryAtMs: number } | undefined;
  readonly gone: boolean;
  readonly failuresInRow: number;
  readonly attempts: readonly AttemptRow[];
}

interface State {
  readonly taken: Set<number>;
  readonly refused: Map<number, string>;
  readonly blocked: Set<string>;
  readonly attempts: AttemptRow[];
  failures: number;
  away: RoundResult['away'];
  gone: boolean;
}

export async function runRound(
  events: readonly LedgerEvent[],
  parts: RoundParts,
  failuresBefore: number,
): Promise<RoundResult> {
  const state: State = {
    taken: new Set(),
    refused: new Map(),
    blocked: new Set(),
    attempts: [],
    failures: failuresBefore,
    away: undefined,
    gone: false,
  };
  // A troubled endpoint is asked one thing, not eight.
  const width = failuresBefore > 0 ? 1 : lanes;
  await Promise.all(lanesOf(events, width).map((lane) => runLane(lane, parts, state)));
  const { taken, refused, away, gone, failures, attempts } = state;
  return { taken, refused, away, gone, failuresInRow: failures, attempts };
}

/** Events of one message are in one lane, in their order. */
function lanesOf(events: readonly LedgerEvent[], width: number): LedgerEvent[][] {
  const found: LedgerEvent[][] = Array.from({ length: width }, () => []);
  const of = new Map<string, LedgerEvent[]>();
  let next = 0;
  for (const event of events) {
    let lane = event.message === '' ? undefined : of.get(event.message);
    if (!lane) {
      lane = found[next++ % width]!;
      if (event.message !== '') of.set(event.message, lane);
    }
    lane.push(event);
  }
  return found.filter((lane) => lane.length > 0);
}

async function runLane(lane: readonly LedgerEvent[], parts: RoundParts, state: State): Promise<void> {
  let rest = lane;
  while (rest.length > 0 && !parts.stopping.aborted && !state.away && !state.gone) {
    const ready = rest.filter((event) => event.message === '' || !state.blocked.has(event.message));
    if (ready.length === 0) return;
    const { sent, told } = nextBatch(ready, parts);
    rest = ready.slice(sent.length);
    const body = bodyOf(told, parts.batch > 1);
    const atMs = parts.nowMs();
    const answer = await parts.post(body);
    note(state, { sent, body, atMs, answer, ms: parts.nowMs() - atMs });
    judge(state, sent, answer, parts);
  }
}

function nextBatch(ready: readonly LedgerEvent[], { batch, facts }: RoundParts) {
  const told = [toldOf(ready[0]!, facts(ready[0]!))];
  let bytes = JSON.stringify(told[0]).length;
  while (told.length < Math.min(batch, ready.length)) {
    const event = ready[told.length]!;
    const next = toldOf(event, facts(event));
    bytes += JSON.stringify(next).length;
    if (bytes > bodyMaxBytes) break;
    told.push(next);
  }
  return { told, sent: ready.slice(0, told.length) };
}

interface Sent {
  readonly sent: readonly LedgerEvent[];
  readonly body: Body;
  readonly atMs: number;
  readonly ms: number;
  readonly answer: WebAnswer;
}

function note(state: State, { sent, body, atMs, ms, answer }: Sent): void {
  state.attempts.push({
    at: atMs,
    id: body.id,
    first_seq: sent[0]!.seq,
    count: sent.length,
    status: answer.is === 'answer' ? answer.status : 0,
    ms,
    answer: answerText(answer),
  });
}

/** Control characters would reach the terminals of those who look. */
export function answerText(answer: WebAnswer): string {
  if (answer.is === 'failure') return `${answer.reason}: ${answer.code}`;
  // oxlint-disable-next-line no-control-regex
  const text = answer.body
    .toString('utf8')
    .replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ')
    .trim();
  return text.slice(0, excerptMaxChars);
}

function verdictOf(answer: WebAnswer): Verdict {
  if (answer.is === 'failure')
    return answer.reason === 'timeout' || answer.reason === 'broken' ? 'refused' : 'away';
  const { status } = answer;
  if (status >= 200 && status < 300) return 'taken';
  if (status === 410) return 'gone';
  return status === 429 || status === 503 ? 'away' : 'refused';
}

function judge(state: State, sent: readonly LedgerEvent[], answer: WebAnswer, parts: RoundParts): void {
  const verdict = verdictOf(answer);
  const said = answer.is === 'answer' ? `${answer.status} ${answerText(answer)}`.trim() : answerText(answer);
  if (verdict === 'taken') {
    state.failures = 0;
    for (const { seq } of sent) state.taken.add(seq);
    return;
  }
  state.failures += 1;
  if (verdict === 'gone') state.gone = true;
  if (verdict === 'away' || state.failures >= parts.failuresMax)
    state.away ??= { answer: said, retryAtMs: retryAt(answer, parts.nowMs()) };
  if (verdict !== 'refused') return;
  for (const { seq, message } of sent) {
    state.refused.set(seq, said);
    if (message !== '') state.blocked.add(message);
  }
}

const retryAfterMaxMs = 4 * 3_600_000;

/** RFC 9110, 10.2.3. */
function retryAt(answer: WebAnswer, nowMs: number): number {
  const value = answer.is === 'answer' ? answer.headers['retry-after'] : undefined;
  if (value === undefined) return 0;
  const atMs = /^\d{1,6}$/.test(value) ? nowMs + Number(value) * 1000 : Date.parse(value);
  return Number.isNaN(atMs) ? 0 : Math.min(atMs, nowMs + retryAfterMaxMs);
}
