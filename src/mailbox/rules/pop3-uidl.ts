/**
 * Unique ids that POP3 gives messages in place of our own: those of the server that the mail was moved from, so that no mailer downloads it again
 * (RFC 1939, 7: UIDL). A uid is never given twice, so a row that outlives its message does no harm; the daily care takes it away.
 */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import { operation } from '../../store/operation.ts';
import { batch, maybe, rows, type Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';

/** Rows that one piece of care looks at. */
const tidyMax = 1_000;

export const setPop3Uidls = operation(
  'mailbox.setPop3Uidls',
  function* (args: {
    account: AccountId;
    mailbox: MailboxNumber;
    uidls: readonly (readonly [uid: number, uidl: string])[];
  }): Transaction<void> {
    const { account, mailbox, uidls } = args;
    for (const [uid, uidl] of uidls) {
      // RFC 1939, 7: 1 to 70 characters from 0x21 to 0x7E.
      if (!isUidl(uidl)) throw new Refusal('invalid', `not a unique id: ${uidl}`);
      if (!(yield* giveUidl({ account, mailbox, uid, uidl })))
        throw new Refusal('conflict', `${uidl} is that of another message`);
    }
  },
);

export const isUidl = (text: string): boolean => /^[\x21-\x7e]{1,70}$/.test(text);

/** False when another message has this id, or will have it by our own rule. */
export function* giveUidl(args: {
  readonly account: AccountId;
  readonly mailbox: MailboxNumber;
  readonly uid: number;
  readonly uidl: string;
}): Transaction<boolean> {
  const { account, mailbox, uid, uidl } = args;
  const box = yield* maybe<{ validity: number }>(
    'select uid_validity as validity from mailbox where account = ? and id = ?',
    account,
    mailbox,
  );
  if (box === undefined) throw new Refusal('mailboxNotFound', `${mailbox}`);
  const taken = yield* maybe(
    'select uid from pop3_uidl where account = ? and mailbox = ? and uidl = ? and uid <> ?',
    account,
    mailbox,
    uidl,
    uid,
  );
  const ours = uidl.startsWith(`${box.validity}.`) && uidl !== `${box.validity}.${uid}`;
  if (taken !== undefined || ours) return false;
  yield* batch([
    {
      sql: `insert into pop3_uidl (account, mailbox, uid, uidl) values (?, ?, ?, ?)
        on conflict (account, mailbox, uid) do update set uidl = excluded.uidl`,
      params: [account, mailbox, uid, uidl],
    },
  ]);
  return true;
}

/** Forgets ids of messages that are gone, a piece at a time. Gives true while there may be more. */
export const tidyPop3Uidls = operation(
  'mailbox.tidyPop3Uidls',
  function* ({ account }: { account: AccountId }): Transaction<boolean> {
    const gone = yield* rows<{ mailbox: number; uid: number }>(
      `select mailbox, uid from pop3_uidl where account = ? and not exists (select 1 from membership m
        where m.account = pop3_uidl.account and m.mailbox = pop3_uidl.mailbox and m.uid = pop3_uidl.uid) limit ?`,
      account,
      tidyMax,
    );
    yield* batch(
      gone.map(({ mailbox, uid }) => ({
        sql: 'delete from pop3_uidl where account = ? and mailbox = ? and uid = ?',
        params: [account, mailbox, uid],
      })),
    );
    return gone.length === tidyMax;
  },
  { essential: true },
);
