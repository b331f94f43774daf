/** Secrets of the server itself, the same for all its nodes. */
import { operation } from '../../store/operation.ts';
import { row, rows, type Transaction } from '../../store/transaction.ts';

/** Keeps the secret unless there is one of this name, and gives the one that there is. */
export const makeSecret = operation(
  'directory.makeSecret',
  function* ({ name, secret }: { name: string; secret: string }): Transaction<string> {
    yield* rows(
      'insert into directory_secret (name, secret) values (?, ?) on conflict (name) do nothing',
      name,
      secret,
    );
    const kept = yield* row<{ secret: string }>('select secret from directory_secret where name = ?', name);
    return kept.secret;
  },
  { essential: true },
);
