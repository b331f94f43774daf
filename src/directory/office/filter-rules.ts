/** Administration of the filters of mail. */
import type { OrgId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { Actor } from '../actor.ts';
import type { FilterRules } from '../filter-rules.ts';
import { findFilterRules } from '../read/filter-rules.ts';
import { putFilterRules } from '../write/filter-rules.ts';
import type { Office } from './office.ts';

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
    await this.#office.write(putFilterRules, { change: this.#office.change(actor), org, rules });
    return rules;
  }
}
