/**
 * How long mail takes from its 250 to the 250 of the next server, by provider: a histogram, and beside it how many were in time and how many in all, from which an error budget is
 * reckoned. Mail that was to wait (a time of its own) counts from then.
 */
import { systemClock } from '../base/clock.ts';
import type { Metrics } from '../base/metrics.ts';
import type { Attempt, AttemptResult } from '../queue/attempt.ts';
import { receiverOf } from '../shaping/gate.ts';

const secondMs = 1000;
const buckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200];
/** In time: within so many seconds. */
const inTimeSeconds = 30;

/** Remembered at most: what a server and a domain are of. */
const namesMax = 2000;
const names = new Map<string, string>();

function nameOf(host: string, destination: string): string {
  const key = `${host} ${destination}`;
  let name = names.get(key);
  if (name === undefined) {
    if (names.size >= namesMax) names.clear();
    name = receiverOf({ site: host, hosts: [host], destination }).provider || 'other';
    names.set(key, name);
  }
  return name;
}

export function watchLatency(metrics: Metrics) {
  const seconds = metrics.histogram(
    'hikyaku_delivery_latency_seconds',
    'From the acceptance of a mail to the 250 of the next server, by provider and stream',
    buckets,
    ['provider', 'stream'],
  );
  const counted = metrics.counter(
    'hikyaku_delivery_in_time_total',
    `Mail taken by the next server, within ${inTimeSeconds} seconds of its acceptance or later: 1 - yes/(yes+no) against what is promised is the error budget used`,
    ['provider', 'stream', 'in_time'],
  );
  return async ({ message, recipients }: Attempt, over: Promise<AttemptResult>): Promise<AttemptResult> => {
    const result = await over;
    const nowMs = systemClock.nowMs();
    result.outcomes.forEach((outcome, i) => {
      if (outcome.is !== 'delivered' || !outcome.event || outcome.event.host === '') return;
      const { host } = outcome.event;
      const destination = recipients[i]?.destination ?? '';
      const provider = nameOf(host, destination);
      const { stream } = message;
      const took = Math.max(0, nowMs - Math.max(message.acceptedAtMs, message.notBeforeMs)) / secondMs;
      seconds.observe(took, { provider, stream });
      counted.add(1, { provider, stream, in_time: took <= inTimeSeconds ? 'yes' : 'no' });
    });
    return result;
  };
}
