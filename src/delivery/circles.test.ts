import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import type { Resolution } from '../directory/resolution.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { migrations as mailboxMigrations } from '../mailbox/migrations.ts';
import { operations as mailboxOperations } from '../mailbox/operations.ts';
import { migrations } from '../queue/migrations.ts';
import type { QueuedRecipient } from '../queue/message.ts';
import { operations } from '../queue/operations.ts';
import { testQueue, testSubmission } from '../queue/testing.ts';
import { openTestStore } from '../store/testing.ts';
import { rows } from '../store/transaction.ts';
import { Deliverer } from './deliverer.ts';
import { testOptions, testResolver, testServer } from './testing.ts';

interface Forward {
  readonly to: readonly string[];
  readonly keeps?: true;
}

/** Delivers one mail in a world of these forwards, all at here.test, and tells what became of it. */
async function deliver(
  to: string,
  forwards: Readonly<Record<string, Forward>>,
  text = 'Subject: Hi\r\n\r\nHello\r\n',
  as: Partial<QueuedRecipient> = { destination: 'local' },
): Promise<{ readonly events: string[]; readonly texts: readonly string[] }> {
  await using store = await openTestStore({
    migrations: [...eventMigrations, ...mailboxMigrations, ...migrations],
    operations: [...mailboxOperations, ...operations],
  });
  await using server = await testServer();
  const org = 'org' as never;
  const deliverer = new Deliverer({
    store,
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
    directory: {
      account: async () => undefined,
      orgOf: async (domain) => (domain === 'here.test' ? org : undefined),
      isLocalDomain: async (domain) => domain === 'here.test',
      resolve: async (address): Promise<Resolution> => {
        const [name = '', domain] = address.split('@');
        if (domain !== 'here.test') return { is: 'remote' };
        const account = name as never;
        const found = { org, address, mailboxDetail: '' };
        const forward = forwards[name];
        if (!forward) return { is: 'account', account, ...found, language: 'en' };
        const kept = forward.keeps ? { alsoAccount: account } : {};
        return { is: 'expanded', to: forward.to, why: 'forward', ...found, ...kept };
      },
    },
    resolver: testResolver([
      { name: 'there.test', type: 'MX', data: '10 mx.there.test' },
      { name: 'mx.there.test', type: 'A', data: '127.0.0.1' },
    ]),
    options: testOptions({ smtpPort: server.port }),
  });
  const queue = testQueue({
    store,
    clock: systemClock,
    deliver: (attempt) => deliverer.deliver(attempt),
    route: (destination) => deliverer.route(destination),
  });
  await queue.start();
  const { message, recipients } = testSubmission(systemClock, [to], {}, as);
  await queue.accept({ message, recipients, body: { is: 'inline', bytes: Buffer.from(text) } }, []);
  const left = async (): Promise<number> =>
    (await store.read(() => rows<{ n: number }>('select count(*) as n from queue_entry')))[0]!.n;
  for (let i = 0; i < 500 && (await left()) > 0; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(await left(), 0, 'it came to an end');
  await queue.stop();
  await deliverer.stop();
  const found = await store.read(() =>
    rows<{ kind: string; recipient: string }>(
      "select kind, recipient from outbox where kind in ('stored', 'bounced', 'delivered') order by recipient, seq",
    ),
  );
  return { events: found.map((e) => `${e.kind} ${e.recipient}`), texts: server.texts };
}

test('forwards that keep copies and lead to each other: each mailbox has the message once', async () => {
  const { events } = await deliver('this@here.test', {
    this: { to: ['that@here.test', 'third@here.test'], keeps: true },
    that: { to: ['third@here.test', 'this@here.test'], keeps: true },
    third: { to: ['this@here.test', 'third@here.test'], keeps: true },
  });
  assert.deepEqual(events, ['stored that@here.test', 'stored third@here.test', 'stored this@here.test']);
});

test('forwards that keep nothing and lead to each other: the sender hears of it once', async () => {
  const { events } = await deliver('this@here.test', {
    this: { to: ['that@here.test'] },
    that: { to: ['this@here.test'] },
  });
  assert.deepEqual(events, ['bounced this@here.test']);
});

test('a row of forwards without end is cut off', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `a${i}`);
  const row = Object.fromEntries(names.map((name, i) => [name, { to: [`a${i + 1}@here.test`] }]));
  const { events } = await deliver('a0@here.test', row);
  assert.deepEqual(events, ['bounced a0@here.test']);
});

test('what is sent on says where it has been, and is returned when it comes round from another server', async () => {
  const forwards = { this: { to: ['x@there.test', 'alice@here.test'], keeps: true } } as const;
  const first = await deliver('this@here.test', forwards);
  assert.deepEqual(first.events, [
    'stored alice@here.test',
    'stored this@here.test',
    'delivered x@there.test',
  ]);
  assert.equal(first.texts[0], 'Delivered-To: this@here.test\r\nSubject: Hi\r\n\r\nHello\r\n');
  const again = await deliver('this@here.test', forwards, `Received: by there.test\r\n${first.texts[0]}`);
  assert.deepEqual(again.events, ['bounced this@here.test']);
  assert.deepEqual(again.texts, []);
});

test('an alias that leads to another server is left behind at the door, and its circle ends with the first turn too', async () => {
  const through = { org: 'org', addresses: ['this@here.test'] };
  const alias = { destination: 'there.test', through };
  const first = await deliver('x@there.test', {}, undefined, alias);
  assert.deepEqual(first.events, ['delivered x@there.test']);
  assert.match(first.texts[0]!, /^Delivered-To: this@here\.test\r\nSubject/);
  const again = await deliver('x@there.test', {}, `Received: by there.test\r\n${first.texts[0]}`, alias);
  assert.deepEqual([again.events, again.texts], [['bounced x@there.test'], []]);
});

test('a forward without a copy, and a row of them, say so too', async () => {
  const { events, texts } = await deliver('this@here.test', {
    this: { to: ['that@here.test'] },
    that: { to: ['x@there.test'] },
  });
  assert.deepEqual(events, ['delivered x@there.test']);
  assert.match(texts[0]!, /^Delivered-To: this@here\.test\r\nSubject/);
});
