/**
 * The one way out: gives the queue what it asks for. Mail for our own mailboxes goes to local/, all else to smtp/; notices are made in
 * notice/.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Counter, Metrics } from '../base/metrics.ts';
import type { Directory } from '../directory/directory.ts';
import { routeOfDestination } from '../directory/inbound.ts';
import type { MailEvent } from '../events/event.ts';
import type { Mailboxes } from '../mailbox/mailboxes.ts';
import type { Resolver } from '../net/resolver.ts';
import {
  localDestination,
  simulatorDomain,
  type Attempt,
  type AttemptResult,
  type Deliver,
  type SiteRoute,
} from '../queue/attempt.ts';
import type { QueuedMessage, Submission } from '../queue/message.ts';
import type { Notice, NoticeRequest } from '../queue/notice.ts';
import type { ScriptLibrary } from '../sieve/library.ts';
import type { ScriptRunner } from '../sieve/runner.ts';
import type { Store } from '../store/store.ts';
import { HookDelivery, type PostHook } from './hook/hook-delivery.ts';
import { LocalDelivery } from './local/local-delivery.ts';
import { Notices } from './notice/notices.ts';
import { nextHop, type NextHop } from './next-hop.ts';
import type { DeliveryOptions } from './options.ts';
import type { ReportEar } from './report-ear.ts';
import { Filter } from './sieve/filter.ts';
import type { Forwarding } from './smtp/passing-on.ts';
import type { Answered } from './simulator/answers.ts';
import { Simulator } from './simulator/simulator.ts';
import { RemoteDelivery } from './smtp/remote.ts';
import { TlsResults } from './tls-results.ts';
import { StsPolicies } from './tls/sts-policies.ts';

export interface DelivererParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly directory: Pick<Directory, 'resolve' | 'account' | 'orgOf' | 'isLocalDomain'> &
    Partial<Pick<Directory, 'inboundRoute'>>;
  /** Hands mail to programs over HTTP. */
  readonly postHook?: PostHook;
  /** The scripts of accounts, and what they ask for; absent where there are none. */
  readonly scripts?: {
    readonly library: ScriptLibrary;
    readonly runner: ScriptRunner;
    readonly mailboxes: Pick<Mailboxes, 'list' | 'access'>;
    readonly directory: Pick<Directory, 'resolve' | 'orgOf' | 'maySendAs'>;
  };
  readonly resolver: Resolver;
  /** Signs what we write ourselves; gives the same message where nobody does. */
  readonly sign?: (message: Buffer) => Promise<Buffer>;
  /** What is done to mail that is sent on. */
  readonly forwarding?: Forwarding;
  readonly options: DeliveryOptions;
  readonly reports?: ReportEar;
  /** Reads what comes back to return paths of ours; absent: nobody does. */
  readonly returned?: { readonly site: string; readonly deliver: Deliver };
  /** Takes in what simulated recipients send back. */
  readonly receive?: (mail: Answered) => Promise<void>;
}

export class Deliverer {
  readonly #parts: DelivererParts;
  readonly #tlsResults: TlsResults;
  readonly #atOnce: Counter;
  #local: LocalDelivery;
  #remote: RemoteDelivery;
  #notices: Notices;
  readonly #simulator: Simulator;
  readonly #hooks: HookDelivery | undefined;
  #options: DeliveryOptions;
  #port25Closed = false;

