import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { migrations as mailboxMigrations } from '../mailbox/migrations.ts';
import { operations as mailboxOperations } from '../mailbox/operations.ts';
import { migrations } from '../queue/migrations.ts';
import { operations } from '../queue/operations.ts';
import { testQueue, testSubmission } from '../queue/testing.ts';
import { openTestStore, type TestStore } from '../store/testing.ts';
import { rows } from '../store/transaction.ts';
import { Deliverer } from './deliverer.ts';
import { testAttempt, testOptions, testResolver, testServer } from './testing.ts';

const openStore = (): Promise<TestStore> =>
  openTestStore({
    migrations: [...eventMigrations, ...mailboxMigrations, ...migrations],
    operations: [...mailboxOperations, ...operations],
  });

function delivererTo(port: number, store: TestStore): Deliverer {
  return new Deliverer({
    store,
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
    directory: {
      account: async () => undefined,
      orgOf: async () => 'o' as never,
      isLocalDomain: async (domain) => domain === 'here.test',
      resolve: async (address) => ({
        is: 'account',
        account: 'alice' as never,
        org: '' as never,
        address,
        mailboxDetail: '',
        language: 'en',
      }),
    },
    resolver: testResolver([
      { name: 'there.test', type: 'MX', data: '10 mx.there.test' },
      { name: 'mx.there.test', type: 'A', data: '127.0.0.1' },
    ]),
    options: testOptions({ smtpPort: port }),
  });
}

test('queue and delivery together: a refused mail comes back into the mailbox of its sender, a good one goes out', async () => {
  await using store = await openStore();
  await using server = await testServer({
    answer: (line) => (line.startsWith('RCPT TO:<no@') ? '550 5.1.1 No such user' : undefined),
  });
  const deliverer = delivererTo(server.port, store);
  const queue = testQueue({
    store,
    clock: systemClock,
    deliver: (attempt) => deliverer.deliver(attempt),
    route: (destination) => deliverer.route(destination),
    notice: (request) => deliverer.notice(request),
  });
  await queue.start();
  const submission = testSubmission(systemClock, ['yes@there.test', 'no@there.test'], {
    sender: 'alice@here.test',
  });
  await queue.accept(submission, []);
  const kinds = async (): Promise<string[]> => {
    const found = await store.read(() =>
      rows<{ kind: string; recipient: string }>('select kind, recipient from outbox order by seq'),
    );
    return found.map((e) => `${e.kind} ${e.recipient}`.trim());
  };
  for (let i = 0; i < 200 && !(await kinds()).some((kind) => kind.startsWith('stored')); i++) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.deepEqual((await kinds()).toSorted(), [
    'accepted',
    'attempted',
    'bounced no@there.test',
    'delivered yes@there.test',
    'notified no@there.test',
    'stored alice@here.test',
  ]);
  await queue.stop();
  await deliverer.stop();
  const left = await store.read(() => rows<{ n: number }>('select count(*) as n from queue_message'));
  assert.equal(left[0]!.n, 0);
  assert.equal(server.texts.length, 1);
});

test('mail that was to be returned by now is not delivered any more, neither here nor elsewhere', async () => {
  await using store = await openStore();
  await using server = await testServer();
  const deliverer = delivererTo(server.port, store);
  const deliver = async (mode: 'return' | 'notify', site: string): Promise<string> => {
    const deliverBy = { atMs: systemClock.nowMs() - 1, mode, trace: false };
    const { outcomes } = await deliverer.deliver(testAttempt(['a@here.test'], { site, deliverBy }));
    const [outcome] = outcomes;
    return outcome?.is === 'failed' ? `${outcome.why} ${outcome.answer.reply.slice(0, 9)}` : outcome!.is;
  };
  for (const site of ['local', 'mx.there.test'])
    assert.equal(await deliver('return', site), 'expired 550 5.4.7');
  assert.equal(await deliver('notify', 'local'), 'delivered');
  assert.equal(server.connections, 0);
  await deliverer.stop();
});
