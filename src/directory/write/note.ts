/** What is noted of changes to what others keep for the directory's people: how an account is read, the scripts that filter mail. */
import { operation } from '../../store/operation.ts';
import type { Transaction } from '../../store/transaction.ts';
import { type Change, type Deed, existing, recordChange } from './change.ts';

interface OfAccount {
  readonly change: Change;
  readonly org: string;
  readonly id: string;
  readonly action:
    | 'account.access'
    | 'account.script'
    | 'account.moving'
    | 'account.classifier'
    | 'account.sending'
    | 'account.invite';
  readonly detail: Readonly<Record<string, unknown>>;
}

export const noteOfAccount = operation(
  'directory.noteOfAccount',
  function* ({ change, org, id, action, detail }: OfAccount): Transaction<void> {
    const { name } = yield* existing<{ name: string }>(
      'account',
      'select name from directory_account where org = ? and id = ?',
      org,
      id,
    );
    yield* recordChange(change, { org, action, subject: name, detail });
  },
);

export const noteDeed = operation(
  'directory.noteDeed',
  function* ({ change, deed }: { readonly change: Change; readonly deed: Deed }): Transaction<void> {
    yield* recordChange(change, deed);
  },
);
