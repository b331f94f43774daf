/** Mail counted by hour and outcome, for overviews. */
import type { HttpParts } from '../parts.ts';
import { callerIn } from './access.ts';
import type { App } from './app.ts';
import { counts, countsQuery, type MailCount } from './contract-overview.ts';
import { answer } from './contract.ts';

const dayMs = 86_400_000;
const daysDefault = 14;
/** A count is believed for so long: many people may look at it, and it reads much. */
const keptMs = 20_000;
const keptMax = 200;

export function countRoutes(app: App, { traces, clock }: Pick<HttpParts, 'traces' | 'clock'>): void {
  const kept = new Map<string, { readonly atMs: number; readonly items: Promise<readonly MailCount[]> }>();

  const counted = (org: string, days: number): Promise<readonly MailCount[]> => {
    const key = `${org} ${days}`;
    const nowMs = clock.nowMs();
    const known = kept.get(key);
    if (known && nowMs - known.atMs < keptMs) return known.items;
    if (kept.size >= keptMax) kept.clear();
    const items = traces.counts(org, nowMs - days * dayMs);
    items.catch(() => kept.delete(key));
    kept.set(key, { atMs: nowMs, items });
    return items;
  };

  app.get(
    '/log/counts',
    {
      config: { access: 'stats:read' },
      schema: {
        tags: ['journey'],
        summary: 'Recipients by hour and by what became of them',
        querystring: countsQuery,
        response: { 200: answer(counts) },
      },
    },
    async (request) => {
      const { days = daysDefault, org: asked = '' } = request.query;
      return { items: await counted(callerIn(request).org ?? asked, days) };
    },
  );
}
