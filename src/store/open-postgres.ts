/**
 * Opens the distributed store. Each thread opens its own; PostgreSQL keeps them apart and commits them together.
 *
 * Connections are kept in three pools, so that lookups never wait behind writes, nor either behind reports.
 */
import { hash } from 'node:crypto';
import { Pool } from 'pg';
import { systemClock, type Clock } from '../base/clock.ts';
import { silentLog, type Log } from '../base/log.ts';
import { Refusal } from '../base/refusal.ts';
import type { Bodies } from './body.ts';
import { HintListeners, type HintSet } from './core/hints.ts';
import { operationsByName } from './core/operations.ts';
import type { AnyOperation, Operation } from './operation.ts';
import { faultOf } from './postgres/fault.ts';
import { HintLine } from './postgres/hints.ts';
import { migrate } from './postgres/migrate.ts';
import { refuseUnsafe, type UnsafeSetting } from './postgres/safety.ts';
import { read, Transactions } from './postgres/transactions.ts';
import { types } from './postgres/values.ts';
import type { Migration, Store, StoreHealth } from './store.ts';
import type { Transaction } from './transaction.ts';

export type { UnsafeSetting } from './postgres/safety.ts';

/** Connections of one thread, by what they are for. */
export interface ConnectionLimits {
  readonly write: number;
  readonly read: number;
  readonly scan: number;
}

export const defaultConnections: ConnectionLimits = { write: 8, read: 4, scan: 2 };

const connectTimeoutMs = 5000;
/** A connection that nobody used for this long is closed. */
const idleMs = 60_000;
/** The server gives up a statement of a write or a lookup after this, and a transaction whose client has gone quiet. */
const statementTimeoutMs = 30_000;

export interface PostgresOptions {
  /** Connection URL, `postgres://user:password@host:port/database`. */
  readonly url: string;
  readonly migrations: readonly Migration[];
  readonly operations: readonly AnyOperation[];
  /** Where large bodies are: files on storage that all nodes share. */
  readonly bodies: Bodies;
  readonly connections?: Partial<ConnectionLimits>;
  /** Settings of the server that may be unsafe all the same. */
  readonly allowUnsafe?: readonly UnsafeSetting[];
  readonly log?: Log;
  readonly clock?: Clock;
}

/** Rejects when the server cannot be reached, is unsafe, or has a database newer than this program. */
export async function openPostgres(options: PostgresOptions): Promise<Store> {
  const store = new PostgresStore(options);
  try {
    await store.prepare(options);
    return store;
  } catch (error) {
    await store[Symbol.asyncDispose]();
    throw error;
  }
}

class PostgresStore implements Store {
  readonly engine = 'postgres';
  readonly bodies: Bodies;
  readonly #operations: ReadonlyMap<string, AnyOperation>;
  readonly #writes: Pool;
  readonly #reads: Pool;
  readonly #scans: Pool;
  readonly #listeners: HintListeners;
  readonly #line: HintLine;
  readonly #transactions: Transactions;
  #health: StoreHealth['state'] = 'ok';
  #underWay = 0;
  #idle: (() => void) | undefined;
  #closed = false;

  constructor(options: PostgresOptions) {
    const { url, log = silentLog, clock = systemClock } = options;
    const limits = { ...defaultConnections, ...options.connections };
    this.bodies = options.bodies;
    this.#operations = operationsByName(options.operations);
    this.#writes = openPool(url, limits.write, statementTimeoutMs, log);
    this.#reads = openPool(url, limits.read, statementTimeoutMs, log);
    this.#scans = openPool(url, limits.scan, 0, log);
    this.#listeners = new HintListeners((error) => log.error({ error }, 'a listener of hints failed'));
    this.#line = new HintLine({ pool: this.#scans, clock, listeners: this.#listeners }, hash('sha256', url));
    this.#transactions = new Transactions({
      writes: this.#writes,
      clock,
      hintStatement: this.#line.statement,
    });
  }

  async prepare({ migrations, allowUnsafe = [] }: PostgresOptions): Promise<void> {
    await refuseUnsafe(this.#scans, allowUnsafe);
    await migrate(this.#scans, migrations);
  }

  write<A, R>(operation: Operation<A, R>, args: A): Promise<R> {
    return this.#run(async () => {
      const known = this.#known(operation);
      const hints: HintSet = new Map();
      const value = await this.#transactions.write(() => known.body(args), hints);
      this.#line.tell(hints);
      return value;
    });
  }

  read<R>(body: () => Transaction<R>): Promise<R> {
    return this.#run(() => read(this.#reads, body));
  }

  scan<A, R>(operation: Operation<A, R>, args: A): Promise<R> {
    return this.#run(async () => {
      const known = this.#known(operation);
      return read(this.#scans, () => known.body(args));
    });
  }

  onHint(topic: string, listener: (key: string) => void): Disposable {
    const added = this.#listeners.add(topic, listener);
    this.#line.listening(1);
    let ended = false;
    return {
      [Symbol.dispose]: () => {
        if (ended) return;
        ended = true;
        this.#line.listening(-1);
        added[Symbol.dispose]();
      },
    };
  }

  health(): StoreHealth {
    return { state: this.#health };
  }

  #known<A, R>(operation: Operation<A, R>): Operation<A, R> {
    const known = this.#operations.get(operation.name);
    if (!known) throw new Error(`no operation is called ${operation.name}`);
    return known as unknown as Operation<A, R>;
  }

  async #run<R>(work: () => Promise<R>): Promise<R> {
    if (this.#closed) throw new Refusal('shuttingDown', 'the store is closed');
    this.#underWay += 1;
    try {
      const value = await work();
      this.#health = 'ok';
      return value;
    } catch (error) {
      this.#health = healthAfter(error, this.#health);
      throw error;
    } finally {
      this.#underWay -= 1;
      if (this.#underWay === 0) this.#idle?.();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#underWay > 0) await new Promise<void>((resolve) => (this.#idle = resolve));
    this.#line[Symbol.dispose]();
    await Promise.all([this.#writes.end(), this.#reads.end(), this.#scans.end()]);
  }
}

function healthAfter(error: unknown, before: StoreHealth['state']): StoreHealth['state'] {
  const fault = faultOf(error instanceof Refusal ? error.cause : error);
  if (fault === 'full') return 'full';
  return fault === 'lost' || fault === 'unavailable' ? 'failed' : before;
}

function openPool(url: string, max: number, timeoutMs: number, log: Log): Pool {
  const config = {
    connectionString: url,
    max,
    pipeline: true,
    types,
    connectionTimeoutMillis: connectTimeoutMs,
    idleTimeoutMillis: idleMs,
    statement_timeout: timeoutMs,
    idle_in_transaction_session_timeout: 2 * statementTimeoutMs,
    application_name: 'hikyaku',
    keepAlive: true,
  };
  const pool = new Pool(config);
  // An idle connection that breaks is taken out of the pool; the next use opens another.
  pool.on('error', (error) => log.warn({ error }, 'a connection to PostgreSQL broke'));
  // One that breaks in use fails its queries; without a listener its event would end the process besides.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}
