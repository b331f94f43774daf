/** A script as it is kept: whose it is, its name, when it runs. */
import type { AccountId, OrgId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { compileScript } from '../proto/sieve/compile.ts';
import type { Problem } from '../proto/sieve/problem.ts';
import type { Program, Rule } from '../proto/sieve/program.ts';

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

/** A script to run. */
export interface RunnableScript {
  readonly owner: string;
  readonly name: string;
  readonly stage: Stage;
  readonly source: Uint8Array;
  /** `large`: it is compiled where it is run, in the workshop. Undefined: it cannot be compiled any more, as when a capability is gone. */
  readonly program: Program | 'large' | undefined;
}

/** Compiling more than this takes longer than a thread that serves others may stand still. */
const largeBytes = 64 * 1024;

export const isLarge = (source: Uint8Array): boolean => source.length > largeBytes;

/** A script that was looked at. */
export type Checked =
  | { readonly is: 'sound'; readonly warnings: readonly Problem[]; readonly rules: readonly Rule[] }
  | { readonly is: 'unsound'; readonly problems: readonly Problem[] };

export function checkSource(source: Uint8Array): Checked {
  const compiled = compileScript(source);
  if (compiled.is === 'problems') return { is: 'unsound', problems: compiled.problems };
  return { is: 'sound', warnings: compiled.warnings, rules: compiled.program.rules };
}

export function programOf(source: Uint8Array): Program | undefined {
  const compiled = compileScript(source);
  return compiled.is === 'program' ? compiled.program : undefined;
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
