/** What an administrator or the user has set for how an account is read: capabilities switched off, transcripts, POP3's view. */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { hint, rows, type Transaction } from '../../store/transaction.ts';

/** An empty value takes the setting away. */
export const setAccessSetting = operation(
  'mailbox.setAccessSetting',
  function* (args: { account: AccountId; name: string; value: string }): Transaction<void> {
    const { account, name, value } = args;
    if (value === '') yield* rows('delete from access_setting where account = ? and name = ?', account, name);
    else {
      yield* rows(
        `insert into access_setting (account, name, value) values (?, ?, ?)
          on conflict (account, name) do update set value = excluded.value`,
        account,
        name,
        value,
      );
    }
    yield* hint('access', account);
  },
);
