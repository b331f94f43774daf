/** From findings to what is done with a mail: for each organisation by the sum of the weights and its thresholds. Pure. */
import type { Action, FailurePolicy, Finding } from './check.ts';

/** The score from which on something is done; null: never for a score. */
export interface Thresholds {
  readonly mark: number | null;
  readonly junk: number | null;
  readonly quarantine: number | null;
  readonly refuse: number | null;
}

/** Settings that an organisation may have otherwise than the server. */
export interface VerdictRules extends Thresholds {
  /** Weights of rules that are not those that the rules came with; 0 switches one off. By name, or `prefix.*`. */
  readonly weights: Readonly<Record<string, number>>;
  /** How long mail is kept in quarantine. */
  readonly quarantineDays: number;
}

export const verdictDefaults: VerdictRules = {
  mark: 4,
  junk: 6,
  quarantine: null,
  refuse: 15,
  weights: {},
  quarantineDays: 14,
};

/** A check that could not do its work. */
export interface Failure {
  readonly check: string;
  readonly why: string;
  readonly policy: FailurePolicy;
}

export interface Verdict {
  readonly org: string;
  readonly action: Action;
  readonly score: number;
  /** The threshold that was reached, or else of what is done first. */
  readonly threshold: number | null;
  /** As a part of 1, which is where mail is spam for sure (RFC 5235, 2). */
  readonly ratio: number;
  /** Of this organisation, with the weights it gives them; the weightiest first. */
  readonly findings: readonly Finding[];
  /** How long it is kept, if it goes into quarantine. */
  readonly quarantineDays: number;
  /** What decided, if it was not the sum. */
  readonly decisive?: Finding;
}

const strength: Readonly<Record<Action, number>> = {
  accept: 0,
  mark: 1,
  junk: 2,
  quarantine: 3,
  defer: 4,
  refuse: 5,
};

export const stronger = (a: Action, b: Action): Action => (strength[a] >= strength[b] ? a : b);

export function judge(
  org: string,
  { findings, failures }: { readonly findings: readonly Finding[]; readonly failures: readonly Failure[] },
  rules: VerdictRules,
): Verdict {
  const own = findings
    .filter((finding) => finding.org === undefined || finding.org === org)
    .map((finding) => weighed(finding, rules.weights))
    .toSorted((a, b) => b.weight - a.weight);
  const score = rounded(own.reduce((sum, { weight }) => sum + weight, 0));
  const reached = byScore(score, rules);
  const failed = failures.map(({ policy }) => policy).reduce<Action>(stronger, 'accept');
  const decisive = own
    .filter(({ action }) => action !== undefined)
    .toSorted((a, b) => strength[b.action!] - strength[a.action!])[0];
  const least = stronger(failed, decisive?.action ?? 'accept');
  const action = stronger(reached, least);
  const decides = decisive !== undefined && decisive.action === action && reached !== action;
  return {
    org,
    action,
    score,
    threshold: reached === 'accept' ? firstThreshold(rules) : rules[reached],
    ratio: ratioOf(score, rules),
    findings: own,
    quarantineDays: rules.quarantineDays,
    ...(decides && { decisive }),
  };
}

/** A rule that is switched off decides nothing either. */
function weighed(finding: Finding, weights: VerdictRules['weights']): Finding {
  const weight = ownWeight(finding.rule, weights);
  if (weight === undefined) return finding;
  const { action: _, ...rest } = finding;
  return weight === 0 ? { ...rest, weight } : { ...finding, weight };
}

/** `a.b.c` is found as `a.b.c`, `a.b.*` or `a.*`. */
export function ownWeight(rule: string, weights: VerdictRules['weights']): number | undefined {
  if (Object.hasOwn(weights, rule)) return weights[rule];
  for (let dot = rule.lastIndexOf('.'); dot > 0; dot = rule.lastIndexOf('.', dot - 1)) {
    const group = `${rule.slice(0, dot)}.*`;
    if (Object.hasOwn(weights, group)) return weights[group];
  }
  return undefined;
}

type Graded = keyof Thresholds;
const grades: readonly Graded[] = ['refuse', 'quarantine', 'junk', 'mark'];

function byScore(score: number, thresholds: Thresholds): Graded | 'accept' {
  return grades.find((grade) => thresholds[grade] !== null && score >= thresholds[grade]) ?? 'accept';
}

const firstThreshold = (thresholds: Thresholds): number | null =>
  grades.map((grade) => thresholds[grade]).findLast((value) => value !== null) ?? null;

/** 1 where mail would be refused; where none is for its score, at twice the score of what goes into Junk. */
function ratioOf(score: number, { refuse, quarantine, junk, mark }: Thresholds): number {
  const sure = refuse ?? quarantine ?? (junk ?? mark ?? 5) * 2;
  return sure <= 0 ? 1 : Math.min(1, Math.max(0, score / sure));
}

/** Sums of tenths are shown as people add them up. */
const rounded = (score: number): number => Math.round(score * 1000) / 1000;

/** Mail of our own users is marked for nobody and put into nobody's Junk: it goes, waits for somebody to look at it, or is refused. */
export const leaving = (verdict: Verdict): Verdict =>
  verdict.action === 'mark' || verdict.action === 'junk' ? { ...verdict, action: 'accept' } : verdict;

/**
 * What is done with the mail as a whole. It is refused or put off only where everybody wants that; where some do not, it is kept for
 * the others in their quarantine.
 */
export function settle(verdicts: readonly Verdict[]): readonly Verdict[] {
  const turnedAway = (action: Action): boolean => action === 'refuse' || action === 'defer';
  if (verdicts.every(({ action }) => turnedAway(action))) return verdicts;
  return verdicts.map((verdict) =>
    turnedAway(verdict.action) ? { ...verdict, action: 'quarantine' } : verdict,
  );
}
