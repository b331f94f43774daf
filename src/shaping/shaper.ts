/**
 * Shaping of one thread: gates for its sites, with counters that it shares with the other threads, and what was learned of receivers.
 *
 * What was learned is kept in the store from time to time by whichever thread has it, and read at the start of a thread; counters of rates begin anew
 * with the process, which costs at most one burst.
 */
import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Gate, SiteFacts } from '../queue/gate.ts';
import { SiteGate } from './gate.ts';
import type { LearnedState } from './learning/controller.ts';
import { Learner, resumed } from './learning/learner.ts';
import type { Heard } from './learning/replies.ts';
import type { Cell, SharedTable } from './shared-table.ts';
import type { ShapingOptions, SourceOption } from './options.ts';
import type { Path } from './path.ts';
import type { KeptState } from './kept-states.ts';
import type { Receiver } from './rules/merge.ts';
import { wholeShare, type Share } from './nodes.ts';
import { Pools } from './sources/pools.ts';
import { partOfDay, WarmUp, type WarmUpState } from './sources/warm-up.ts';

export interface ShaperParts {
  readonly options: ShapingOptions;
  readonly table: SharedTable;
  readonly clock: Clock;
  readonly log: Log;
  /** The part of every limit that is this process's; absent: all of it. */
  readonly share?: () => Share;
  /** What was kept before. */
  readonly kept?: readonly KeptState[];
}

/** Learners and warm-ups that a thread remembers by name. */
const rememberedMax = 50_000;

export class Shaper {
  readonly #parts: ShaperParts;
  readonly #learners = new Map<string, Learner>();
  readonly #warmUps = new Map<string, WarmUp>();
  readonly #kept: Map<string, KeptState>;
  readonly #saved = new Map<string, number>();
  readonly #gates = new Set<SiteGate>();
  readonly #pulled = new Map<string, Cell>();
  #options: ShapingOptions;
  #pools: Pools;
  #orgLearners = 0;

  constructor(parts: ShaperParts) {
    this.#parts = parts;
    this.#options = parts.options;
    this.#pools = new Pools(parts.options.pools, parts.options.sources);
    this.#kept = new Map(parts.kept?.map((one) => [one.name, one]));
  }

  get options(): ShapingOptions {
    return this.#options;
  }

  get pools(): Pools {
    return this.#pools;
  }

  /** Turns that an organisation has while others have one. */
  weightOf(org: string): number {
    return this.#options.weights.find((one) => one.org === org)?.weight ?? 1;
  }

  /** For gates made from now on. */
  reload(options: ShapingOptions): void {
    this.#options = options;
    this.#pools = new Pools(options.pools, options.sources);
  }

  gateOf(facts: SiteFacts): Gate | undefined {
    return facts.site === 'local' ? undefined : this.gate(facts);
  }

  gate(facts: SiteFacts): SiteGate {
    const { table, clock, share = () => wholeShare } = this.#parts;
    const gate = new SiteGate(
      {
        options: this.#options,
        pools: this.#pools,
        table,
        share,
        nowMs: () => clock.nowMs(),
        learnerOf: (source, receiver, org) => this.#learner(learnerName(source, receiver, org), org),
        ownLearner: (source, receiver, org) => this.#ownLearner(source, receiver, org),
        warmUpOf: (source, receiver) => this.#warmUp(source, receiver),
        domainWarmUpOf: (sender, receiver) => this.#domainWarmUp(sender, receiver),
        isPulled: (source, provider) => this.isPulled(source, provider),
        onHeard: (path, heard, org) => this.#tell(path, heard, org),
        onClose: (closed) => this.#gates.delete(closed),
      },
      facts,
    );
    this.#gates.add(gate);
    return gate;
  }

  /** A block list that the provider looks at names an address of the source. */
  isPulled(source: string, provider: string): boolean {
    return source !== '' && this.#pulledCell(source, provider).int(0) > 0;
  }

  setPulled(source: string, provider: string, lists: number): void {
    this.#pulledCell(source, provider).hold(this.#parts.clock.nowMs()).setInt(0, lists);
  }

