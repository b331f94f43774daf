/** Why mail for a receiver goes as fast as it does: every limit in force, where it comes from, what was learned, and what holds mail back now. */
import { openAtMs } from './meters/meter.ts';
import type { LimitName, Limits, Stream } from './options.ts';
import type { Path } from './path.ts';
import type { SiteFacts } from '../queue/gate.ts';
import { perSecond, tellRate, type Rate } from './rate.ts';
import type { InForce, Mail } from './rules/merge.ts';
import { providerNamed } from './rules/providers.ts';
import type { Shaper } from './shaper.ts';
import { shapingWords, type Language } from './words.ts';

export interface Asked {
  readonly org: string;
  readonly stream: Stream;
  readonly campaign: string;
  readonly language: Language;
}

export interface Explained {
  readonly site: string;
  readonly hosts: readonly string[];
  /** Name and title; empty: of no provider group. */
  readonly provider: string;
  readonly providerTitle: string;
  readonly pool: string;
  readonly sources: readonly ExplainedSource[];
  /** Why it waits now, or that it does not. */
  readonly now: readonly string[];
}

export interface ExplainedSource {
  readonly source: string;
  readonly addresses: readonly string[];
  readonly limits: readonly ExplainedLimit[];
  readonly learned: {
    /** Copies a second; null: nothing is known, nothing held back. */
    readonly rate: number | null;
    readonly estimate: number | null;
    /** Mean of the last minute. */
    readonly taken: number;
    readonly suspendedUntilMs: number | null;
  };
  readonly warmUp: { readonly day: number; readonly part: number; readonly sent: number } | null;
  readonly pulled: boolean;
  readonly now: readonly string[];
  readonly opensAtMs: number | null;
}

export interface ExplainedLimit {
  readonly limit: LimitName;
  readonly what: string;
  readonly value: string;
  /** What is counted together. */
  readonly counts: string;
  readonly rule: string;
  readonly why: string;
  /** In use now, of limits on what is at one time. */
  readonly used: number | null;
  /** Rules that say otherwise and lose to this one. */
  readonly beaten: readonly string[];
}

export function explain(shaper: Shaper, facts: SiteFacts, asked: Asked): Explained {
  const gate = shaper.gate(facts);
  try {
    const { provider, site, hosts } = gate.receiver;
    const pool = shaper.pools.of(asked.org, asked.stream);
    const names = new Set(pool.members.map(({ source }) => source.name));
    const mail: Mail = { domain: facts.destination, ...asked };
    const sources = gate.paths
      .filter(({ source }) => names.has(source.name))
      .map((path) =>
        explainPath(path, {
          mail,
          language: asked.language,
          pulled: shaper.isPulled(path.source.name, provider),
        }),
      );
    return {
      site,
      hosts,
      provider,
      providerTitle: providerNamed(provider)?.title ?? '',
      pool: pool.name,
      sources,
      now: soonest(sources)?.now ?? [],
    };
  } finally {
    gate.close();
  }
}

const soonest = (sources: readonly ExplainedSource[]): ExplainedSource | undefined =>
  sources.toSorted((a, b) => (a.opensAtMs ?? 0) - (b.opensAtMs ?? 0))[0];

interface About {
  readonly mail: Mail;
  readonly language: Language;
  readonly pulled: boolean;
}

function explainPath(path: Path, about: About): ExplainedSource {
  const { mail, language, pulled } = about;
  const words = shapingWords[language];
  const nowMs = path.nowMs;
  const { rate, known, taken, suspendedUntilMs } = path.learner.state;
  const holds = holdsNow(path, about, nowMs);
  const limits = path.limits(mail);
  const used = new Map(path.counters.map(({ from, cell }) => [from.counts, cell.inUse]));
  return {
    source: path.source.name,
    addresses: path.source.addresses,
    limits: limits.map((one) => ({
      limit: one.limit,
      what: words.limit[one.limit],
      value: valueText(one),
      counts: one.counts,
      rule: one.rule.name,
      why: one.rule.why,
      used: one.limit === 'connections' ? (used.get(one.counts) ?? null) : null,
      beaten: one.beaten.map(({ name }) => name),
    })),
    learned: {
      rate: rate === 0 ? null : rate,
      estimate: known === 0 ? null : known,
      taken,
      suspendedUntilMs: suspendedUntilMs > nowMs ? suspendedUntilMs : null,
    },
    warmUp: path.warmUp
      ? { day: path.warmUp.state.day, part: path.warmUp.part, sent: path.warmUp.state.sent }
      : null,
    pulled,
    now: [...holds.map(({ text }) => text), ...(pulled ? [words.pulled] : [])].concat(
      holds.length === 0 ? [words.free] : [],
    ),
    opensAtMs: holds.length === 0 ? null : Math.max(...holds.map(({ atMs }) => atMs)),
  };
}

interface Hold {
  readonly text: string;
  readonly atMs: number;
}

function holdsNow(path: Path, { mail, language }: About, nowMs: number): readonly Hold[] {
  const words = shapingWords[language];
  const holds: Hold[] = [];
  const hold = (atMs: number, text: string): void => void holds.push({ atMs, text });
  for (const learner of [path.learner, path.ownLearner(mail.org)]) {
    if (learner === undefined) continue;
    const { suspendedUntilMs, strikes, rate } = learner.state;
    const opensAt = learner.openAtMs(nowMs);
    if (suspendedUntilMs > nowMs) hold(suspendedUntilMs, words.suspended(timeText(suspendedUntilMs)));
    else if (strikes > 0) hold(opensAt, words.probing());
    else if (opensAt > nowMs) hold(opensAt, words.learned(tellRate(rate)));
  }
  const warmAt = path.warmUp?.openAtMs(nowMs) ?? 0;
  if (path.warmUp && warmAt > nowMs)
    hold(warmAt, words.warmUp(path.warmUp.part, path.warmUp.state.day, timeText(warmAt)));
  const { meters } = path.load(`why ${JSON.stringify(mail)}`, () => mail);
  for (const meter of [...meters.rates, ...meters.bytes]) {
    const at = openAtMs(meter, path.share);
    const { limit, counts } = meter.from;
    if (at > nowMs) hold(at, words.rate(words.limit[limit], valueText(meter.from), counts, timeText(at)));
  }
  for (const { from, cell, max } of [...path.counters, ...meters.counts])
    if (cell.inUse >= max) hold(nowMs, words.full(words.limit[from.limit], valueText(from)));
  if (path.inHand > 0 && path.openAtMs(nowMs) === Infinity) hold(nowMs, words.inHand);
  return holds;
}

export const valueText = ({ value }: Pick<InForce, 'value'>): string => limitText(value);

export const limitText = (value: NonNullable<Limits[LimitName]>): string =>
  typeof value === 'number' ? String(value) : rateText(value);

const rateText = (rate: Rate): string =>
  `${tellRate(perSecond(rate))}${rate.burst > 1 ? ` burst ${rate.burst}` : ''}`;

const timeText = (atMs: number): string =>
  `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
