/** A script as it is kept: whose it is, its name, when it runs. */
import type { AccountId, OrgId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { Problem } from '../proto/sieve/problem.ts';

/** Scripts of a person, and those that administrators write for a domain, an organisation, or all mail of the server. */
export type ScriptOwner =
  | { readonly is: 'account'; readonly id: AccountId }
  /** Also by its organisation: who gets the domain later does not get the scripts. */
  | { readonly is: 'domain'; readonly org: OrgId; readonly name: string }
  | { readonly is: 'org'; readonly id: OrgId }
  | { readonly is: 'server' };

/** When a script runs: `active` is the one of an account; `before` and `after` are around it. `''`: only when another includes it. */
export type Stage = '' | 'active' | 'before' | 'after';

export interface ScriptInfo {
  readonly name: string;
  readonly stage: Stage;
  readonly sizeBytes: number;
  readonly changedAtMs: number;
}

export interface StoredScript extends ScriptInfo {
  readonly source: Uint8Array;
}

/** As rows and hints name an owner. */
export function ownerKey(owner: ScriptOwner): string {
  switch (owner.is) {
    case 'account':
      return `account:${owner.id}`;
    case 'domain':
      return `domain:${owner.org}/${owner.name}`;
    case 'org':
      return `org:${owner.id}`;
    default:
      return 'server';
  }
}

/** The script has errors: it is not stored. */
export class ScriptRefusal extends Refusal {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super('invalid', `${problems.length} problems in a script`, { at: 'script' });
    this.problems = problems;
  }
}
