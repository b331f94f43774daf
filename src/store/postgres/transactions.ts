/**
 * Transactions on PostgreSQL, serializable as SQLite's single writer makes them: a body that reads and then writes may trust what it read.
 *
 * A conflict runs the body again. Reruns of one store go one after another (the lane), so that those who fight over one row do not keep making
 * each other fail; elsewhere they are spread by jitter.
 *
 * Ambiguous commit: when the connection is lost after `commit` was sent, nobody said what became of it. The transaction's id was asked for at
 * its start, so the server is asked on another connection; only if it cannot tell either is the caller refused.
 */
import type { Pool, PoolClient } from 'pg';
import { sleep, type Clock } from '../../base/clock.ts';
import { randomFraction } from '../../base/ids.ts';
import { Refusal } from '../../base/refusal.ts';
import type { HintSet } from '../core/hints.ts';
import type { Transaction } from '../transaction.ts';
import { faultOf, isUniqueViolation } from './fault.ts';
import { pipeline, Session } from './session.ts';

/** How often a body is run again after a conflict before the caller is told to come later. */
const conflictsMax = 30;
/** How often a unique violation is taken for a conflict: real ones show at once. */
const uniqueViolationsMax = 3;
/** How often a body is run again because its connection was lost before the commit. */
const lossesMax = 3;
/** First wait after a lost connection; doubled each time. */
const lossWaitMs = 50;
/** Longest wait before a rerun after a conflict, times the number of conflicts. */
const conflictJitterMs = 5;
/** How often the fate of a transaction is asked for while the server says it is still running. */
const fateAsksMax = 20;
const fateWaitMs = 100;

const openWrite = ['begin isolation level serializable', 'select pg_current_xact_id()::text as id'];
const openRead = ['begin isolation level repeatable read read only'];

/** Written in the commit's own round trip; see hints.ts. */
export type HintStatement = (hints: HintSet) => { text: string; values: unknown[] } | undefined;

export interface TransactionsOptions {
  readonly writes: Pool;
  readonly clock: Clock;
  readonly hintStatement: HintStatement;
}

/** What one try came to. `error` is to be answered by a rerun, a refusal, or as it is. */
type Try<R> = { readonly is: 'done'; readonly value: R } | { readonly is: 'failed'; readonly error: unknown };

export class Transactions {
  readonly #options: TransactionsOptions;
  #lane: Promise<void> = Promise.resolve();

  constructor(options: TransactionsOptions) {
    this.#options = options;
  }

  /** Runs until it is committed. Hints of the try that was committed are in `hints`. */
  async write<R>(body: () => Transaction<R>, hints: HintSet): Promise<R> {
    const first = await this.#once(body, hints);
    if (first.is === 'done') return first.value;
    const fault = faultOf(first.error);
    if (fault !== 'conflict' && fault !== 'lost') throw asRefusal(first.error);
    const turn = Promise.withResolvers<void>();
    const before = this.#lane;
    this.#lane = turn.promise;
    await before;
    try {
      return await this.#again(body, hints, first.error);
    } finally {
      turn.resolve();
    }
  }

