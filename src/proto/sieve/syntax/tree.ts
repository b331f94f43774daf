/** A script as its grammar sees it (RFC 5228, 8.2): commands and tests with their arguments, not yet known to be any in particular. */
import type { Position } from '../problem.ts';

export interface StringNode {
  readonly is: 'string';
  /** Escapes and dot-stuffing undone. */
  readonly value: string;
  readonly at: Position;
}

export type ArgumentNode =
  | StringNode
  | { readonly is: 'list'; readonly items: readonly StringNode[]; readonly at: Position }
  | { readonly is: 'number'; readonly value: number; readonly at: Position }
  /** Lower case, without its colon. */
  | { readonly is: 'tag'; readonly name: string; readonly at: Position };

/** A test, or a command without its block. */
export interface CallNode {
  /** Lower case. */
  readonly name: string;
  readonly at: Position;
  readonly args: readonly ArgumentNode[];
  readonly tests: readonly CallNode[];
  /** The tests stood in parentheses. */
  readonly listed: boolean;
}

export interface CommandNode extends CallNode {
  /** Undefined when the command ended in a semicolon. */
  readonly block: readonly CommandNode[] | undefined;
  /** The comment right in front of the command, without its marks: mailers name rules there. */
  readonly comment: string;
}
