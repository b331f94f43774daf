/**
 * One way to one site: a source with all that limits it there. Asked for each mail, so all is looked up beforehand: what limits everybody's mail is in
 * `whole`, what limits some mail's only in a `Load` for each kind of mail that a rule tells apart.
 */
import type { Pass, Way, Wait } from '../queue/gate.ts';
import type { AttemptResult } from '../queue/attempt.ts';
import type { QueuedMessage } from '../queue/message.ts';
import type { Learner } from './learning/learner.ts';
import { heardIn, type Heard } from './learning/replies.ts';
import { shareOf, type Share } from './nodes.ts';
import { count, openAtMs, rateMeter, type CountMeter, type RateMeter } from './meters/meter.ts';
import type { SharedTable } from './shared-table.ts';
import type { LimitName, ShapingOptions, SourceOption } from './options.ts';
import { inForce, type InForce, type Mail, type Receiver } from './rules/merge.ts';
import type { WarmUp } from './sources/warm-up.ts';

/** Attempts out for each connection: the second is sent right behind the first. */
const attemptsPerConnection = 2;

export interface PathParts {
  readonly options: ShapingOptions;
  readonly table: SharedTable;
  readonly nowMs: () => number;
  /** The part of every limit that is this process's. */
  readonly share: () => Share;
  readonly learnerOf: (source: string, receiver: Receiver, org: string) => Learner;
  /** That of the organisation, if it was ever told to slow down. */
  readonly ownLearner: (source: string, receiver: Receiver, org: string) => Learner | undefined;
  readonly warmUpOf: (source: SourceOption, receiver: Receiver) => WarmUp | undefined;
  /** That of the domain of a sender. */
  readonly domainWarmUpOf: (sender: string, receiver: Receiver) => WarmUp | undefined;
  /** Something was learned, for the log. */
  readonly onHeard: (path: Path, heard: Heard, org: string) => void;
}

export class Path {
  readonly source: SourceOption;
  readonly receiver: Receiver;
  readonly learner: Learner;
  readonly warmUp: WarmUp | undefined;
  readonly way: Way;
  readonly #parts: PathParts;
  readonly #loads = new Map<string, Load>();
  readonly #connections: readonly CountMeter[];
  readonly #connectionRates: readonly RateMeter[];
  readonly connections: number;
  inHand = 0;

