/** Annotations of mailboxes and of an account (RFC 5464): small values that clients keep here. Mailbox 0 is the account itself. */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';
import { bump } from './head.ts';
import { logMailbox } from './tree.ts';

/** Entries of one account, of whoever wrote them. */
export const entriesMax = 5_000;

/** Octets of their values (ANNOTATION-STORAGE, RFC 9208). */
export const metadataMaxBytes = 16 * 1024 * 1024;

export const accountItself: MailboxNumber = 0;

export interface MetadataChange {
  /** Empty for what all see; else the account that alone sees it. */
  readonly who: string;
  readonly entry: string;
  /** Null takes the entry away. */
  readonly value: Uint8Array | null;
}

/** All or none. A mailbox that shows shared values anew has changed for everybody (NOTIFY, RFC 5465, 5.5). */
export const setMetadata = operation(
  'mailbox.setMetadata',
  function* (args: {
    account: AccountId;
    mailbox: MailboxNumber;
    changes: readonly MetadataChange[];
  }): Transaction<void> {
    const { account, mailbox, changes } = args;
    if (mailbox !== accountItself) {
      const there = yield* maybe('select id from mailbox where account = ? and id = ?', account, mailbox);
      if (there === undefined) throw new Refusal('mailboxNotFound', `${mailbox}`);
    }
    for (const { who, entry, value } of changes) {
      if (value === null) {
        yield* rows(
          'delete from metadata where account = ? and mailbox = ? and who = ? and entry = ?',
          account,
          mailbox,
          who,
          entry,
        );
      } else {
        yield* rows(
          `insert into metadata (account, mailbox, who, entry, value) values (?, ?, ?, ?, ?)
            on conflict (account, mailbox, who, entry) do update set value = excluded.value`,
          account,
          mailbox,
          who,
          entry,
          value,
        );
      }
    }
    const { count } = yield* row<{ count: number }>(
      'select count(*) as count from metadata where account = ?',
      account,
    );
    if (count > entriesMax) throw new Refusal('limitReached', `more than ${entriesMax} annotations`);
    const { bytes } = yield* row<{ bytes: number | null }>(
      'select sum(length(value)) as bytes from metadata where account = ?',
      account,
    );
    if ((bytes ?? 0) > metadataMaxBytes) throw new Refusal('mailboxFull', 'no room for annotations');
    // Annotations of an organisation are in no account's history.
    const head = yield* maybe('select version from account_store where account = ?', account);
    if (head === undefined) return;
    yield* logMailbox(
      account,
      yield* bump(account),
      'mailboxChanged',
      mailbox === accountItself ? [] : [mailbox],
    );
  },
);
