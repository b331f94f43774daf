/** A note in the audit log that somebody changed how an account is read; the settings themselves lie with the mail. */
import { operation } from '../../store/operation.ts';
import type { Transaction } from '../../store/transaction.ts';
import { type Change, existing, recordChange } from './change.ts';

export const noteAccess = operation(
  'directory.noteAccess',
  function* (args: {
    change: Change;
    org: string;
    id: string;
    detail: Readonly<Record<string, unknown>>;
  }): Transaction<void> {
    const { change, org, id, detail } = args;
    const { name } = yield* existing<{ name: string }>(
      'account',
      'select name from directory_account where org = ? and id = ?',
      org,
      id,
    );
    yield* recordChange(change, { org, action: 'account.access', subject: name, detail });
  },
);
