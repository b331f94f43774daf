/** Reading the embedded store from another process than the server's, while it runs: for `hikyaku check`. Cannot write. */
import type { Operation } from './operation.ts';
import { Reader } from './sqlite/reader.ts';

/** The part of a store that such a process has. */
export interface Scanner extends AsyncDisposable {
  scan<A, R>(operation: Operation<A, R>, args: A): Promise<R>;
}

export function openSqliteReader(folder: string): Scanner {
  const reader = new Reader(folder);
  return {
    scan: async (operation, args) => reader.run(operation.body(args)),
    [Symbol.asyncDispose]: async () => reader[Symbol.dispose](),
  };
}