  constructor(parts: DelivererParts) {
    const { options } = parts;
    this.#parts = parts;
    this.#options = options;
    this.#tlsResults = new TlsResults(parts);
    this.#atOnce = parts.metrics.counter(
      'hikyaku_delivery_at_once_total',
      'Messages placed into a mailbox as they came in, without the queue.',
    );
    this.#local = this.#makeLocal(options);
    this.#remote = this.#makeRemote(options);
    this.#notices = this.#makeNotices(options);
    const { clock, log, receive } = parts;
    const { store, directory, postHook } = parts;
    const { inboundRoute } = directory;
    if (postHook && inboundRoute)
      this.#hooks = new HookDelivery({
        clock,
        log,
        bodies: store.bodies,
        directory: { inboundRoute: (id) => directory.inboundRoute!(id) },
        post: postHook,
      });
    this.#simulator = new Simulator({ clock, log, hostname: options.hostname, receive });
  }

  /** Other routes and limits, for attempts from now on; those in hand end as they began. */
  reload(options: DeliveryOptions): void {
    const before = this.#remote;
    this.#options = options;
    this.#local = this.#makeLocal(options);
    this.#remote = this.#makeRemote(options);
    this.#notices = this.#makeNotices(options);
    before.stop();
  }

  #makeLocal(options: DeliveryOptions): LocalDelivery {
    const { clock, log, store, directory, scripts, sign, forwarding, reports } = this.#parts;
    const local = { store, clock, log, directory, options, ...(reports && { reports }) };
    if (scripts === undefined) return new LocalDelivery(local);
    const filter = new Filter({
      store,
      clock,
      log,
      ...scripts,
      hostname: options.hostname,
      ...(sign && { sign }),
      ...(forwarding?.returnPath && { returnPath: forwarding.returnPath }),
    });
    return new LocalDelivery({ ...local, filters: { library: scripts.library, filter } });
  }

  #makeRemote(options: DeliveryOptions): RemoteDelivery {
    const { clock, resolver, store, forwarding } = this.#parts;
    const { caCertificates: ca, stsPort: port, allowPrivateAddresses } = options;
    const shared = { clock, resolver, store, port, allowPrivateAddresses, ...(ca ? { ca } : {}) };
    return new RemoteDelivery({
      clock,
      resolver,
      bodies: store.bodies,
      options,
      tlsResults: this.#tlsResults,
      port25Closed: () => this.#port25Closed,
      ...(forwarding && { forwarding }),
      ...(options.mtaSts ? { sts: new StsPolicies(shared) } : {}),
    });
  }

  #makeNotices(options: DeliveryOptions): Notices {
    const { clock, log, store, directory, sign } = this.#parts;
    return new Notices({ clock, log, bodies: store.bodies, directory, options, ...(sign && { sign }) });
  }

  deliver(attempt: Attempt): Promise<AttemptResult> {
    if (isTooLate(attempt.message, this.#parts.clock)) return Promise.resolve(tooLate(attempt));
    if (attempt.site === simulatorDomain) return this.#simulator.deliver(attempt);
    if (this.#hooks && isHook(attempt.site)) return this.#hooks.deliver(attempt);
    const { returned } = this.#parts;
    if (returned?.site === attempt.site) return returned.deliver(attempt);
    return attempt.site === localDestination ? this.#local.deliver(attempt) : this.#remote.deliver(attempt);
  }

  /** Whether mail for a mailbox of ours could be placed by the transaction that takes it in; else the queue takes it. */
  async placeAtOnce(submission: Submission, events: readonly MailEvent[]): Promise<boolean> {
    const placed = await this.#local.placeAtOnce(submission, events);
    if (placed) this.#atOnce.add(1);
    return placed;
  }

  /** What decides where mail of this sender for this destination goes: most often the destination alone. */
  hopOf(destination: string, sender: string): string {
    if (isOurs(destination)) return destination;
    if (this.#isHere(destination)) return destination;
    return this.#remote.hopOf(destination, sender);
  }

  #isHere(destination: string): boolean {
    return [localDestination, simulatorDomain, this.#parts.returned?.site].includes(destination);
  }

  async route(hop: string): Promise<SiteRoute> {
    if (isOurs(hop)) return { site: hop, untilMs: Infinity };
    if (this.#isHere(hop)) return { site: hop, untilMs: Infinity };
    return this.#remote.route(hop);
  }

  /** Where mail for a domain elsewhere goes next, for people who ask. */
  nextHop(domain: string): Promise<NextHop> {
    const { resolver, clock } = this.#parts;
    return nextHop({ resolver, options: this.#options, nowMs: () => clock.nowMs() }, domain);
  }

  /** What was counted of TLS sessions is in the store then. */
  flushTlsResults(): Promise<void> {
    return this.#tlsResults.flush();
  }

  notice(request: NoticeRequest): Promise<Notice | undefined> {
    return this.#notices.make(request);
  }

  /** Port 25 was found closed on the way out of this machine, or open again: routes for what cannot be reached are then taken at once. */
  setPort25Closed(closed: boolean): void {
    this.#port25Closed = closed;
  }

  /** Connections to other servers open now. */
  get connections(): number {
    return this.#remote.connections;
  }

  /** We are being stopped: what has not reached a server comes back untried, and soon what has not come to its end there. */
  leave(): void {
    this.#remote.leave();
  }

  /** Says QUIT on connections that are kept. Call when the queue has stopped. */
  async stop(): Promise<void> {
    this.#remote.stop();
    await this.#tlsResults.flush();
  }
}

/** RFC 2852, 4: mail that was to be returned by then is not delivered any more. */
const isTooLate = ({ deliverBy }: QueuedMessage, clock: Clock): boolean =>
  deliverBy?.mode === 'return' && clock.nowMs() >= deliverBy.atMs;

function tooLate({ recipients }: Attempt): AttemptResult {
  const reply = '550 5.4.7 The time by which it was to be delivered is up';
  const answer = { phase: 'dns', host: '', ip: '', reply } as const;
  return {
    outcomes: recipients.map(() => ({ is: 'failed', why: 'expired', answer })),
    conversations: [],
  };
}

const isHook = (hop: string): boolean => routeOfDestination(hop) !== undefined;

/** What leads to no other server. */
const isOurs = (hop: string): boolean => hop === localDestination || hop === simulatorDomain || isHook(hop);
