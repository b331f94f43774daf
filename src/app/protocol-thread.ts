/**
 * Entry of a protocol thread. Builds the parts, opens the listeners, tells the main thread where they are, and runs until it is told to stop.
 *
 * An error that nobody caught ends the thread: the main thread starts it anew. Nothing acknowledged is lost by that.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../base/clock.ts';
import { giveBackStartMemory } from '../base/heap.ts';
import { startThreadHttp } from './http.ts';
import { openLog } from './logger.ts';
import { MainLine } from './main-line.ts';
import { ThreadMetrics } from './metrics.ts';
import { deadAddresses } from './settings-addresses.ts';
import { openThreadStore } from './open-store.ts';
import { SendingWatch } from './sending-watch.ts';
import { suppressionPolicy } from './suppression.ts';
import { SuppressionWatch } from './suppression-watch.ts';
import { ReportRounds } from './reporting.ts';
import { Services } from './services.ts';
import { SourceWatch } from './source-watch.ts';
import type { FromThread, ThreadStart, ToThread } from './thread-messages.ts';
import { watchThread } from './thread-gauges.ts';
import { buildParts, type ThreadParts } from './thread-parts.ts';
import { takeSeat } from '../queue/seat.ts';
import { Keeper, keptStates } from '../shaping/kept-states.ts';
import { joinNodes } from './shaping.ts';
import { orderedDelivery, orderedShaping } from './order-care.ts';
import { QuarantineNotices } from './quarantine-notices.ts';
import { startWebhooks } from './webhooks.ts';

const main = parentPort!;
const start = workerData as ThreadStart;
const log = openLog(start.settings.log.level, { thread: start.index });
const metrics = new ThreadMetrics();
const line = new MainLine((message: FromThread) => main.postMessage(message));

const store = await openThreadStore(start.settings, start.store, log);
const shapingKept = await store.read(() => keptStates());
const shard = await ownShard();
const parts = buildParts({ ...start, shard, store, log, metrics, shapingKept });
watchThread(metrics, parts);
const services = new Services(parts);
parts.deliverer.setPort25Closed(start.port25Closed);
const nodes = await joinNodes(parts.facts);
await parts.orders.refresh();
await parts.queue.start();
const bound = await services.open(start.listeners);
const http = await startThreadHttp(parts, line);
const watch = start.index === 0 && start.settings.sending.watch ? watchSending(parts) : undefined;
const suppressing =
  start.index === 0
    ? new SuppressionWatch({
        store,
        clock: systemClock,
        log,
        metrics,
        policy: suppressionPolicy(start.settings),
      })
    : undefined;
const rounds = start.index === 0 ? new ReportRounds(parts.reportSender, log) : undefined;
const hooks = start.index === 0 ? startWebhooks(parts) : undefined;
const notices = start.index === 0 ? tellOfQuarantine(parts) : undefined;
const sourceWatch =
  start.index === 0
    ? new SourceWatch({ shaper: parts.shaper, resolver: parts.resolver, clock: systemClock, log })
    : undefined;
const keeper = new Keeper({ store, shaper: parts.shaper, clock: systemClock, log });
giveBackStartMemory();
if (start.index === 0) await tellDeadAddresses();
main.postMessage({ is: 'listening', listeners: [...bound, ...http.listeners] } satisfies FromThread);

main.on('message', (message: ToThread) => {
  if (message.is === 'stop') void stop();
  else if (message.is === 'reload') reload(parts, message);
  else if (message.is === 'certificates') parts.tls.replace(message.certificates);
  else if (message.is === 'port25') parts.deliverer.setPort25Closed(message.closed);
  else if (message.is === 'answer') line.answered(message.id, message.value);
  else
    void metrics
      .report()
      .then((report) => main.postMessage({ is: 'metrics', id: message.id, report } satisfies FromThread));
});

/** Nodes on one PostgreSQL have shards of their own. */
function ownShard(): Promise<number> {
  const { node, index: thread, settings } = start;
  return settings.store.engine === 'postgres'
    ? store.write(takeSeat, { node, thread })
    : Promise.resolve(thread);
}

/** Mail for the postmaster would be refused, and nobody would miss it. */
async function tellDeadAddresses(): Promise<void> {
  for (const dead of await deadAddresses(start.settings, parts.directory))
    log.warn({ ...dead }, 'an address of the settings leads to nobody');
}

function watchSending({ directory, intake }: ThreadParts): SendingWatch {
  const hostName = start.settings.hostname;
  return new SendingWatch({ store, directory, intake, hostName, clock: systemClock, log, metrics });
}

function tellOfQuarantine({ directory, intake, quarantine }: ThreadParts): QuarantineNotices | undefined {
  const { hostname: hostName, language, filters } = start.settings;
  const who = filters.quarantineNotices;
  if (who === 'none') return undefined;
  const tells = { admins: who !== 'recipients', recipients: who !== 'admins' };
  const afterMs = filters.quarantineNoticeHours * 3_600_000;
  const about = { hostName, language, tells, afterMs };
  return new QuarantineNotices({ quarantine, directory, intake, clock: systemClock, log, ...about });
}

/** What can change while connections stay: certificates and routes. The rest is for the next start. */
function reload(running: ThreadParts, { settings, certificates }: Extract<ToThread, { is: 'reload' }>): void {
  running.tls.replace(certificates);
  running.deliverer.reload(orderedDelivery(settings, running.ownAddresses, running.orders.all));
  running.resolver.flush();
  running.inForce.settings = settings;
  running.shaper.reload(orderedShaping(settings, running.orders.all));
  running.queue.remakeGates();
  running.queue.forgetRoutes();
  http.reload(settings);
  log.info({}, 'settings were read again');
}

async function stop(): Promise<void> {
  await http.stop();
  await watch?.[Symbol.asyncDispose]();
  await hooks?.[Symbol.asyncDispose]();
  await suppressing?.[Symbol.asyncDispose]();
  await notices?.[Symbol.asyncDispose]();
  await services.stop();
  await parts.refusals[Symbol.asyncDispose]();
  await rounds?.[Symbol.asyncDispose]();
  await parts.reporting.counter.flush();
  parts.orders[Symbol.dispose]();
  await parts.queue.stop();
  await nodes?.[Symbol.asyncDispose]();
  sourceWatch?.[Symbol.dispose]();
  await keeper[Symbol.asyncDispose]();
  await parts.deliverer.stop();
  parts.library[Symbol.dispose]();
  parts.sending[Symbol.dispose]();
  await parts.workshop[Symbol.asyncDispose]();
  await parts.renderer[Symbol.asyncDispose]();
  parts.directory[Symbol.dispose]();
  await store[Symbol.asyncDispose]();
  main.close();
}
