/**
 * Fairness: how long a transactional mail waits from its acceptance to its first attempt, when nothing else is there and while a campaign to the same
 * provider waits. Queue, store (SQLite, durable) and shaping are real; the provider is a function that takes so long for each message.
 *
 *   npm run bench -- fairness [--campaign 100000] [--mails 500] [--ms 20] [--json]
 */
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { systemClock } from '../src/base/clock.ts';
import { openQueueStore, all, delivered, testQueue, testSubmission } from '../src/queue/testing.ts';
import { shapingDefaults } from '../src/shaping/defaults.ts';
import { testShaper } from '../src/shaping/testing-mail.ts';

const { values } = parseArgs({
  options: {
    campaign: { type: 'string', default: '100000' },
    mails: { type: 'string', default: '500' },
    ms: { type: 'string', default: '20' },
    json: { type: 'boolean', default: false },
  },
});
const [campaign, mails, ms] = [Number(values.campaign), Number(values.mails), Number(values.ms)];

const store = await openQueueStore();
const { shaper } = testShaper({ ...shapingDefaults }, { clock: systemClock });
const acceptedAt = new Map<string, number>();
const waits: number[] = [];
let bulkSent = 0;
const queue = testQueue({
  store,
  clock: systemClock,
  deliver: async (attempt) => {
    const accepted = acceptedAt.get(attempt.message.id);
    if (accepted === undefined) bulkSent += 1;
    else waits.push(performance.now() - accepted);
    await wait(ms);
    return all(attempt, delivered);
  },
  route: async () => ({
    site: 'gmail-smtp-in.l.google.com',
    hosts: ['gmail-smtp-in.l.google.com'],
    untilMs: Infinity,
  }),
  gateOf: (facts) => shaper.gateOf(facts),
});
await queue.start();

/** Waits of so many mails, one after another as people send them. */
async function measure(): Promise<readonly number[]> {
  waits.length = 0;
  for (let i = 0; i < mails; i++) {
    const mail = testSubmission(systemClock, ['you@gmail.com'], { org: 'bank' });
    acceptedAt.set(mail.message.id, performance.now());
    await queue.accept(mail, []);
    await wait(2 + (i % 7));
  }
  while (waits.length < mails) await wait(5);
  return waits.toSorted((a, b) => a - b);
}

const at = (sorted: readonly number[], part: number): number =>
  sorted[Math.floor((sorted.length - 1) * part)]!;
const line = (name: string, sorted: readonly number[]): string =>
  `${name.padEnd(28)} p50 ${at(sorted, 0.5).toFixed(1).padStart(7)} ms   p99 ${at(sorted, 0.99).toFixed(1).padStart(7)} ms`;

const idle = await measure();
console.log(line('idle', idle));
const startMs = performance.now();
for (let i = 0; i < campaign; i += 500)
  await Promise.all(
    Array.from({ length: Math.min(500, campaign - i) }, () =>
      queue.accept(
        testSubmission(systemClock, ['someone@gmail.com'], {
          org: 'shop',
          campaign: 'spring',
          stream: 'bulk',
        }),
        [],
      ),
    ),
  );
console.log(
  `campaign of ${campaign.toLocaleString('en')} accepted in ${((performance.now() - startMs) / 1000).toFixed(1)} s, ${(campaign - bulkSent).toLocaleString('en')} wait`,
);
const busy = await measure();
console.log(line('while the campaign waits', busy));
console.log(
  `of the campaign ${(campaign - bulkSent).toLocaleString('en')} still wait; one message takes ${ms} ms`,
);
if (values.json)
  console.log(
    JSON.stringify({
      campaign,
      idle: { p50: at(idle, 0.5), p99: at(idle, 0.99) },
      busy: { p50: at(busy, 0.5), p99: at(busy, 0.99) },
    }),
  );
process.exit(0);
