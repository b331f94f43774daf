import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { describePostgres } from '../../test/test-postgres.ts';
import { systemClock } from '../base/clock.ts';
import { newMessageId, type MessageId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import type { EventData, MailEvent } from '../events/event.ts';
import { forget, move } from '../events/ledger.ts';
import { migrations as eventTables } from '../events/migrations.ts';
import { operations as eventOperations, recordEvents } from '../events/operations.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { migrations } from '../suppression/migrations.ts';
import { watchedTo } from '../suppression/noting.ts';
import { operations } from '../suppression/operations.ts';
import { suppressionDefaults } from '../suppression/policy.ts';
import { Suppressions } from '../suppression/suppressions.ts';
import { SuppressionWatch } from './suppression-watch.ts';

type Accepted = EventData['accepted'];

function accepted(message: MessageId, more: Partial<Accepted>): MailEvent {
  const data: Accepted = {
    via: 'submission',
    sender: 'shop@here.test',
    recipients: ['x@docomo.ne.jp'],
    sizeBytes: 10,
    headerMessageId: '',
    subject: '',
    account: '',
    peer: '',
    helo: '',
    tls: null,
    reply: '250 ok',
    ...more,
  };
  return { is: 'accepted', atMs: Date.now(), message, org: 'o', recipient: '', data };
}

const unknown = (message: MessageId, recipient: string): MailEvent => ({
  is: 'bounced',
  atMs: Date.now(),
  message,
  org: 'o',
  recipient,
  data: { phase: 'rcpt', host: 'mx.test', reply: '550 5.1.1 User unknown', why: 'refused' },
});

async function put(store: Store, ...events: readonly MailEvent[]): Promise<void> {
  await store.write(recordEvents, events);
  await store.write(move, undefined);
  await store.write(forget, undefined);
}

async function isLearned(store: Store): Promise<void> {
  const suppressions = new Suppressions({ store, clock: systemClock, policy: suppressionDefaults });
  const listed = async (address: string): Promise<boolean> =>
    (await suppressions.find({ org: 'o', stream: 'bulk', topic: '' }, address)) !== undefined;
  const parts = {
    store,
    clock: systemClock,
    log: silentLog,
    metrics: noMetrics,
    policy: suppressionDefaults,
  };
  const [old, program, person] = [1, 2, 3].map(() => newMessageId(systemClock)) as [
    MessageId,
    MessageId,
    MessageId,
  ];
  await put(store, accepted(old, { credential: 'key' }));
  await using _ = new SuppressionWatch(parts);
  while ((await store.read(() => watchedTo())) === undefined) {
    await put(store, accepted(newMessageId(systemClock), {}));
    await wait(20);
  }
  await put(
    store,
    accepted(program, { credential: 'key' }),
    accepted(person, {}),
    unknown(old, 'old@docomo.ne.jp'),
    unknown(person, 'friend@docomo.ne.jp'),
    unknown(program, 'gone@docomo.ne.jp'),
  );
  while (!(await listed('gone@docomo.ne.jp'))) await wait(20);
  assert.equal(await listed('old@docomo.ne.jp'), true);
  assert.equal(await listed('friend@docomo.ne.jp'), false);
}

const tables = {
  migrations: [...eventTables, ...migrations],
  operations: [...eventOperations, ...operations],
};
const says =
  'mail of programs to nobody brings its address onto the list, also when it was accepted before; mail of people does not';

test(says, async () => {
  await using store = await openTestStore(tables);
  await isLearned(store);
});

describePostgres('the watch on PostgreSQL', (open) => {
  test(says, async () => {
    await using store = await open(tables);
    await isLearned(store);
  });
});
