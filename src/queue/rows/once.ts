/**
 * Idempotency keys: a mail that is handed in twice with the same key is one mail.
 *
 * The key is taken in the transaction that accepts the message, so that neither a crash nor two requests at the same moment make two mails of one key. What
 * the sender was answered is kept with it and told again, word for word. Keys are kept for as long as `expiresAtMs` says; one that has expired is free.
 */
import { operation } from '../../store/operation.ts';
import { maybe, row, rows, type Transaction } from '../../store/transaction.ts';
import type { OnceKey } from '../message.ts';

/** What was kept for a key. */
export interface Kept {
  readonly digest: string;
  /** The message that it stands for, or `''` where it stands for several. */
  readonly message: string;
  readonly answer: string;
}

/** Keys removed in one transaction. */
const forgottenAtOnce = 5000;

const take = `insert into queue_once (scope, key, digest, message, answer, expires_at) values (?, ?, ?, ?, ?, ?)
  on conflict (scope, key) do update set digest = excluded.digest, message = excluded.message, answer = excluded.answer,
    expires_at = excluded.expires_at where queue_once.expires_at <= ? returning key`;
const look = 'select digest, message, answer from queue_once where scope = ? and key = ?';

/** Undefined: the key is taken for this message now. */
export function* claimOnce(once: OnceKey, message: string, nowMs: number): Transaction<Kept | undefined> {
  const { scope, key, digest, answer, expiresAtMs } = once;
  const taken = yield* rows(take, scope, key, digest, message, answer, expiresAtMs, nowMs);
  return taken.length > 0 ? undefined : yield* row<Kept>(look, scope, key);
}

/** What is kept for a key now. */
export function* keptFor(scope: string, key: string, nowMs: number): Transaction<Kept | undefined> {
  return yield* maybe<Kept>(`${look} and expires_at > ?`, scope, key, nowMs);
}

/** Keeps the answer to a request that made several messages, each of which had a key of its own. Gives what was kept before, if anything. */
export const keepOnce = operation(
  'queue.keepOnce',
  function* ({ once, nowMs }: { once: OnceKey; nowMs: number }): Transaction<Kept | undefined> {
    return yield* claimOnce(once, '', nowMs);
  },
);

/** Removes keys that have expired; gives whether there may be more. */
export const forgetOnce = operation(
  'queue.forgetOnce',
  function* ({ nowMs }: { nowMs: number }): Transaction<boolean> {
    const gone = yield* rows(
      `delete from queue_once where (scope, key) in
        (select scope, key from queue_once where expires_at <= ? order by expires_at limit ?) returning key`,
      nowMs,
      forgottenAtOnce,
    );
    return gone.length === forgottenAtOnce;
  },
  { essential: true },
);