  #pulledCell(source: string, provider: string): Cell {
    const name = `pulled|${source}|${provider}`;
    let cell = this.#pulled.get(name);
    if (!cell) this.#pulled.set(name, (cell = this.#parts.table.cell(name, this.#parts.clock.nowMs())));
    return cell;
  }

  /** Changes since this was asked last, to be kept. */
  changed(): readonly KeptState[] {
    const changed: KeptState[] = [];
    for (const one of [...this.#learners.values(), ...this.#warmUps.values()]) {
      const { version } = one;
      if (version === (this.#saved.get(one.name) ?? 0)) continue;
      this.#saved.set(one.name, version);
      changed.push({ name: one.name, atMs: this.#parts.clock.nowMs(), state: JSON.stringify(one.state) });
    }
    return changed;
  }

  #learner(name: string, org: string): Learner {
    let learner = this.#learners.get(name);
    if (!learner) {
      if (this.#learners.size >= rememberedMax) this.#learners.clear();
      const nowMs = this.#parts.clock.nowMs();
      learner = new Learner(name, this.#parts.table.cell(name, nowMs));
      const kept = this.#kept.get(name);
      // Another thread may have gone on with it since.
      if (kept && learner.version === 0)
        learner.restore(resumed(JSON.parse(kept.state) as LearnedState, nowMs, kept.atMs));
      this.#saved.set(name, learner.version);
      this.#learners.set(name, learner);
      if (org !== '') this.#orgLearners += 1;
    }
    return learner;
  }

  #ownLearner(source: string, receiver: Receiver, org: string): Learner | undefined {
    if (this.#orgLearners === 0 || org === '') return undefined;
    return this.#learners.get(learnerName(source, receiver, org));
  }

  /** Copies that a new source may send to one provider, day by day. */
  get warmUpPlan(): readonly number[] {
    const { warmUpFirst: first, warmUpGrowth: growth, warmUpDays: days } = this.#options;
    return Array.from({ length: days }, (_, i) => partOfDay({ first, growth, days, fromMs: 0 }, i + 1));
  }

  #warmUp(source: SourceOption, receiver: Receiver): WarmUp | undefined {
    if (source.warmUpFrom === '') return undefined;
    return this.#warmUpNamed(`warm|${source.name}|${placeOf(receiver)}`, source.warmUpFrom);
  }

  /** A domain of a sender that is new to receivers; undefined: it is known. */
  #domainWarmUp(sender: string, receiver: Receiver): WarmUp | undefined {
    const { domains } = this.#options;
    if (domains.length === 0) return undefined;
    const domain = sender.slice(sender.lastIndexOf('@') + 1).toLowerCase();
    const found = domains.find((one) => one.domain === domain);
    return found && this.#warmUpNamed(`warm|@${domain}|${placeOf(receiver)}`, found.warmUpFrom);
  }

  #warmUpNamed(name: string, from: string): WarmUp {
    let warmUp = this.#warmUps.get(name);
    if (!warmUp) {
      const { warmUpFirst: first, warmUpGrowth: growth, warmUpDays: days } = this.#options;
      const cell = this.#parts.table.cell(name, this.#parts.clock.nowMs());
      warmUp = new WarmUp(name, { first, growth, days, fromMs: Date.parse(from) }, cell);
      const kept = this.#kept.get(name);
      if (kept && warmUp.version === 0) warmUp.restore(JSON.parse(kept.state) as WarmUpState);
      this.#saved.set(name, warmUp.version);
      this.#warmUps.set(name, warmUp);
    }
    return warmUp;
  }

  #tell({ source, receiver, learner }: Path, heard: Heard, org: string): void {
    this.#parts.log.info(
      {
        source: source.name,
        receiver: placeOf(receiver),
        ...(org !== '' && { org }),
        does: heard.does,
        rule: heard.rule.name,
        reply: heard.reply.slice(0, 200),
        rate: learner.rate,
        suspendedUntilMs: learner.suspendedUntilMs,
      },
      'a receiver asks for less',
    );
  }
}

/** All sites of a provider learn together; other sites each by themselves. */
export const placeOf = ({ provider, site }: Receiver): string => (provider === '' ? site : provider);

export const learnerName = (source: string, receiver: Receiver, org: string): string =>
  `rate|${source}|${placeOf(receiver)}|${org}`;
