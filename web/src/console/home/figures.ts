/** The four figures of the first page, from counts by hour: this day, the same of the week before, and each day of the week for its curve. */
import type { QueueDestination } from '../../../../src/httpd/admin-api/contract-mail.ts';
import type { MailCount } from '../../../../src/httpd/admin-api/contract-overview.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const weekDays = 7;
/** Mail that waits for longer than this makes its destination slow. */
const slowAfterMs = 15 * 60_000;

export interface Figure {
  readonly name: 'accepted' | 'waiting' | 'deferred' | 'failed';
  readonly now: number;
  /** The day a week ago; absent: not known. */
  readonly before?: number | undefined;
  readonly isShare: boolean;
  readonly values: readonly number[];
  readonly mood: 'good' | 'waiting' | 'bad' | 'neutral';
  readonly to: { readonly path: string; readonly search?: Readonly<Record<string, string>> };
}

const failed: ReadonlySet<string> = new Set(['bounced', 'complained']);
const refused: ReadonlySet<string> = new Set(['refused']);

function daysOf(
  items: readonly MailCount[],
  nowMs: number,
  wanted: (status: string) => boolean,
): readonly number[] {
  const days = Array.from({ length: 2 * weekDays }, () => 0);
  for (const { atMs, status, count } of items) {
    const ago = Math.floor((nowMs - atMs) / dayMs);
    if (ago >= 0 && ago < days.length && wanted(status)) days[days.length - 1 - ago]! += count;
  }
  return days;
}

export function figuresOf(
  items: readonly MailCount[],
  queue: readonly QueueDestination[],
  nowMs: number,
): readonly Figure[] {
  const accepted = daysOf(items, nowMs, (status) => !refused.has(status));
  const deferred = daysOf(items, nowMs, (status) => status === 'deferred' || status === 'held');
  const bad = daysOf(items, nowMs, (status) => failed.has(status));
  const share = (part: readonly number[]): number[] =>
    part.map((value, i) => value / Math.max(1, accepted[i] ?? 0));
  const waiting = queue.reduce((sum, one) => sum + one.waiting + one.held, 0);
  const make = (days: readonly number[]) => ({
    now: days.at(-1) ?? 0,
    before: days.at(-1 - weekDays),
    values: days.slice(-weekDays),
  });
  const log = (status: string) => ({ path: '/console/log', search: { status, span: 'day' } });
  const failing = make(share(bad));
  return [
    {
      name: 'accepted',
      ...make(accepted),
      isShare: false,
      mood: 'neutral',
      to: { path: '/console/log', search: { span: 'day' } },
    },
    {
      name: 'waiting',
      now: waiting,
      values: deferred.slice(-weekDays),
      isShare: false,
      mood: waiting > 0 ? 'waiting' : 'good',
      to: { path: '/console/queue' },
    },
    { name: 'deferred', ...make(share(deferred)), isShare: true, mood: 'waiting', to: log('deferred') },
    {
      name: 'failed',
      ...failing,
      isShare: true,
      mood: failing.now > 0.05 ? 'bad' : 'good',
      to: log('bounced'),
    },
  ];
}

/** Mail accepted in a minute, of the hour that runs and the one before. */
export function perMinute(items: readonly MailCount[], nowMs: number): number {
  const fromMs = (Math.floor(nowMs / hourMs) - 1) * hourMs;
  const accepted = items
    .filter(({ atMs, status }) => atMs >= fromMs && !refused.has(status))
    .reduce((sum, { count }) => sum + count, 0);
  return accepted / ((nowMs - fromMs) / 60_000);
}

export function slowDestinations(
  queue: readonly QueueDestination[],
  nowMs: number,
): readonly QueueDestination[] {
  return queue
    .filter(({ oldestAtMs, waiting }) => waiting > 0 && nowMs - oldestAtMs > slowAfterMs)
    .toSorted((a, b) => a.oldestAtMs - b.oldestAtMs);
}
