/** The rules that there are, each with its weight for an organisation. Those of outside engines have names and weights of their own, known when they speak. */
import type { Check } from './check.ts';
import { proofWeights } from './proof-findings.ts';
import { ownWeight, type VerdictRules } from './verdict.ts';

export interface ListedRule {
  readonly rule: string;
  readonly weight: number;
  /** The weight is not the one that the rule came with. */
  readonly changed: boolean;
}

export function listRules(
  checks: readonly Check[],
  { weights }: Pick<VerdictRules, 'weights'>,
): ListedRule[] {
  const known = Object.assign({}, proofWeights, ...checks.map(({ rules = {} }) => rules)) as Record<
    string,
    number
  >;
  return Object.entries(known)
    .map(([rule, weight]) => {
      const own = ownWeight(rule, weights) ?? weight;
      return { rule, weight: own, changed: own !== weight };
    })
    .toSorted((a, b) => (a.rule < b.rule ? -1 : 1));
}
