/** Forgetting what is over, a piece at a time. */
import type { AccountId } from '../../base/ids.ts';
import { operation } from '../../store/operation.ts';
import { batch, rows, type Statement, type Transaction } from '../../store/transaction.ts';

/** Tables that an account that is gone leaves no row in. */
export const emptiedTables: readonly string[] = [
  'sieve_reply',
  'sieve_seen',
  'sieve_decision',
  'sieve_decision_body',
  'sieve_hit',
];

const pieceMax = 1000;

interface Old {
  readonly table: 'sieve_reply' | 'sieve_seen' | 'sieve_decision';
  readonly account: AccountId;
  readonly key: string;
}

/** Some rows whose time is over. */
export const oldMemories = operation(
  'sieve.oldMemories',
  function* ({
    nowMs,
    decidedBeforeMs,
  }: {
    nowMs: number;
    decidedBeforeMs: number;
  }): Transaction<readonly Old[]> {
    const old: Old[] = [];
    for (const table of ['sieve_reply', 'sieve_seen'] as const) {
      const found = yield* rows<{ account: AccountId; key: string }>(
        `select account, hash as key from ${table} where until < ? order by until limit ?`,
        nowMs,
        pieceMax,
      );
      old.push(...found.map((each) => ({ table, ...each })));
    }
    const decided = yield* rows<{ account: AccountId; key: string }>(
      'select account, key from sieve_decision where at < ? order by at limit ?',
      decidedBeforeMs,
      pieceMax,
    );
    return [...old, ...decided.map((each) => ({ table: 'sieve_decision' as const, ...each }))];
  },
);

export const forgetMemories = operation(
  'sieve.forgetMemories',
  function* ({ old, nowMs }: { old: readonly Old[]; nowMs: number }): Transaction<void> {
    yield* batch(
      old.flatMap(({ table, account, key }): Statement | Statement[] => {
        if (table === 'sieve_decision')
          return ['sieve_decision', 'sieve_decision_body'].map((of) => ({
            sql: `delete from ${of} where account = ? and key = ?`,
            params: [account, key],
          }));
        // It may have been claimed anew since.
        const sql = `delete from ${table} where account = ? and hash = ? and until < ?`;
        return { sql, params: [account, key, nowMs] };
      }),
    );
  },
  { essential: true },
);

/** All memories of an account that is gone. */
export const dropMemories = operation(
  'sieve.dropMemories',
  function* ({ account }: { account: AccountId }): Transaction<void> {
    for (const table of emptiedTables) yield* rows(`delete from ${table} where account = ?`, account);
  },
  { essential: true },
);

export interface CountedRule {
  readonly line: number;
  readonly count: number;
  readonly lastAtMs: number;
}

/** How often each rule of a script fired: for one account, or for all. */
export const hitsOf = operation(
  'sieve.hitsOf',
  function* (args: { owner: string; script: string }): Transaction<readonly CountedRule[]> {
    const found = yield* rows<{ line: number; count: number; last: number }>(
      'select line, sum(count) as count, max(at) as last from sieve_hit where owner = ? and script = ? group by line order by line',
      args.owner,
      args.script,
    );
    return found.map(({ line, count, last }) => ({ line, count, lastAtMs: last }));
  },
);
