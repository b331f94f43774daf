/** How mail to others goes, by provider; how far warm-ups are; block lists that name us. */
import { tookSteps } from '../../events/way-out.ts';
import type { HttpParts, ProviderCount } from '../parts.ts';
import { callerIn } from './access.ts';
import type { App } from './app.ts';
import { answer } from './contract.ts';
import {
  blockLists,
  deliverability,
  deliverabilityQuery,
  warmUps,
  type Deliverability,
  type ProviderOutcomes,
} from './contract-deliverability.ts';

const tags = ['deliverability'];
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const daysDefault = 7;
const byHourMaxDays = 2;
/** A count is believed for so long: many people may look at it, and it reads much. */
const keptMs = 20_000;
const keptMax = 200;

export function deliverabilityRoutes(app: App, { reputation, clock }: HttpParts): void {
  const kept = new Map<string, { readonly atMs: number; readonly told: Promise<Deliverability> }>();
  const count = async (org: string, days: number): Promise<Deliverability> => {
    const stepMs = days > byHourMaxDays ? dayMs : hourMs;
    const fromMs = Math.floor((clock.nowMs() - days * dayMs) / stepMs) * stepMs;
    const counts = await reputation.byProvider(org, fromMs, stepMs);
    const classes = classesOf(counts);
    const times = { p50Ms: within(classes, 0.5), p99Ms: within(classes, 0.99) };
    return { fromMs, stepMs, ...times, items: providersOf(counts) };
  };
  const counted = (org: string, days: number): Promise<Deliverability> => {
    const key = `${org} ${days}`;
    const known = kept.get(key);
    if (known && clock.nowMs() - known.atMs < keptMs) return known.told;
    if (kept.size >= keptMax) kept.clear();
    const told = count(org, days);
    told.catch(() => kept.delete(key));
    kept.set(key, { atMs: clock.nowMs(), told });
    return told;
  };

  app.get(
    '/deliverability',
    {
      config: { access: 'stats:read' },
      schema: {
        tags,
        summary: 'Mail to others by provider: what became of it, and how long it took',
        querystring: deliverabilityQuery,
        response: { 200: answer(deliverability) },
      },
    },
    async (request) => {
      const { days = daysDefault, org: asked = '' } = request.query;
      return counted(callerIn(request).org ?? asked, days);
    },
  );

  app.get(
    '/deliverability/warm-ups',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'New sources and domains on their way to be known',
        response: { 200: answer(warmUps) },
      },
    },
    async () => ({ items: (await reputation.warmUps()).map((one) => ({ ...one, plan: [...one.plan] })) }),
  );

  app.get(
    '/deliverability/block-lists',
    {
      config: { access: 'operator' },
      schema: {
        tags,
        summary: 'Whether block lists name an address of ours, asked at most every ten minutes',
        response: { 200: answer(blockLists) },
      },
    },
    async () => ({ items: [...(await reputation.blockLists())] }),
  );
}

type Outcome = 'delivered' | 'deferred' | 'bounced' | 'complained';
const none = { delivered: 0, deferred: 0, bounced: 0, complained: 0 };

function providersOf(counts: readonly ProviderCount[]): ProviderOutcomes[] {
  return [...Map.groupBy(counts, ({ provider }) => provider)]
    .map(([provider, inside]) => providerOf(provider, inside))
    .sort((a, b) => total(b) - total(a));
}

const total = ({ delivered, deferred, bounced, complained }: typeof none): number =>
  delivered + deferred + bounced + complained;

function providerOf(provider: string, counts: readonly ProviderCount[]): ProviderOutcomes {
  const sum = { ...none };
  const steps = new Map<number, typeof none>();
  const classes = classesOf(counts);
  for (const { atMs, status, count } of counts) {
    const step = steps.get(atMs) ?? { ...none };
    steps.set(atMs, step);
    sum[status as Outcome] += count;
    step[status as Outcome] += count;
    // What was called spam was delivered before.
    if (status === 'complained') {
      sum.delivered += count;
      step.delivered += count;
    }
  }
  return {
    provider,
    title: counts[0]?.title ?? '',
    ...sum,
    p50Ms: within(classes, 0.5),
    p99Ms: within(classes, 0.99),
    steps: [...steps].sort(([a], [b]) => a - b).map(([atMs, step]) => ({ atMs, ...step })),
  };
}

/** Of what was delivered, how many in each class of time. */
function classesOf(counts: readonly ProviderCount[]): readonly number[] {
  const classes = Array.from({ length: tookSteps.length + 1 }, () => 0);
  for (const { took, count } of counts) if (took >= 0) classes[took]! += count;
  return classes;
}

/** The time within which this part was delivered, from the classes: inside a class as if it were even. */
export function within(classes: readonly number[], part: number): number {
  const all = classes.reduce((sum, each) => sum + each, 0);
  if (all === 0) return 0;
  let left = all * part;
  for (const [i, count] of classes.entries()) {
    const from = tookSteps[i - 1] ?? 0;
    const to = tookSteps[i] ?? from;
    if (count >= left && count > 0) return Math.round(from + (to - from) * (left / count));
    left -= count;
  }
  return tookSteps.at(-1)!;
}
