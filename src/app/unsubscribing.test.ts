import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { migrations as directoryMigrations } from '../directory/migrations.ts';
import { operations as directoryOperations } from '../directory/operations.ts';
import { openTestDirectory } from '../directory/testing.ts';
import { ofMessage } from '../events/ledger.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { operations as eventOperations } from '../events/operations.ts';
import { openTestStore } from '../store/testing.ts';
import { migrations } from '../suppression/migrations.ts';
import { operations } from '../suppression/operations.ts';
import { suppressionDefaults } from '../suppression/policy.ts';
import { Suppressions } from '../suppression/suppressions.ts';
import { unsubscribe, unsubscribeLinks } from './unsubscribing.ts';

test('who follows the link is taken off that kind of mail, and the journey of the message has it', async () => {
  const store = await openTestStore({
    migrations: [...directoryMigrations, ...eventMigrations, ...migrations],
    operations: [...directoryOperations, ...eventOperations, ...operations],
  });
  const t = await openTestDirectory(store);
  const { directory } = t;
  const suppressions = new Suppressions({ store, clock: systemClock, policy: suppressionDefaults });
  const parts = { store, clock: systemClock, directory, suppressions };
  const org = String(t.org.id);
  const message = '01k8'.padEnd(20, '0');
  const { url } = await unsubscribeLinks(
    directory,
    'mx.here.test',
  )({
    message,
    sender: 'news@here.test',
    org,
    scope: 'topic:spring',
    address: 'Bob@There.test',
  });
  assert.match(url, /^https:\/\/mx\.here\.test\/unsubscribe\/[\w.-]+$/);
  const token = url.slice(url.lastIndexOf('/') + 1);
  assert.equal(await unsubscribe(parts, `${token}x`, 'one click'), undefined);
  assert.equal((await unsubscribe(parts, token, 'one click'))?.address, 'Bob@There.test');
  await unsubscribe(parts, token, 'one click');
  const mailing = { org, stream: 'bulk', topic: 'spring' } as const;
  const found = await suppressions.find(mailing, 'bob@there.test');
  assert.deepEqual([found?.cause, found?.reason, found?.untilMs], ['unsubscribe', 'one click', 0]);
  assert.equal(await suppressions.find({ ...mailing, topic: 'autumn' }, 'bob@there.test'), undefined);
  const events = await store.read(() => ofMessage(message));
  assert.equal(events[0]?.is, 'suppressed');
  await store.close();
});
