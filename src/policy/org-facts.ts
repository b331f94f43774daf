/** What checks know of an organisation that gets a mail. */
import type { OwnRule } from './own-rule.ts';

export interface OrgFacts {
  /** Its own, in A-labels. */
  readonly domains: readonly string[];
  /** Of others that its people trust: partners, banks. */
  readonly protectedDomains: readonly string[];
  /** Names in which nobody else may write to its people: those of its directors, of the company. */
  readonly protectedNames: readonly string[];
  readonly rules: readonly OwnRule[];
}

export type FactsOf = (org: string) => Promise<OrgFacts>;
