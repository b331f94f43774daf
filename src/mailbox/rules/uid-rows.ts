/** Memberships by uid, in statements whose text does not depend on how many are asked for. */
import type { AccountId } from '../../base/ids.ts';
import { batch, rows, type Statement, type Transaction } from '../../store/transaction.ts';
import type { MailboxNumber } from '../ids.ts';

export interface MembershipRow {
  readonly uid: number;
  readonly email: number;
  readonly thread: number;
  readonly modseq: number;
  readonly flags: number;
  readonly keywords: string;
  readonly size: number;
  readonly received: number;
  readonly saved: number;
}

export const membershipColumns = 'uid, email, thread, modseq, flags, keywords, size, received, saved';

/** Uids of one `in` list. */
const listSize = 32;
/** A range is read whole when at least one of this many uids in it is wanted. */
const sparsity = 4;

const byStart = `select ${membershipColumns} from membership where account = ? and mailbox = ? and uid >= ? order by uid`;

interface Texts {
  readonly byRange: string;
  readonly byOne: string;
  readonly byList: string;
}

const textsOf = (columns: string): Texts => {
  const select = `select ${columns} from membership where account = ? and mailbox = ?`;
  return {
    byRange: `${select} and uid >= ? and uid <= ? order by uid`,
    byOne: `${select} and uid = ?`,
    byList: `${select} and uid in (${Array(listSize).fill('?').join(', ')}) order by uid`,
  };
};

const wholeRows = textsOf(membershipColumns);
const flagRows = textsOf('uid, email, modseq, flags, keywords');

/** Those of `uids` (ascending) that exist, ascending. */
export function membershipRows(
  account: AccountId,
  mailbox: MailboxNumber,
  uids: ArrayLike<number>,
): Transaction<readonly MembershipRow[]> {
  return chosen<MembershipRow>(wholeRows, account, mailbox, uids);
}

/** What flags are changed by: half of a row, which is what reading many of them takes. */
export type FlagRow = Pick<MembershipRow, 'uid' | 'email' | 'modseq' | 'flags' | 'keywords'>;

export function membershipFlags(
  account: AccountId,
  mailbox: MailboxNumber,
  uids: ArrayLike<number>,
): Transaction<readonly FlagRow[]> {
  return chosen<FlagRow>(flagRows, account, mailbox, uids);
}

function* chosen<R extends { readonly uid: number }>(
  texts: Texts,
  account: AccountId,
  mailbox: MailboxNumber,
  uids: ArrayLike<number>,
): Transaction<readonly R[]> {
  if (uids.length === 0) return [];
  const found = (yield* batch(
    statementsFor(texts, [account, mailbox], uids),
  )) as unknown as readonly (readonly R[])[];
  const all = found.length === 1 ? found[0]! : found.flat();
  if (all.length === 0 || uids.length === 1) return all;
  const wanted = new Set<number>();
  for (let i = 0; i < uids.length; i++) wanted.add(uids[i]!);
  return all.filter((each) => wanted.has(each.uid));
}

/** All that have at least this uid, ascending. */
export function* rowsFrom(
  account: AccountId,
  mailbox: MailboxNumber,
  uid: number,
): Transaction<readonly MembershipRow[]> {
  const found = yield* rows(byStart, account, mailbox, uid);
  return found as unknown as readonly MembershipRow[];
}

function statementsFor(
  { byOne, byRange, byList }: Texts,
  where: readonly [AccountId, MailboxNumber],
  uids: ArrayLike<number>,
): Statement[] {
  const first = uids[0]!;
  const last = uids[uids.length - 1]!;
  if (uids.length === 1) return [{ sql: byOne, params: [...where, first] }];
  if (last - first < uids.length * sparsity) return [{ sql: byRange, params: [...where, first, last] }];
  const statements: Statement[] = [];
  for (let at = 0; at < uids.length; at += listSize) {
    const params: (string | number)[] = [...where];
    for (let i = at; i < at + listSize; i++) params.push(uids[Math.min(i, uids.length - 1)]!);
    statements.push({ sql: byList, params });
  }
  return statements;
}
