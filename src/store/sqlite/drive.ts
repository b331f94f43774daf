/**
 * Runs the body of a transaction on a connection, synchronously, from its first statement to its result. A failed statement ends the
 * body there and then, on both engines: it is not thrown into the generator (on PostgreSQL the transaction is lost anyway).
 */
import { addHint, type HintSet } from '../core/hints.ts';
import type { Row, Step, Transaction } from '../transaction.ts';
import type { Statements } from './statements.ts';

export function drive<R>(statements: Statements, body: Transaction<R>, hints: HintSet): R {
  let step = body.next();
  while (!step.done) step = body.next(answerTo(statements, step.value, hints));
  return step.value;
}

type Answer = readonly Row[] | readonly (readonly Row[])[] | undefined;

function answerTo(statements: Statements, step: Step, hints: HintSet): Answer {
  if ('sql' in step) return statements.run(step);
  if ('hint' in step) {
    addHint(hints, step.hint, step.key);
    return undefined;
  }
  const answers: (readonly Row[])[] = [];
  for (const statement of step) answers.push(statements.run(statement));
  return answers;
}
