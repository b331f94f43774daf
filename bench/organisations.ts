/**
 * A hundred organisations that send to one provider at once, some a hundred times as much as others: what each gets of the provider while all have mail waiting, as Jain's
 * index (1: the same for each). Queue, store (SQLite, durable) and shaping are real; the provider is a function that takes so long for each message.
 *
 *   npm run bench -- organisations [--organisations 100] [--least 60] [--ms 10] [--json]
 */
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import { systemClock } from '../src/base/clock.ts';
import { all, delivered, openQueueStore, testQueue, testSubmission } from '../src/queue/testing.ts';
import { shapingDefaults } from '../src/shaping/defaults.ts';
import { testShaper } from '../src/shaping/testing-mail.ts';
import { finish, rounded } from './rounds.ts';

const { values } = parseArgs({
  options: {
    organisations: { type: 'string', default: '100' },
    least: { type: 'string', default: '60' },
    ms: { type: 'string', default: '10' },
    json: { type: 'boolean', default: false },
  },
});
const [organisations, least, ms] = [Number(values.organisations), Number(values.least), Number(values.ms)];
/** What the largest sends for one mail of the smallest. */
const unevenMax = 20;
/** Until the smallest has sent so much of what it has, all are waiting: only then is fairness a question. */
const measuredPart = 0.5;

const sent = new Map<string, number>();
/** Nothing leaves before all are waiting. */
const doors = Promise.withResolvers<void>();
const site = 'gmail-smtp-in.l.google.com';
const { shaper } = testShaper({ ...shapingDefaults }, { clock: systemClock });
const store = await openQueueStore();
const queue = testQueue({
  store,
  clock: systemClock,
  deliver: async (attempt) => {
    await doors.promise;
    sent.set(attempt.message.org, (sent.get(attempt.message.org) ?? 0) + attempt.recipients.length);
    await wait(ms);
    return all(attempt, delivered);
  },
  route: async () => ({ site, hosts: [site], untilMs: Infinity }),
  gateOf: (facts) => shaper.gateOf(facts),
});
await queue.start();

/** The first has the least, the last `unevenMax` times as much. */
const shareOf = (index: number): number =>
  Math.round(least * (1 + ((unevenMax - 1) * index) / Math.max(1, organisations - 1)));
let accepted = 0;
for (let index = organisations - 1; index >= 0; index--) {
  const count = shareOf(index);
  accepted += count;
  await Promise.all(
    Array.from({ length: count }, () =>
      queue.accept(
        testSubmission(systemClock, ['you@gmail.com'], { org: `org${index}`, stream: 'bulk' }),
        [],
      ),
    ),
  );
}
console.log(
  `${organisations} organisations, ${accepted} messages wait, ${least} to ${shareOf(organisations - 1)} each`,
);
doors.resolve();
const names = Array.from({ length: organisations }, (_, index) => `org${index}`);
const since = (name: string): number => sent.get(name) ?? 0;
const startMs = performance.now();
const target = Math.floor(least * measuredPart) * organisations;
while (names.reduce((sum, name) => sum + since(name), 0) < target) await wait(5);
const shares = names.map(since);
const sum = shares.reduce((total, one) => total + one, 0);
const squares = shares.reduce((total, one) => total + one * one, 0);
finish(
  {
    jain: rounded((sum * sum) / (organisations * squares), 4),
    least: Math.min(...shares),
    most: Math.max(...shares),
    messages: sum,
    perSecond: Math.round((sum * 1000) / (performance.now() - startMs)),
  },
  values.json,
);
process.exit(0);
