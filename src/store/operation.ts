/**
 * An operation is a transaction with a name, so that it can cross to the writer thread as `{ name, args }`. Each part
 * lists its own in `<part>/operations.ts`; `app` gathers the lists. Arguments and results must survive a structured clone.
 */
import type { Transaction } from './transaction.ts';

export interface Operation<A, R> {
  /** `<part>.<verb>`: unique in the program. */
  readonly name: string;
  readonly body: (args: A) => Transaction<R>;
  /**
   * Goes on when storage is nearly full and new mail is refused: what settles, deletes or records an outcome, so that space can come back.
   */
  readonly essential?: boolean;
}

export function operation<A, R>(
  name: string,
  body: (args: A) => Transaction<R>,
  options?: { essential: boolean },
): Operation<A, R> {
  return { name, body, ...options };
}

// Lists of operations of different shapes; arguments are checked where an operation is called by its own constant.
export type AnyOperation = Operation<never, unknown>;
