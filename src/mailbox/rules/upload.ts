/** Bytes that a client uploads before it makes a message of them (RFC 8620, 6.1): kept for a day, and so many of one account. */
import type { AccountId } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { StoredBody } from '../../store/body.ts';
import { operation } from '../../store/operation.ts';
import { row, rows, type Transaction } from '../../store/transaction.ts';

export const uploadKeptMs = 24 * 60 * 60 * 1000;
/** Nothing is pushed out before it was there for an hour. */
const uploadSafeMs = 60 * 60 * 1000;
/** Octets of all uploads of one account: some messages as large as they may be. */
export const uploadsMaxBytes = 500_000_000;
/** Uploads of one account. */
export const uploadsMax = 1000;

/** The oldest give way. Refusal: limitReached, while too much is younger than an hour. */
export const putUpload = operation(
  'mailbox.putUpload',
  function* (args: {
    account: AccountId;
    id: string;
    type: string;
    sizeBytes: number;
    body: StoredBody;
    nowMs: number;
  }): Transaction<void> {
    const { account, id, type, sizeBytes, body, nowMs } = args;
    const { count, size } = yield* row<{ count: number; size: number | null }>(
      'select count(*) as count, sum(size) as size from upload where account = ?',
      account,
    );
    if (count + 1 > uploadsMax || (size ?? 0) + sizeBytes > uploadsMaxBytes)
      yield* makeRoom(account, { sizeBytes, count, size: size ?? 0, before: nowMs - uploadSafeMs });
    yield* rows(
      'insert into upload (account, id, type, size, at, body_file, body) values (?, ?, ?, ?, ?, ?, ?)',
      account,
      id,
      type,
      sizeBytes,
      nowMs,
      body.is === 'file' ? body.name : null,
      body.is === 'inline' ? body.bytes : null,
    );
  },
);

function* makeRoom(
  account: AccountId,
  wanted: { sizeBytes: number; count: number; size: number; before: number },
): Transaction<void> {
  let { count, size } = wanted;
  const old = yield* rows<{ id: string; size: number }>(
    'select id, size from upload where account = ? and at < ? order by at',
    account,
    wanted.before,
  );
  for (const each of old) {
    if (count + 1 <= uploadsMax && size + wanted.sizeBytes <= uploadsMaxBytes) return;
    yield* rows('delete from upload where account = ? and id = ?', account, each.id);
    count -= 1;
    size -= each.size;
  }
  if (count + 1 > uploadsMax || size + wanted.sizeBytes > uploadsMaxBytes)
    throw new Refusal('limitReached', 'too many uploads that were not used yet');
}

/** Forgets old uploads of all accounts. Gives whether there may be more. */
export const forgetUploads = operation(
  'mailbox.forgetUploads',
  function* (args: { nowMs: number; limit: number }): Transaction<boolean> {
    const old = yield* rows<{ account: string; id: string }>(
      'select account, id from upload where at < ? order by at limit ?',
      args.nowMs - uploadKeptMs,
      args.limit,
    );
    for (const { account, id } of old)
      yield* rows('delete from upload where account = ? and id = ?', account, id);
    return old.length === args.limit;
  },
  { essential: true },
);
