/** What is done for the whole store before it is served, and once a day while it is. */
import { join } from 'node:path';
import { sleep, systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import { tidyTls } from '../delivery/tls-results.ts';
import type { Greylist } from '../policy/greylist.ts';
import { tidyLessons } from '../policy/lessons.ts';
import { forgetOnce } from '../queue/once.ts';
import type { Quarantine } from '../queue/quarantine.ts';
import { raiseAllGenerations, tidyMailboxes } from '../mailbox/care.ts';
import { tidyParcels } from '../parcel/care.ts';
import { tidyReports } from '../reporting/received-reports.ts';
import { tidyScripts } from '../sieve/care.ts';
import { rows } from '../store/transaction.ts';
import type { Store } from '../store/store.ts';
import { sweepBodies } from '../store/sweep.ts';
import { bodyReferences } from './body-references.ts';
import { forgetGoneOwners } from './gone-owners.ts';

/** The first round comes when a server that was just started has settled. */
const firstAfterMs = 10 * 60_000;
const everyMs = 24 * 60 * 60_000;
/** Of a store that was never restored. */
const firstGeneration = 1;

/** After a restore no UID or MODSEQ that a client saw of the lost time may come again: before anybody is served. */
export async function raiseAfterRestore(store: Store, log: Log): Promise<void> {
  const info = await store.read(() =>
    rows<{ name: string; value: number }>('select name, value from store_info'),
  );
  const valueOf = (name: string): number | undefined => info.find((each) => each.name === name)?.value;
  const generation = valueOf('generation') ?? firstGeneration;
  if (generation === firstGeneration) return;
  const accounts = await raiseAllGenerations(store, { generation, lostMs: valueOf('lost_ms') ?? 0 });
  if (accounts > 0)
    log.warn({ generation, accounts }, 'the store was restored: clients will see gaps in UIDs, none twice');
}

export interface HousekeepingOptions {
  readonly store: Store;
  /** The store's folder: bodies are below it. */
  readonly folder: string;
  readonly log: Log;
  readonly quarantine: Pick<Quarantine, 'expire'>;
  readonly reportsKeptDays: number;
  readonly greylist: Pick<Greylist, 'tidy'>;
}

export class Housekeeping implements AsyncDisposable {
  readonly #options: HousekeepingOptions;
  readonly #stop = new AbortController();
  readonly #done: Promise<void>;

  constructor(options: HousekeepingOptions) {
    this.#options = options;
    this.#done = this.#run();
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    for (let waitMs = firstAfterMs; ; waitMs = everyMs) {
      await sleep(systemClock, waitMs, signal).catch(() => {});
      if (signal.aborted) return;
      await this.#round(signal).catch((error: unknown) => {
        if (!signal.aborted) this.#options.log.warn({ error }, 'the daily round was not finished');
      });
    }
  }

  async #round(signal: AbortSignal): Promise<void> {
    const { store, folder, log } = this.#options;
    const nowMs = systemClock.nowMs();
    const tidied = await tidyMailboxes(store, nowMs, signal);
    await tidyScripts(store, nowMs, signal);
    await tidyParcels(store, nowMs, signal);
    await tidyTls(store, nowMs);
    await forgetGoneOwners(store, log);
    await tidyReports(store, { nowMs, keptDays: this.#options.reportsKeptDays });
    await this.#options.greylist.tidy(signal);
    while (await store.write(forgetOnce, { nowMs })) signal.throwIfAborted();
    await tidyLessons(store, nowMs, signal);
    const unquarantined = await this.#options.quarantine.expire(signal);
    const swept = await sweepBodies({
      store,
      folder: join(folder, 'bodies'),
      references: bodyReferences,
      nowMs,
    });
    log.info({ ...tidied, ...swept, unquarantined }, 'the daily round is done');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }
}
