/** Waiting mail by destination. For one organisation it is counted from its entries, up to a bound. */
import type { OrgId } from '../../base/ids.ts';
import type { DestinationSummary, ListedEntry } from '../../queue/filter.ts';
import type { HttpParts } from '../parts.ts';

/** Entries of one organisation that are counted; what waits beyond is not told by destination. */
const entriesMax = 20_000;
const pageItems = 500;

export async function summaryOf(
  queue: HttpParts['queue'],
  org: OrgId | undefined,
): Promise<readonly DestinationSummary[]> {
  if (org === undefined) return queue.summary();
  const found = new Map<string, DestinationSummary>();
  let after: string | undefined;
  for (let seen = 0; seen < entriesMax; seen += pageItems) {
    const page = await queue.list({ org }, { max: pageItems, ...(after === undefined ? {} : { after }) });
    for (const entry of page.items)
      found.set(entry.destination, withEntry(found.get(entry.destination), entry));
    after = page.next;
    if (after === undefined) break;
  }
  return [...found.values()].sort((a, b) => b.waiting + b.held - a.waiting - a.held);
}

function withEntry(sum: DestinationSummary | undefined, entry: ListedEntry): DestinationSummary {
  const before = sum ?? {
    destination: entry.destination,
    waiting: 0,
    held: 0,
    oldestAtMs: entry.acceptedAtMs,
    nextTryAtMs: entry.nextTryAtMs,
    last: undefined,
  };
  const newer = entry.last !== undefined && entry.last.atMs >= (before.last?.atMs ?? 0);
  return {
    destination: before.destination,
    waiting: before.waiting + (entry.state === 'waiting' ? 1 : 0),
    held: before.held + (entry.state === 'held' ? 1 : 0),
    oldestAtMs: Math.min(before.oldestAtMs, entry.acceptedAtMs),
    nextTryAtMs: Math.min(before.nextTryAtMs, entry.nextTryAtMs),
    last: newer ? entry.last : before.last,
  };
}
