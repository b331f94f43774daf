/** The operations of faults.test.ts, in a module of their own as the writer thread loads them. */
import { operations as contractOperations } from '../contract-operations.ts';
import { operation } from '../operation.ts';
import { rows } from '../transaction.ts';

/** Kills the thread it runs in. */
export const die = operation('faults.die', function* () {
  yield* rows("insert into item (owner, id, n) values ('o', 'dying', 1)");
  process.exit(7);
});

export const operations = [...contractOperations, die];