  async #again<R>(body: () => Transaction<R>, hints: HintSet, firstError: unknown): Promise<R> {
    const tries = { conflict: 0, unique: 0, lost: 0 };
    let error = firstError;
    for (;;) {
      await this.#beforeRerun(error, tries);
      hints.clear();
      const next = await this.#once(body, hints);
      if (next.is === 'done') return next.value;
      error = next.error;
    }
  }

  /** Waits a little, or throws when this was tried often enough or is not worth trying again. */
  async #beforeRerun(
    error: unknown,
    tries: { conflict: number; unique: number; lost: number },
  ): Promise<void> {
    const fault = faultOf(error);
    if (fault === 'conflict') {
      tries.conflict += 1;
      if (isUniqueViolation(error) && ++tries.unique > uniqueViolationsMax) throw error;
      if (tries.conflict > conflictsMax) throw asRefusal(error);
      if (tries.conflict > 1)
        await sleep(this.#options.clock, randomFraction() * conflictJitterMs * tries.conflict);
    } else if (fault === 'lost') {
      tries.lost += 1;
      if (tries.lost > lossesMax) throw asRefusal(error);
      await sleep(this.#options.clock, lossWaitMs * 2 ** tries.lost);
    } else {
      throw asRefusal(error);
    }
  }

  async #once<R>(body: () => Transaction<R>, hints: HintSet): Promise<Try<R>> {
    let client: PoolClient;
    try {
      client = await this.#options.writes.connect();
    } catch (error) {
      return { is: 'failed', error };
    }
    const session = new Session(client, openWrite);
    try {
      const value = await session.drive(body(), hints);
      if (session.unopened) client.release();
      else await this.#commit(client, session, hints);
      return { is: 'done', value };
    } catch (error) {
      await giveBack(client, error);
      return { is: 'failed', error };
    }
  }

  /** Releases the connection when it returns. Throws when the transaction is known to be undone. */
  async #commit(client: PoolClient, session: Session, hints: HintSet): Promise<void> {
    const id = (session.opened[1]!.rows[0] as { id: string }).id;
    const statement = this.#options.hintStatement(hints);
    try {
      const results = await pipeline([
        ...(statement ? [client.query(statement)] : []),
        client.query('commit'),
      ]);
      if (results.at(-1)!.command !== 'COMMIT')
        throw new Error('the server rolled back instead of committing');
    } catch (error) {
      if (faultOf(error) !== 'lost') throw error;
      if (!(await this.#wasCommitted(id))) throw error;
      client.release(true);
      return;
    }
    client.release();
  }

  async #wasCommitted(id: string): Promise<boolean> {
    for (let ask = 0; ask < fateAsksMax; ask++) {
      await sleep(this.#options.clock, fateWaitMs);
      let status: string | null;
      try {
        const found = await this.#options.writes.query('select pg_xact_status($1::text::xid8) as status', [
          id,
        ]);
        status = (found.rows[0] as { status: string | null }).status;
      } catch (error) {
        if (faultOf(error) !== 'lost') break;
        continue;
      }
      if (status === 'committed') return true;
      if (status === 'aborted') return false;
      if (status === null) break;
    }
    throw new Refusal(
      'storageBusy',
      `the connection was lost during commit and the fate of transaction ${id} is unknown`,
    );
  }
}

/** A read in one snapshot. The caller has its answer before the transaction is ended. */
export async function read<R>(pool: Pool, body: () => Transaction<R>): Promise<R> {
  const hints: HintSet = new Map();
  for (let losses = 0; ; losses++) {
    let client: PoolClient | undefined;
    try {
      client = await pool.connect();
      const session = new Session(client, openRead);
      const value = await session.drive(body(), hints);
      if (session.unopened) client.release();
      else endRead(client);
      return value;
    } catch (error) {
      if (client) await giveBack(client, error);
      if (faultOf(error) !== 'lost' || losses >= lossesMax) throw asRefusal(error);
    }
  }
}

function endRead(client: PoolClient): void {
  client.query('commit').then(
    () => client.release(),
    () => client.release(true),
  );
}

/** Rolls back; a connection that cannot even do that is thrown away. */
async function giveBack(client: PoolClient, error: unknown): Promise<void> {
  const fault = faultOf(error);
  if (fault === 'lost' || fault === 'unavailable') return client.release(true);
  try {
    await client.query('rollback');
    client.release();
  } catch {
    client.release(true);
  }
}

/** What the caller sees of a failure that no rerun mended. */
function asRefusal(error: unknown): unknown {
  const fault = faultOf(error);
  if (fault === undefined || fault === 'statement' || isUniqueViolation(error)) return error;
  const reason = fault === 'full' ? 'storageFull' : 'storageBusy';
  return new Refusal(reason, `PostgreSQL: ${(error as Error).message}`, { cause: error });
}
