/** The operations of the program by name. Two of one name are a mistake that must not pass start-up. */
import type { AnyOperation } from '../operation.ts';

export function operationsByName(operations: readonly AnyOperation[]): ReadonlyMap<string, AnyOperation> {
  const byName = new Map<string, AnyOperation>();
  for (const operation of operations) {
    if (byName.has(operation.name)) throw new Error(`two operations are called ${operation.name}`);
    byName.set(operation.name, operation);
  }
  return byName;
}
