/**
 * The path to `p=reject`: whether mail of a domain that is not proven to be its own may be refused, by what reports of others say. Pure.
 *
 * Safe when reports of enough days by more than one receiver show that all senders that are the domain's prove it. Sources that prove nothing are what reject is for;
 * but one that sends much is named, as it may be a sender that nobody thought of.
 */
import type { Coverage } from './rows/received.ts';
import type { NamedSource, SourceKind } from './source-kind.ts';

export type Policy = 'none' | 'quarantine' | 'reject';

export interface PathQuestion {
  readonly coverage: Coverage;
  readonly sources: readonly NamedSource[];
  /** What the domain asks for now; undefined: it has no record, or DNS does not tell. */
  readonly policy: Policy | undefined;
  /** `t=y`: asks for less than it says. */
  readonly testing: boolean;
}

export type Obstacle =
  | { readonly is: 'noRecord' }
  | { readonly is: 'noReports' }
  | { readonly is: 'fewDays'; readonly days: number; readonly wanted: number }
  | { readonly is: 'oneReporter' }
  | { readonly is: 'oldReports'; readonly days: number }
  /** A source of the domain whose mail would be refused. */
  | { readonly is: 'source'; readonly kind: SourceKind; readonly sourceIp: string; readonly failed: number }
  /** Sends so much without proving anything that somebody should know it. */
  | { readonly is: 'unknownMuch'; readonly sourceIp: string; readonly failed: number };

export interface PathAnswer {
  readonly safe: boolean;
  readonly obstacles: readonly Obstacle[];
  /** What to publish next; undefined: nothing, as it is reject already, or not yet. */
  readonly next: 'p=none' | 'p=quarantine' | 'p=reject' | undefined;
  /** Messages in these days that would have been refused, by who sends them. */
  readonly refused: Readonly<Record<SourceKind, number>>;
  readonly days: number;
}

const daysMin = 14;
const oldAfterDays = 5;
const dayMs = 86_400_000;
/** Of a sender's mail that fails now and then, as by a message that was changed on its way. */
const sparedShare = 0.01;
const sparedMessages = 5;
/** Of all mail in the domain's name. */
const muchShare = 0.2;
const muchMessages = 20;
const obstaclesMax = 50;

export function pathToReject(question: PathQuestion, nowMs: number): PathAnswer {
  const { coverage, sources, policy, testing } = question;
  const days = coverage.reports === 0 ? 0 : Math.round((coverage.lastAtMs - coverage.firstAtMs) / dayMs);
  const obstacles = [...obstaclesOf(question, days, nowMs)].slice(0, obstaclesMax);
  const safe = obstacles.length === 0;
  return { safe, obstacles, next: nextOf({ safe, policy, testing }), refused: refusedBy(sources), days };
}

function* obstaclesOf(
  { coverage, sources, policy }: PathQuestion,
  days: number,
  nowMs: number,
): Generator<Obstacle> {
  if (policy === undefined) yield { is: 'noRecord' };
  if (coverage.reports === 0) {
    yield { is: 'noReports' };
    return;
  }
  if (days < daysMin) yield { is: 'fewDays', days, wanted: daysMin };
  if (coverage.reporters < 2) yield { is: 'oneReporter' };
  const age = Math.floor((nowMs - coverage.lastAtMs) / dayMs);
  if (age > oldAfterDays) yield { is: 'oldReports', days: age };
  for (const { kind, sourceIp, messages, passed } of sources) {
    const failed = messages - passed;
    if (failed === 0) continue;
    if (kind === 'own' || kind === 'partly' || kind === 'service') {
      const spared = Math.max(sparedMessages, messages * sparedShare);
      if (kind === 'service' || failed > spared) yield { is: 'source', kind, sourceIp, failed };
    } else if (kind === 'unknown' && failed >= muchMessages && failed > coverage.messages * muchShare)
      yield { is: 'unknownMuch', sourceIp, failed };
  }
}

/** One step at a time: each shows in the reports before the next (RFC 9989, 7.4). */
function nextOf({
  safe,
  policy,
  testing,
}: {
  safe: boolean;
  policy: Policy | undefined;
  testing: boolean;
}): PathAnswer['next'] {
  if (policy === undefined) return 'p=none';
  if (!safe || (policy === 'reject' && !testing)) return undefined;
  if (policy === 'none') return 'p=quarantine';
  if (policy === 'quarantine') return testing ? 'p=quarantine' : 'p=reject';
  return 'p=reject';
}

function refusedBy(sources: readonly NamedSource[]): Record<SourceKind, number> {
  const refused: Record<SourceKind, number> = {
    own: 0,
    aligned: 0,
    partly: 0,
    service: 0,
    forwarder: 0,
    unknown: 0,
  };
  for (const { kind, messages, passed } of sources) refused[kind] += messages - passed;
  return refused;
}
