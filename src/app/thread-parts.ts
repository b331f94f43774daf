/**
 * Builds everything that one protocol thread runs, bottom up, and gives back one thing to stop it: listeners first (no new work), then sessions
 * and deliveries in hand, then the queue, and the store last.
 */
import { systemClock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { ListenerSettings, Settings } from '../config/schema.ts';
import { Deliverer } from '../delivery/deliverer.ts';
import { Directory } from '../directory/directory.ts';
import type { HttpParts } from '../httpd/parts.ts';
import { Intake, type IntakeParts } from '../intake/intake.ts';
import { Mailboxes } from '../mailbox/mailboxes.ts';
import type { Resolver } from '../net/resolver.ts';
import { TlsContexts, type Certificate } from '../net/tls-contexts.ts';
import type { Neighbourhood } from '../policy/neighbourhood.ts';
import { Sending } from '../policy/sending.ts';
import { Queue } from '../queue/queue.ts';
import type { KeptState } from '../shaping/kept-states.ts';
import type { Shaper } from '../shaping/shaper.ts';
import { openOrders, orderedDelivery, orderedShaping, reroutesOf } from './order-care.ts';
import { watchLatency } from './latency.ts';
import type { Orders } from '../queue/orders.ts';
import { openShaper } from './shaping.ts';
import type { Quarantine } from '../queue/quarantine.ts';
import { openQuarantine } from './quarantine.ts';
import { ScriptLibrary } from '../sieve/library.ts';
import { ScriptRunner } from '../sieve/runner.ts';
import { Scripts } from '../sieve/scripts.ts';
import { Workshop } from '../sieve/workshop.ts';
import { Renderer } from '../relay/renderer.ts';
import type { Store } from '../store/store.ts';
import { openMilters } from './open-milters.ts';
import { ownAddresses } from './own-addresses.ts';
import { openNeighbourhood } from './door.ts';
import { openExamination } from './examination.ts';
import { openForwarding, openSigner } from './signing.ts';
import { quotaCheck, storageProblem } from './intake-checks.ts';
import type { ThreadMetrics } from './metrics.ts';
import { deliveryOptions, intakeOptions, queueOptions, sendingOptions } from './part-options.ts';
import { openResolver } from './open-resolver.ts';
import { Refusals } from './refusals.ts';
import type { ReportSender } from '../reporting/report-sender.ts';
import { hookPost } from './hook-post.ts';
import { linkGuard } from './link-guard.ts';
import { receiveSimulated } from './simulated-answers.ts';
import { returnedMail, withReturnPaths } from './returned-mail.ts';
import { unsubscribeLinks } from './unsubscribing.ts';
import { openSuppressions, screened, suppressedAt } from './suppression.ts';
import type { Suppressions } from '../suppression/suppressions.ts';
import { openReporting, openReportSender, type Reporting } from './reporting.ts';

/** How long a search waits for the texts of attachments of mail that has just come. */
const attachmentsWaitMs = 5_000;

export interface ThreadFacts {
  readonly index: number;
  readonly settings: Settings;
  readonly listeners: readonly ListenerSettings[];
  readonly certificates: readonly Certificate[];
  readonly ticketKeys: Uint8Array;
  readonly threads: number;
  readonly node: string;
  /** The thread's own part of the queue. */
  readonly shard: number;
  readonly shapingTable: SharedArrayBuffer;
  /** What was learned of receivers before. */
  readonly shapingKept: readonly KeptState[];
  readonly store: Store;
  readonly log: Log;
  readonly metrics: ThreadMetrics;
}

/** The parts below the servers: one of each in a thread. */
export interface ThreadParts {
  readonly facts: ThreadFacts;
  /** As they were read last. */
  readonly inForce: { settings: Settings };
  readonly tls: TlsContexts;
  readonly resolver: Resolver;
  readonly directory: Directory;
  readonly mailboxes: Mailboxes;
  readonly scripts: Scripts;
  readonly library: ScriptLibrary;
  readonly workshop: Workshop;
  /** For mail from other servers. */
  readonly intake: Intake;
  /** For mail of our own users and networks: domains `byMx` are elsewhere to it. */
  readonly outgoingIntake: Intake;
  readonly refusals: Refusals;
  /** The rules of the filters, as an organisation weighs them. */
  readonly filterRules: HttpParts['filterRules'];
  readonly reporting: Reporting;
  readonly reportSender: ReportSender;
  /** Watches over networks of strangers; absent: nobody does. */
  readonly neighbourhood: Neighbourhood | undefined;
  readonly queue: Queue;
  readonly shaper: Shaper;
  readonly orders: Orders;
  readonly sending: Sending;
  readonly suppressions: Suppressions;
  readonly quarantine: Quarantine;
  readonly deliverer: Deliverer;
  /** Renders templates of programs. */
  readonly renderer: Renderer;
  /** Addresses by which delivery finds this server among the hosts of an MX. */
  readonly ownAddresses: readonly string[];
}

export function buildParts(facts: ThreadFacts): ThreadParts {
  const { settings, store, log, metrics } = facts;
  const shared = { store, clock: systemClock, log, metrics };
  const own = ownAddresses(settings, facts.listeners);
  const resolver = openResolver(settings, metrics);
  const directory = new Directory(shared);
  const attachmentsWithinMs = settings.search.index && settings.search.attachments ? attachmentsWaitMs : 0;
  const mailboxes = new Mailboxes({ ...shared, attachmentsWithinMs });
  const library = new ScriptLibrary(shared);
  const workshop = new Workshop(shared);
  const signer = openSigner({ settings, directory, log, metrics });
  const reporting = openReporting({ store, log, settings, directory, resolver });
  const suppressions = openSuppressions(settings, store);
  const deliverer = new Deliverer({
    ...shared,
    ...(signer && { sign: (message) => signer.signed(message) }),
    forwarding: openForwarding({ settings, directory, log, metrics }, signer),
    directory,
    resolver,
    scripts: { library, runner: new ScriptRunner(workshop), mailboxes, directory },
    options: deliveryOptions(settings, own),
    reports: reporting.ear,
    postHook: hookPost({ clock: systemClock, resolver, guard: linkGuard(settings) }),
    returned: returnedMail({ store, clock: systemClock, log, directory, suppressions }),
    receive: (mail) => receiveSimulated(intake, mail),
  });
  const shaper = openShaper(facts);
  const inForce = { settings };
  let rerouted = '[]';
  const orders = openOrders(facts, (held) => {
    shaper.reload(orderedShaping(inForce.settings, held));
    queue.remakeGates();
    const ways = JSON.stringify(reroutesOf(held));
    if (ways === rerouted) return;
    rerouted = ways;
    deliverer.reload(orderedDelivery(inForce.settings, own, held));
    queue.forgetRoutes();
  });
  const watched = watchLatency(metrics);
  const queue = new Queue({
    ...shared,
    options: queueOptions(settings),
    shard: facts.shard,
    owner: `${facts.node}/${facts.index}`,
    deliver: screened(
      suppressions,
      withReturnPaths({ directory }, (attempt) => watched(attempt, deliverer.deliver(attempt))),
    ),
    route: (hop) => deliverer.route(hop),
    hopOf: (destination, sender) => deliverer.hopOf(destination, sender),
    gateOf: (site) => orders.around(site, shaper.gateOf(site)),
    weightOf: (org) => shaper.weightOf(org),
    notice: (request) => deliverer.notice(request),
    onStop: () => deliverer.leave(),
  });
  const refusals = new Refusals(shared);
  const milters = openMilters({ settings, resolver, bodies: store.bodies, log });
  const examination = openExamination({
    settings,
    store,
    directory,
    resolver,
    log,
    metrics,
    ...(settings.reports.sendDmarc && { count: (finding) => reporting.counter.count(finding) }),
  });
  const sending = new Sending({ store, clock: systemClock, options: sendingOptions(settings) });
  const intakeParts: IntakeParts = {
    directory,
    bodies: store.bodies,
    clock: systemClock,
    log,
    metrics,
    options: intakeOptions(settings),
    isFull: quotaCheck({ directory, mailboxes, clock: systemClock }),
    storageProblem: () => storageProblem(store.health().state),
    ...(milters && { milters }),
    ...examination.intake,
    ...(signer && { sign: signer }),
    sending,
    suppressed: suppressedAt(suppressions),
    unsubscribeLinks: unsubscribeLinks(directory, settings.hostname),
    accept: async (submission, events) => {
      // A key is taken in the transaction that queues.
      const placed = submission.once === undefined && (await deliverer.placeAtOnce(submission, events));
      return placed ? undefined : queue.accept(submission, events);
    },
    refused: (event) => refusals.tell(event),
  };
  const intake = new Intake(intakeParts);
  return {
    facts,
    inForce,
    tls: new TlsContexts({ certificates: facts.certificates, ticketKeys: facts.ticketKeys }),
    resolver,
    directory,
    mailboxes,
    scripts: new Scripts({ ...shared, workshop }),
    library,
    workshop,
    intake,
    outgoingIntake: new Intake({ ...intakeParts, directory: leavingByMx(directory, settings.delivery.byMx) }),
    refusals,
    reporting,
    reportSender: openReportSender({ store, log, settings, directory, resolver, intake }),
    queue,
    shaper,
    orders,
    filterRules: async (org) => (await examination.chain?.rules(org)) ?? [],
    sending,
    suppressions,
    neighbourhood: settings.filters.enabled ? openNeighbourhood(settings, metrics) : undefined,
    quarantine: openQuarantine(settings, store),
    deliverer,
    renderer: new Renderer(systemClock),
    ownAddresses: own,
  };
}

/** The directory as it looks to mail that must leave by MX records although its domain is ours. */
function leavingByMx(directory: Directory, domains: readonly string[]): IntakeParts['directory'] {
  if (domains.length === 0) return directory;
  const away = new Set(domains.map((domain) => domain.toLowerCase()));
  return {
    resolve: async (address) =>
      away.has(address.slice(address.lastIndexOf('@') + 1).toLowerCase())
        ? { is: 'remote' }
        : directory.resolve(address),
    account: (id) => directory.account(id),
    complaintAddress: (mail) => directory.complaintAddress(mail),
    maySendAs: (principal, address) => directory.maySendAs(principal, address),
    rewrite: (address, direction, where) => directory.rewrite(address, direction, where),
  };
}
