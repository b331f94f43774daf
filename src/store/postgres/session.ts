/** One transaction on one connection: what a body yields goes out as it is, several statements as one round trip. */
import type { PoolClient, QueryResult } from 'pg';
import { addHint, type HintSet } from '../core/hints.ts';
import type { Row, Statement, Step, Transaction } from '../transaction.ts';
import { prepare } from './dialect.ts';
import { toParameter } from './values.ts';

export class Session {
  readonly #client: PoolClient;
  /** Sent before the body's first statement, in the same round trip. */
  #opening: readonly string[];
  /** Results of `opening`, once there. */
  opened: readonly QueryResult[] = [];

  constructor(client: PoolClient, opening: readonly string[]) {
    this.#client = client;
    this.#opening = opening;
  }

  async drive<R>(body: Transaction<R>, hints: HintSet): Promise<R> {
    let step = body.next();
    while (!step.done) step = body.next(await this.#answer(step.value, hints));
    return step.value;
  }

  async #answer(step: Step, hints: HintSet): Promise<unknown> {
    if ('sql' in step) return (await this.#send([step]))[0];
    if ('hint' in step) return addHint(hints, step.hint, step.key);
    return this.#send(step);
  }

  async #send(statements: readonly Statement[]): Promise<(readonly Row[])[]> {
    const opening = this.#opening;
    this.#opening = [];
    const results = await pipeline([
      ...opening.map((text) => this.#client.query(text)),
      ...statements.map(({ sql, params }) =>
        this.#client.query({ ...prepare(sql), values: params.map(toParameter) } as {
          text: string;
          values: unknown[];
        }),
      ),
    ]);
    if (opening.length > 0) this.opened = results.slice(0, opening.length);
    return results.slice(opening.length).map((result) => result.rows as readonly Row[]);
  }

  /** True when the body yielded no statement: there is nothing to end. */
  get unopened(): boolean {
    return this.#opening.length > 0;
  }
}

/** Waits for all, as later ones fail too once one has; throws the first failure. */
export async function pipeline(queries: readonly Promise<QueryResult>[]): Promise<QueryResult[]> {
  const settled = await Promise.allSettled(queries);
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
