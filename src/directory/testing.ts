/** A directory on a store for tests, with one organisation, and a clock whose sleeps end at once. */
import type { Clock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { systemActor } from './actor.ts';
import { Administration } from './administration.ts';
import { Directory } from './directory.ts';
import type { Org } from './entities.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

/** Time stands still until it is moved; a sleep moves it. */
export class QuickClock implements Clock {
  #nowMs = 1_800_000_000_000;
  readonly sleptMs: number[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  advance(ms: number): void {
    this.#nowMs += ms;
  }

  after(delayMs: number, run: () => void): { restart(): void; [Symbol.dispose](): void } {
    this.sleptMs.push(delayMs);
    this.advance(delayMs);
    setImmediate(run);
    return { restart() {}, [Symbol.dispose]() {} };
  }
}

export interface TestDirectory extends AsyncDisposable {
  readonly store: Store;
  readonly clock: QuickClock;
  readonly directory: Directory;
  readonly office: Administration;
  readonly org: Org;
}

/** An organisation with the domain `here.test`; on a store of its own unless one is given (with the directory's migrations and operations). */
export async function openTestDirectory(given?: Store): Promise<TestDirectory> {
  const clock = new QuickClock();
  const store = given ?? (await openTestStore({ migrations, operations }));
  const directory = new Directory({ store, clock, log: silentLog, metrics: noMetrics });
  const office = new Administration({ store, clock, directory });
  const org = await office.orgs.create(systemActor, { name: 'Here' });
  await office.domains.create(systemActor, org.id, { name: 'here.test' });
  return {
    store,
    clock,
    directory,
    office,
    org,
    async [Symbol.asyncDispose]() {
      directory[Symbol.dispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}
