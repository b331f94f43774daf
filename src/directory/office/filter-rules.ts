/** Administration of the filters of mail. */
import type { OrgId } from '../../base/ids.ts';
import { compileExpression } from '../../base/expression.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { FilterRules, OwnRule } from '../filter-rules.ts';
import { findFilterRules } from '../read/filter-rules.ts';
import { putFilterRules } from '../write/filter-rules.ts';
import { checkedDomain, type Office } from './office.ts';

const weightsMax = 1000;
const scores = ['mark', 'junk', 'quarantine', 'refuse'] as const;

export class FilterRulesOffice {
  readonly #office: Office;

  constructor(office: Office) {
    this.#office = office;
  }

  /** What is set for the organisation, without what the server has. */
  async get(org: OrgId): Promise<FilterRules> {
    return (await this.#office.store.read(() => findFilterRules(org))) ?? {};
  }

  async put(actor: Actor, org: OrgId, rules: FilterRules): Promise<FilterRules> {
    if (Object.keys(rules.weights ?? {}).length > weightsMax)
      throw new Refusal('limitReached', `at most ${weightsMax} weights`, { at: 'weights' });
    for (const name of Object.keys(rules.weights ?? {}))
      if (!/^[^\s,=]{1,200}$/.test(name))
        throw new Refusal('invalid', `${name} is no name of a rule`, { at: 'weights' });
    for (const at of scores)
      if (rules[at] !== null && rules[at] !== undefined && rules[at] <= 0)
        throw new Refusal('invalid', 'a score is above 0, or null for never', { at });
    const { rules: own, protectedDomains } = rules;
    own?.forEach((rule, i) => checkRule(rule, `rules.${i}`));
    const checked: FilterRules = {
      ...rules,
      ...(protectedDomains && {
        protectedDomains: protectedDomains.map((domain, i) => checkedDomain(domain, `protectedDomains.${i}`)),
      }),
    };
    await this.#office.write(putFilterRules, { change: this.#office.change(actor), org, rules: checked });
    return checked;
  }
}

function checkRule({ name, conditions }: OwnRule, at: string): void {
  if (!/^[A-Za-z0-9-]{1,60}$/.test(name))
    throw new Refusal('invalid', `${name} is no name of a rule`, { at });
  if (conditions.length === 0) throw new Refusal('invalid', 'a rule has a condition', { at });
  for (const { of, field, test, value } of conditions) {
    if ((of === 'header') !== (field !== undefined))
      throw new Refusal('invalid', 'a header has a name in field, and nothing else has', { at });
    const counts = test === 'above' || test === 'below';
    if ((of === 'size') !== counts) throw new Refusal('invalid', 'above and below are for size', { at });
    if (counts && !/^\d{1,12}$/.test(value))
      throw new Refusal('invalid', `${value} is no size in octets`, { at });
    const expression = test === 'matches' ? compileExpression(value) : undefined;
    if (expression && 'problem' in expression)
      throw new Refusal('invalid', `${value} is no expression: ${expression.problem}`, { at });
  }
}
