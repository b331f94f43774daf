/**
 * Recounting (`hikyaku check`): does an account keep its invariants, and putting its counters right.
 *
 * `check` only reads, and may run while the server does: it sees one moment. `recount` writes what was counted. Invariants: I3, I4, I6, I7 of the design.
 */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import {
  batch,
  hint,
  maybe,
  type Row,
  rows,
  type Statement,
  type Transaction,
} from '../../store/transaction.ts';
import { deleted, seen } from '../flags.ts';
import { bump } from './head.ts';

export interface Problem {
  readonly account: AccountId;
  readonly what: string;
}

/** Account ids in order, for whoever visits them all. */
export const accountsAfter = operation(
  'mailbox.accountsAfter',
  function* (args: { after: string; limit: number }): Transaction<readonly AccountId[]> {
    const found = yield* rows<{ account: AccountId }>(
      'select account from account_store where account > ? order by account limit ?',
      args.after,
      args.limit,
    );
    return found.map((each) => each.account);
  },
);

/** Some accounts that have not heard of this generation of the store. */
export const accountsBelow = operation(
  'mailbox.accountsBelow',
  function* (args: { generation: number; limit: number }): Transaction<readonly AccountId[]> {
    const found = yield* rows<{ account: AccountId }>(
      'select account from account_store where generation < ? limit ?',
      args.generation,
      args.limit,
    );
    return found.map((each) => each.account);
  },
);

const counted = `select mailbox, count(*) as total, sum(case when flags & ${seen} = 0 then 1 else 0 end) as unseen,
  sum(case when flags & ${deleted} <> 0 then 1 else 0 end) as deleted, sum(size) as size, max(uid) as uid, max(modseq) as modseq
  from membership where account = ? group by mailbox`;

interface Counted {
  readonly mailbox: number;
  readonly total: number;
  readonly unseen: number;
  readonly deleted: number;
  readonly size: number;
  readonly uid: number;
  readonly modseq: number;
}

/** Each asks for rows that should not be there. */
const strays: readonly (readonly [what: string, sql: string])[] = [
  [
    'email in no mailbox',
    `select id as x from email where account = ? and not exists
      (select 1 from membership m where m.account = email.account and m.thread = email.thread and m.email = email.id) limit 10`,
  ],
  [
    'message without email',
    `select uid as x from membership where account = ? and not exists
      (select 1 from email e where e.account = membership.account and e.id = membership.email and e.thread = membership.thread) limit 10`,
  ],
  [
    'email without body',
    'select id as x from email where account = ? and body is null and body_file is null limit 10',
  ],
  [
    'message in no mailbox',
    `select uid as x from membership where account = ?
      and not exists (select 1 from mailbox where mailbox.account = membership.account and mailbox.id = membership.mailbox)
      and not exists (select 1 from mailbox_purge where mailbox_purge.account = membership.account and mailbox_purge.mailbox = membership.mailbox) limit 10`,
  ],
];

/** What is wrong with an account; nothing, if all is well. */
export const check = operation('mailbox.check', function* (args: { account: AccountId }): Transaction<
  readonly Problem[]
> {
  const { account } = args;
  const problems: string[] = [];
  const head = yield* maybe<{ version: number; used: number; emails: number; next: number }>(
    'select version, used, emails, email_next as next from account_store where account = ?',
    account,
  );
  if (head === undefined) return [{ account, what: 'no head row' }];
  const emails = yield* maybe<{ used: number | null; emails: number; last: number | null }>(
    'select sum(size) as used, count(*) as emails, max(id) as last from email where account = ?',
    account,
  );
  differ(problems, 'used bytes', head.used, emails?.used ?? 0);
  differ(problems, 'emails', head.emails, emails?.emails ?? 0);
  if ((emails?.last ?? 0) >= head.next) problems.push('next email number was given already');
  problems.push(...(yield* mailboxProblems(account, head.version)));
  for (const [what, sql] of strays) {
    const found = yield* rows<{ x: number }>(sql, account);
    if (found.length > 0) problems.push(`${what}: ${found.map((each) => each.x).join(', ')}`);
  }
  return problems.map((what) => ({ account, what }));
});

function* mailboxProblems(account: AccountId, version: number): Transaction<string[]> {
  const problems: string[] = [];
  const counts = new Map((yield* rows<Counted>(counted, account)).map((each) => [each.mailbox, each]));
  for (const box of yield* rows<Record<string, number> & Row>(
    'select * from mailbox where account = ?',
    account,
  )) {
    const count = counts.get(box['id']!);
    const name = `mailbox ${box['id']}`;
    for (const column of ['total', 'unseen', 'deleted', 'size'] as const) {
      differ(problems, `${name}: ${column}`, box[column]!, count?.[column] ?? 0);
    }
    if ((count?.uid ?? 0) >= box['uid_next']!) problems.push(`${name}: next uid was given already`);
    if ((count?.modseq ?? 0) > box['modseq']!) problems.push(`${name}: a message is newer than its mailbox`);
    if (box['modseq']! > version) problems.push(`${name}: newer than its account`);
  }
  return problems;
}

function differ(problems: string[], what: string, stored: number, found: number): void {
  if (stored !== found) problems.push(`${what}: ${stored} stored, ${found} counted`);
}

/** Writes the counted numbers and drops emails that are in no mailbox. Numbers for uids and versions only ever rise. */
export const recount = operation(
  'mailbox.recount',
  function* (args: { account: AccountId }): Transaction<void> {
    const { account } = args;
    const version = yield* bump(account);
    yield* rows(
      `delete from email where account = ? and not exists
      (select 1 from membership m where m.account = email.account and m.thread = email.thread and m.email = email.id)`,
      account,
    );
    yield* rows(
      `update account_store set used = coalesce((select sum(size) from email where email.account = account_store.account), 0),
      emails = (select count(*) from email where email.account = account_store.account),
      email_next = (select max(n) from (select email_next as n union all select coalesce(max(id), 0) + 1 from email where email.account = account_store.account) as numbers)
      where account = ?`,
      account,
    );
    yield* rows(
      'update mailbox set total = 0, unseen = 0, deleted = 0, size = 0, modseq = ? where account = ?',
      version,
      account,
    );
    const counts = yield* rows<Counted>(counted, account);
    const statements: Statement[] = counts.map((count) => ({
      sql: `update mailbox set total = ?, unseen = ?, deleted = ?, size = ?,
      uid_next = case when uid_next > ? then uid_next else ? + 1 end where account = ? and id = ?`,
      params: [
        count.total,
        count.unseen,
        count.deleted,
        count.size,
        count.uid,
        count.uid,
        account,
        count.mailbox,
      ],
    }));
    yield* batch(statements);
    yield* hint('account', account);
  },
);