  constructor(parts: PathParts, source: SourceOption, receiver: Receiver) {
    this.#parts = parts;
    this.source = source;
    this.receiver = receiver;
    this.learner = parts.learnerOf(source.name, receiver, '');
    this.warmUp = parts.warmUpOf(source, receiver);
    const everybody = this.limits(nobody).filter((one) => one.everybody);
    this.#connections = only(everybody, 'connections').map((from) => this.#counter(from));
    this.#connectionRates = only(everybody, 'connectionRate').map((from) => this.#rate(from));
    this.connections = Math.min(...this.#connections.map(({ max }) => max), parts.options.connectionsMax);
    const messages = only(everybody, 'messagesPerConnection').map(({ value }) => value);
    this.way = this.#makeWay(Math.min(parts.options.connectionMessages, ...messages));
  }

  limits(mail: Mail): readonly InForce[] {
    return inForce(this.#parts.options.rules, this.receiver, { source: this.source.name, mail });
  }

  /** What a mail is limited by here. Mail that no rule tells apart shares one. */
  load(key: string, mail: () => Mail): Load {
    let load = this.#loads.get(key);
    if (load === undefined) {
      if (this.#loads.size >= loadsMax) this.#loads.clear();
      load = this.#makeLoad(mail());
      this.#loads.set(key, load);
    }
    return load;
  }

  get share(): Share {
    return this.#parts.share();
  }

  get nowMs(): number {
    return this.#parts.nowMs();
  }

  /** When everybody's mail may go: now or before, or later. */
  openAtMs(nowMs: number): number {
    if (this.inHand >= shareOf(this.connections, this.share) * attemptsPerConnection) return Infinity;
    const warm = this.warmUp?.openAtMs(nowMs) ?? 0;
    return Math.max(warm, this.learner.openAtMs(nowMs));
  }

  went(copies: number, nowMs: number): void {
    this.inHand += 1;
    this.learner.went(copies, nowMs);
    this.warmUp?.went(copies);
  }

  /** Gives whether the site wants fewer connections. */
  heard(message: QueuedMessage, result: AttemptResult): boolean {
    this.inHand -= 1;
    const nowMs = this.#parts.nowMs();
    const { org, campaign } = message;
    let taken = 0;
    for (const { is } of result.outcomes) if (is === 'delivered' || is === 'failed') taken += 1;
    if (taken === result.outcomes.length && result.outcomes.every(({ is }) => is === 'delivered')) {
      this.#tell(org, { taken, slower: 0 }, nowMs);
      return false;
    }
    const speaker = { provider: this.receiver.provider, org, campaign };
    const heard = heardIn(this.#parts.options.replies, speaker, result);
    if (heard === undefined || heard.does === 'ignore' || !this.#parts.options.learn) {
      // What is said of a recipient, be it no, is no refusal of us.
      const answered = result.outcomes.filter(
        (one) => one.is !== 'deferred' || isOfRecipient(one.answer.phase),
      );
      this.#tell(org, { taken: answered.length, slower: 0 }, nowMs);
      return heard?.does === 'fewer';
    }
    this.#act(heard, { org, sender: message.sender, taken, slower: result.outcomes.length - taken }, nowMs);
    return heard.does !== 'slower' || heard.reply.startsWith('421');
  }

  #act(
    heard: Heard,
    seen: { org: string; sender: string; taken: number; slower: number },
    nowMs: number,
  ): void {
    const { learnerOf, onHeard } = this.#parts;
    const { org, taken, slower } = seen;
    const aboutOrg = heard.about === 'org' && org !== '';
    const learner = aboutOrg ? learnerOf(this.source.name, this.receiver, org) : this.learner;
    if (aboutOrg) this.learner.heard(taken, 0, nowMs);
    const before = learner.version;
    if (heard.does === 'suspend') learner.suspend(heard.forMs, nowMs);
    else if (heard.does === 'slower') learner.heard(taken, slower, nowMs);
    if (heard.does === 'suspend') {
      this.warmUp?.badSign();
      this.domainWarmUp(seen.sender)?.badSign();
    }
    if (learner.version !== before) onHeard(this, heard, aboutOrg ? org : '');
  }

  #tell(org: string, { taken, slower }: { taken: number; slower: number }, nowMs: number): void {
    this.learner.heard(taken, slower, nowMs);
    this.#parts.ownLearner(this.source.name, this.receiver, org)?.heard(taken, slower, nowMs);
  }

  domainWarmUp(sender: string): WarmUp | undefined {
    return this.#parts.domainWarmUpOf(sender, this.receiver);
  }

  ownLearner(org: string): Learner | undefined {
    return this.#parts.ownLearner(this.source.name, this.receiver, org);
  }

  #makeLoad(mail: Mail): Load {
    const limits = this.limits(mail);
    const recipients = only(limits, 'recipientsPerMessage').map(({ value }) => value);
    return new Load(this, {
      rates: only(limits, 'messageRate').map((from) => this.#rate(from)),
      bytes: only(limits, 'byteRate').map((from) => this.#rate(from)),
      counts: only(limits, 'connections')
        .filter((one) => !one.everybody)
        .map((from) => this.#counter(from)),
      recipientsMax: Math.min(Infinity, ...recipients),
    });
  }

  #counter(from: InForce<'connections'>): CountMeter {
    return { from, max: from.value, cell: this.#cell(from) };
  }

  #rate(from: InForce<'messageRate' | 'byteRate' | 'connectionRate'>): RateMeter {
    return rateMeter(from, from.value, this.#cell(from));
  }

  #cell({ limit, counts }: InForce) {
    return this.#parts.table.cell(meterName(this.source.name, limit, counts), this.#parts.nowMs());
  }

  #makeWay(connectionMessages: number): Way {
    const { name, addresses, hostname, proxy } = this.source;
    return {
      source: name,
      localAddresses: addresses,
      connectionMessages,
      ...(hostname !== '' && { hostname }),
      ...(proxy && { proxy }),
      open: () => this.#open(),
      closed: () => {
        for (const { cell } of this.#connections) cell.give();
      },
    };
  }

  #open(): boolean {
    const nowMs = this.#parts.nowMs();
    const share = this.share;
    for (const meter of this.#connectionRates) if (openAtMs(meter, share) > nowMs) return false;
    for (let i = 0; i < this.#connections.length; i++) {
      const { cell, max } = this.#connections[i]!;
      if (cell.take(shareOf(max, share), nowMs)) continue;
      for (const taken of this.#connections.slice(0, i)) taken.cell.give();
      return false;
    }
    for (const meter of this.#connectionRates) count(meter, { amount: 1, nowMs, share });
    return true;
  }

  /** For people: every counter of everybody's connections. */
  get counters(): readonly CountMeter[] {
    return this.#connections;
  }
}

const isOfRecipient = (phase: string): boolean => phase === 'rcpt' || phase === 'data' || phase === 'dot';

/** Kinds of mail that are told apart at once, for each way to a site. */
const loadsMax = 1000;

const nobody: Mail = { domain: '', org: '', stream: 'transactional', campaign: '' };

export const meterName = (source: string, limit: LimitName, counts: string): string =>
  `${limit}|${source}|${counts}`;

function only<K extends LimitName>(limits: readonly InForce[], limit: K): readonly InForce<K>[] {
  return limits.filter((one): one is InForce<K> => one.limit === limit);
}

interface LoadMeters {
  readonly rates: readonly RateMeter[];
  readonly bytes: readonly RateMeter[];
  /** Of some mail only: counted are attempts in hand, for connections are shared. */
  readonly counts: readonly CountMeter[];
  readonly recipientsMax: number;
}

/** A kind of mail on one path. */
export class Load implements Pass {
  readonly is = 'pass';
  readonly recipientsMax: number;
  readonly #path: Path;
  readonly #meters: LoadMeters;

  constructor(path: Path, meters: LoadMeters) {
    this.#path = path;
    this.#meters = meters;
    this.recipientsMax = meters.recipientsMax;
  }

  get way(): Way {
    return this.#path.way;
  }

  get connections(): number {
    return shareOf(this.#path.connections, this.#path.share);
  }

  get meters(): LoadMeters {
    return this.#meters;
  }

  /** When it may go as far as this kind of mail is concerned, and whether that is for everybody's. */
  openAt({ org, sender }: QueuedMessage, nowMs: number): Wait | undefined {
    const { rates, bytes, counts } = this.#meters;
    const { share } = this.#path;
    let untilMs = 0;
    let whole = false;
    for (const meter of rates) {
      const at = openAtMs(meter, share);
      if (at > untilMs) [untilMs, whole] = [at, meter.from.everybody];
    }
    for (const meter of bytes) {
      const at = openAtMs(meter, share);
      if (at > untilMs) [untilMs, whole] = [at, meter.from.everybody];
    }
    for (const { cell, max } of counts)
      if (cell.inUse >= shareOf(max, share)) [untilMs, whole] = [Infinity, false];
    const own = this.#path.ownLearner(org)?.openAtMs(nowMs) ?? 0;
    if (own > untilMs) [untilMs, whole] = [own, false];
    const warm = this.#path.domainWarmUp(sender)?.openAtMs(nowMs) ?? 0;
    if (warm > untilMs) [untilMs, whole] = [warm, false];
    return untilMs > nowMs ? { is: 'wait', untilMs, whole } : undefined;
  }

  go(recipients: number, { org, sizeBytes, sender }: QueuedMessage): void {
    const nowMs = this.#path.nowMs;
    const { share } = this.#path;
    const { rates, bytes, counts } = this.#meters;
    for (const meter of rates) count(meter, { amount: recipients, nowMs, share });
    for (const meter of bytes) count(meter, { amount: sizeBytes, nowMs, share });
    for (const { cell } of counts) cell.take(Infinity, nowMs);
    this.#path.went(recipients, nowMs);
    this.#path.ownLearner(org)?.went(recipients, nowMs);
    this.#path.domainWarmUp(sender)?.went(recipients);
  }

  over(message: QueuedMessage, result: AttemptResult): { readonly tooMany: boolean } {
    for (const { cell } of this.#meters.counts) cell.give();
    return { tooMany: this.#path.heard(message, result) };
  }
}
