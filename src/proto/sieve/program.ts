/** A script that has been checked and can be run. */
import type { Command } from './language/definition.ts';
import type { Rule } from './language/scope.ts';

export interface Program {
  readonly body: Command;
  readonly rules: readonly Rule[];
  /** Capabilities that it uses, as it names them. */
  readonly requires: readonly string[];
  /** Octets of the source. */
  readonly sizeBytes: number;
}
