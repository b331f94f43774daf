/**
 * Which thread a new email belongs to: the oldest one with a message id in common and the same base subject (RFC 8621, 3).
 *
 * Looked up are its own id and those it refers to, at most `referencesMax`. They are remembered with the thread, so that a message that comes after its
 * replies finds them. Threads are never merged: a thread id, once seen, stays (RFC 8621, 4.1.1).
 */
import type { AccountId } from '../../base/ids.ts';
import { row, type Statement, type Transaction } from '../../store/transaction.ts';
import type { EmailFacts } from '../email-facts.ts';
import type { EmailNumber } from '../ids.ts';

/** Lengths of `in` lists: few texts of statements for all lengths. The last is `referencesMax`. */
const listSizes = [1, 2, 5, 10, 20];

const queries = new Map(
  listSizes.map((size) => [
    size,
    `select min(thread) as thread from thread_ref where account = ? and subject = ? and hash in (${Array(size).fill('?').join(', ')})`,
  ]),
);

export function* findThread(account: AccountId, email: EmailFacts): Transaction<EmailNumber | undefined> {
  const { references } = email;
  if (references.length === 0) return undefined;
  const size = listSizes.find((each) => each >= references.length) ?? listSizes.at(-1)!;
  const hashes = Array.from({ length: size }, (_, i) => references[Math.min(i, references.length - 1)]!);
  const found = yield* row<{ thread: number | null }>(queries.get(size)!, account, email.subject, ...hashes);
  return found.thread ?? undefined;
}

export function rememberReferences(account: AccountId, email: EmailFacts, thread: EmailNumber): Statement[] {
  return email.references.map((hash) => ({
    sql: 'insert into thread_ref (account, hash, subject, thread) values (?, ?, ?, ?) on conflict do nothing',
    params: [account, hash, email.subject, thread],
  }));
}
