/** What happened at one place of a script, for whoever wants to know why it decided as it did. */
import type { Position } from './problem.ts';

export interface TraceStep {
  readonly at: Position;
  /** Scripts that are being included. */
  readonly depth: number;
  readonly what: string;
  /** Of a test. */
  readonly result?: boolean;
}
