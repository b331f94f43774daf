/** A script that has been checked and can be run. */
import type { Command } from './language/definition.ts';

/** A rule as a person sees it: a top-level command that decides something. */
export interface Rule {
  readonly line: number;
  /** From the comment in front (`# rule:[Name]`), or `''`. */
  readonly name: string;
}

export interface Program {
  readonly body: Command;
  readonly rules: readonly Rule[];
  /** Capabilities that it uses, as it names them. */
  readonly requires: readonly string[];
  readonly source: Uint8Array;
}
