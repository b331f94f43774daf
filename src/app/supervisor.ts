/**
 * The main thread: opens the store, starts the protocol threads, keeps them running, moves events to the ledger, answers for the whole process.
 *
 * A thread that ends by itself is started again, soon at first, later when it keeps happening. Stopping is in order: threads end
 * their work (at most `stopWithinMs`), then the ledger is brought up to date, then the store closes.
 */
import { randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { systemClock } from '../base/clock.ts';
import { newSecret } from '../base/ids.ts';
import { giveBackStartMemory } from '../base/heap.ts';
import type { Log } from '../base/log.ts';
import type { ListenerSettings, Settings } from '../config/schema.ts';
import { Mover } from '../events/mover.ts';
import type { LineShipper } from '../events/line-shipper.ts';
import { LedgerLease } from '../events/ledger-lease.ts';
import { TraceKeeper } from '../events/trace-keeper.ts';
import { openShipper } from './shipping.ts';
import { freeShards } from '../queue/only-node.ts';
import { tableBytes } from '../shaping/shared-table.ts';
import type { Store } from '../store/store.ts';
import { AccountCare } from './account-care.ts';
import { CertificateDesk } from './certificate-desk.ts';
import { dataFolder, makeDataFolder } from './data-folder.ts';
import { openGreylist } from './door.ts';
import { openQuarantine } from './quarantine.ts';
import type { DkimCare } from './dkim-care.ts';
import { Housekeeping, raiseAfterRestore } from './housekeeping.ts';
import { IndexDesk } from './index-desk.ts';
import { SnoozeWaker } from './snooze-waker.ts';
import { JunkLearner } from './junk-learner.ts';
import { metricsText, ThreadMetrics } from './metrics.ts';
import { openResolver } from './open-resolver.ts';
import { nodeName } from './node-name.ts';
import { openDkimCare } from './signing.ts';
import { openStoreHost, type StoreHost } from './open-store.ts';
import { Port25Watch } from './port25-watch.ts';
import { QueueGauges } from './queue-gauges.ts';
import { RestartedThread } from './restarted-thread.ts';
import { storeMetrics } from './store-metrics.ts';
import type { BoundListener, Health, Question } from './thread-messages.ts';

const dayMs = 86_400_000;

export class Supervisor implements AsyncDisposable {
  #settings: Settings;
  readonly #log: Log;
  readonly #ticketKeys = randomBytes(48);
  #shapingTable: SharedArrayBuffer | undefined;
  readonly #threads: RestartedThread[] = [];
  readonly #metrics = new ThreadMetrics();
  #queueGauges: QueueGauges | undefined;
  #certificates: CertificateDesk | undefined;
  #port25: Port25Watch | undefined;
  #host: StoreHost | undefined;
  #ledgerLease: LedgerLease | undefined;
  #mover: Mover | undefined;
  #traces: TraceKeeper | undefined;
  #shipper: LineShipper | undefined;
  #housekeeping: Housekeeping | undefined;
  #accountCare: AccountCare | undefined;
  #index: IndexDesk | undefined;
  #dkimCare: DkimCare | undefined;
  #snoozeWaker: SnoozeWaker | undefined;
  #junkLearner: JunkLearner | undefined;
  #listeners: readonly BoundListener[] = [];
  #node = '';
  #stopping = false;

  private constructor(settings: Settings, log: Log) {
    this.#settings = settings;
    this.#log = log;
  }

  /** Resolves when everything listens. Rejects, with all closed again, when something cannot start. */
  static async start(settings: Settings, log: Log): Promise<Supervisor> {
    const supervisor = new Supervisor(settings, log);
    try {
      await supervisor.#start();
    } catch (error) {
      await supervisor[Symbol.asyncDispose]();
      throw error;
    }
    return supervisor;
  }

  get listeners(): readonly BoundListener[] {
    return this.#listeners;
  }

  get store(): Store {
    return this.#host!.store;
  }

  async #start(): Promise<void> {
    const settings = this.#settings;
    const folder = dataFolder(settings.data);
    makeDataFolder(folder);
    this.#node = nodeName(folder.root);
    this.#host = await openStoreHost(settings, this.#log);
    await raiseAfterRestore(this.#host.store, this.#log);
    const { store } = this.#host;
    if (store.engine === 'sqlite') await store.write(freeShards, undefined);
    const quarantine = openQuarantine(settings, store);
    const greylist = openGreylist(settings, store);
    this.#housekeeping = new Housekeeping({
      store,
      folder: folder.store,
      log: this.#log,
      quarantine,
      greylist,
      reportsKeptDays: this.#settings.reports.keptDays,
    });
    this.#accountCare = new AccountCare({ store: this.#host.store, clock: systemClock, log: this.#log });
    this.#junkLearner = new JunkLearner({
      store,
      clock: systemClock,
      log: this.#log,
      metrics: this.#metrics,
    });
    this.#snoozeWaker = new SnoozeWaker({ store, clock: systemClock, log: this.#log });
    this.#ledgerLease = new LedgerLease(store, systemClock);
    const ledger = {
      store: this.#host.store,
      lease: this.#ledgerLease,
      clock: systemClock,
      log: this.#log,
      metrics: this.#metrics,
      keepMs: settings.events.keepDays * dayMs,
    };
    this.#mover = new Mover(ledger);
    this.#traces = new TraceKeeper(ledger);
    this.#shipper = openShipper(settings, ledger);
    this.#queueGauges = new QueueGauges({
      store: this.#host.store,
      clock: systemClock,
      log: this.#log,
      metrics: this.#metrics,
    });
    this.#certificates = await this.#openCertificates(settings, folder.tls);
    const count = settings.threads === 0 ? Math.max(1, availableParallelism() - 1) : settings.threads;
    // The first one settles which ports are taken where a setting is 0; the others bind the same.
    const first = this.#thread(0, count);
    this.#listeners = await first.begin(settings.listeners);
    const listeners = withPorts(settings.listeners, this.#listeners);
    await Promise.all(
      Array.from({ length: count - 1 }, (_, i) => this.#thread(i + 1, count).begin(listeners)),
    );
    first.listeners = listeners;
    this.#certificates.begin();
    this.#watchPort25();
    if (settings.search.index) this.#index = this.#startIndex(settings);
    this.#dkimCare = openDkimCare({
      settings,
      store: this.#host.store,
      log: this.#log,
      metrics: this.#metrics,
    });
    giveBackStartMemory();
  }

  #openCertificates(settings: Settings, folder: string): Promise<CertificateDesk> {
    return CertificateDesk.open({
      settings,
      folder,
      log: this.#log,
      metrics: this.#metrics,
      store: this.#host!.store,
      resolver: openResolver(settings, this.#metrics),
      node: `${settings.hostname}/${newSecret(6)}`,
      onChange: (certificates) => {
        for (const thread of this.#threads) thread.post({ is: 'certificates', certificates });
      },
    });
  }

  #startIndex(settings: Settings): IndexDesk {
    return new IndexDesk({
      clock: systemClock,
      log: this.#log.child({ thread: 'index' }),
      data: () => ({ settings, store: this.#host!.attach() }),
    });
  }

  /** Anew with other settings. What was found stays until something else is. */
  #watchPort25(): void {
    this.#port25?.[Symbol.dispose]();
    this.#port25 = new Port25Watch({
      settings: this.#settings,
      resolver: openResolver(this.#settings, this.#metrics),
      log: this.#log,
      metrics: this.#metrics,
      closed: this.#port25?.closed ?? false,
      onChange: (closed) => {
        for (const thread of this.#threads) thread.post({ is: 'port25', closed });
      },
    });
  }

  #thread(index: number, count: number): RestartedThread {
    const thread = new RestartedThread({
      log: this.#log.child({ thread: index }),
      data: (listeners) => ({
        index,
        threads: count,
        node: this.#node,
        settings: this.#settings,
        listeners,
        certificates: this.#certificates!.current,
        port25Closed: this.#port25?.closed ?? false,
        ticketKeys: this.#ticketKeys,
        shapingTable: (this.#shapingTable ??= new SharedArrayBuffer(tableBytes(count))),
        store: this.#host!.attach(),
      }),
      answer: (question) => this.#answer(question),
    });
    this.#threads.push(thread);
    return thread;
  }

  async #answer(question: Question): Promise<unknown> {
    if (question === 'health') return this.health();
    const reports = await Promise.all(this.#threads.map((thread) => thread.metrics()));
    await this.#queueGauges?.refresh();
    const commits = this.#host?.commits?.();
    return metricsText([
      ...reports.filter((report) => report !== undefined),
      await this.#metrics.report(),
      ...(commits === undefined ? [] : [storeMetrics(commits)]),
    ]);
  }

  health(): Health {
    const store = this.#host?.store.health();
    const problems: string[] = [];
    if (store === undefined) problems.push('the store is not open');
    else if (store.state !== 'ok') problems.push(`storage is ${store.state}`);
    const down = this.#threads.filter((thread) => !thread.running).length;
    if (down > 0) problems.push(`${down} of ${this.#threads.length} threads are being started again`);
    if (this.#stopping) problems.push('the server is being stopped');
    const certificates = this.#certificates?.status() ?? [];
    const port25Closed = this.#port25?.closed ?? false;
    const threads = this.#threads.length;
    return { ready: problems.length === 0, problems, threads, certificates, port25Closed };
  }

  /** New settings for what can change while connections stay; the caller has checked them. */
  async reload(settings: Settings): Promise<void> {
    await this.#certificates!.reload(settings);
    this.#settings = {
      ...settings,
      listeners: this.#settings.listeners,
      data: this.#settings.data,
      store: this.#settings.store,
    };
    this.#watchPort25();
    for (const thread of this.#threads)
      thread.post({
        is: 'reload',
        settings: this.#settings,
        certificates: this.#certificates!.current,
      });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#stopping) return;
    this.#stopping = true;
    await Promise.all(this.#threads.map((thread) => thread.stop()));
    this.#certificates?.[Symbol.dispose]();
    this.#port25?.[Symbol.dispose]();
    await this.#index?.[Symbol.asyncDispose]();
    await this.#dkimCare?.[Symbol.asyncDispose]();
    await this.#snoozeWaker?.[Symbol.asyncDispose]();
    await this.#junkLearner?.[Symbol.asyncDispose]();
    await this.#accountCare?.[Symbol.asyncDispose]();
    await this.#housekeeping?.[Symbol.asyncDispose]();
    await this.#shipper?.[Symbol.asyncDispose]();
    await this.#traces?.[Symbol.asyncDispose]();
    await this.#mover?.[Symbol.asyncDispose]();
    await this.#ledgerLease?.[Symbol.asyncDispose]();
    await this.#host?.[Symbol.asyncDispose]();
  }
}

/** The listeners with the ports they got, in the same order; HTTP's may be among them. */
function withPorts(wanted: readonly ListenerSettings[], bound: readonly BoundListener[]): ListenerSettings[] {
  const left = [...bound];
  return wanted.map((one) => {
    const at = left.findIndex((got) => got.kind === one.kind && (one.port === 0 || one.port === got.port));
    if (at === -1) return one;
    const [got] = left.splice(at, 1);
    return { ...one, port: got!.port };
  });
}
