/**
 * What running scripts leaves behind for an account, as parts of the transaction in which a delivery comes true: replies that were sent, messages that
 * were seen, rules that fired, and the decision itself while it is on its way.
 */
import { hash } from 'node:crypto';
import type { AccountId } from '../base/ids.ts';
import type { Tracked } from '../proto/sieve/action.ts';
import { batch, maybe, rows, type Statement, type Transaction } from '../store/transaction.ts';

const secondMs = 1000;

/** Of names that may be long. */
const hashOf = (...parts: readonly string[]): string => hash('sha256', JSON.stringify(parts)).slice(0, 40);

export interface ReplyKey {
  readonly account: AccountId;
  /** The sender of the message that is answered. */
  readonly to: string;
  readonly handle: string;
}

/** True when this sender has had no such reply within its time; from now on it has. Zero seconds: every time. */
export function* claimReply(
  { account, to, handle }: ReplyKey,
  { nowMs, seconds }: { readonly nowMs: number; readonly seconds: number },
): Transaction<boolean> {
  const key = hashOf(to.toLowerCase(), handle);
  const before = yield* maybe<{ until: number }>(
    'select until from sieve_reply where account = ? and hash = ?',
    account,
    key,
  );
  if (before !== undefined && before.until > nowMs) return false;
  yield* remember('sieve_reply', { account, key, until: nowMs + seconds * secondMs });
  return true;
}

/** Whether `duplicate` knows this one (RFC 7352). */
export function* wasSeen(
  account: AccountId,
  handle: string,
  id: string,
  nowMs: number,
): Transaction<boolean> {
  const found = yield* maybe<{ until: number }>(
    'select until from sieve_seen where account = ? and hash = ?',
    account,
    hashOf(handle, id),
  );
  return found !== undefined && found.until > nowMs;
}

export function* rememberSeen(
  account: AccountId,
  tracked: readonly Tracked[],
  nowMs: number,
): Transaction<void> {
  for (const { handle, id, seconds } of tracked)
    yield* remember('sieve_seen', { account, key: hashOf(handle, id), until: nowMs + seconds * secondMs });
}

function* remember(
  table: 'sieve_reply' | 'sieve_seen',
  { account, key, until }: { account: AccountId; key: string; until: number },
): Transaction<void> {
  yield* rows(
    `insert into ${table} (account, hash, until) values (?, ?, ?) on conflict (account, hash) do update set until = excluded.until`,
    account,
    key,
    until,
  );
}

/** A rule of a script that did something for an account. */
export interface RuleHit {
  /** As `ownerKey` has it. */
  readonly owner: string;
  readonly script: string;
  readonly line: number;
}

export function* countHits(account: AccountId, hits: readonly RuleHit[], nowMs: number): Transaction<void> {
  yield* batch(
    hits.map(
      ({ owner, script, line }): Statement => ({
        sql: `insert into sieve_hit (owner, script, line, account, count, at) values (?, ?, ?, ?, 1, ?)
          on conflict (owner, script, line, account) do update set count = sieve_hit.count + 1, at = excluded.at`,
        params: [owner, script, line, account, nowMs],
      }),
    ),
  );
}

/** What was decided under this key before, if anything. */
export function* decisionOf(account: AccountId, key: string): Transaction<string | undefined> {
  const found = yield* maybe<{ decision: string }>(
    'select decision from sieve_decision where account = ? and key = ?',
    account,
    key,
  );
  return found?.decision;
}

/** `bodies`: files that the decision names, which are not to be swept away. */
export function* keepDecision(
  account: AccountId,
  key: string,
  {
    decision,
    bodies,
    nowMs,
  }: { readonly decision: string; readonly bodies: readonly string[]; readonly nowMs: number },
): Transaction<void> {
  yield* batch([
    {
      sql: 'insert into sieve_decision (account, key, at, decision) values (?, ?, ?, ?)',
      params: [account, key, nowMs, decision],
    },
    ...[...new Set(bodies)].map(
      (file): Statement => ({
        sql: 'insert into sieve_decision_body (account, key, body_file) values (?, ?, ?)',
        params: [account, key, file],
      }),
    ),
  ]);
}
