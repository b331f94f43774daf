import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onPostgres, TestPostgres } from '../../test/test-postgres.ts';
import { silentLog } from '../base/log.ts';
import { TestClock } from '../base/test-clock.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { rows } from '../store/transaction.ts';
import { Door } from './door.ts';
import { Greylist, greylistDefaults, type Stranger } from './greylist.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import { ReputationLists } from './reputation-lists.ts';
import { testDns } from './testing.ts';
import { verdictDefaults } from './verdict.ts';

const minuteMs = 60_000;
const bob: Stranger = { ip: '8.8.1.1', sender: 'bob@there.test', recipient: 'alice@here.test' };

async function play(store: Store): Promise<void> {
  const clock = new TestClock();
  const options = { ...greylistDefaults, passesMin: 2 };
  const greylist = new Greylist({ store, clock, options });
  const minutes = async (more: Partial<Stranger> = {}): Promise<number> =>
    (await greylist.waitMs({ ...bob, ...more })) / minuteMs;
  assert.equal(await minutes(), 5);
  await clock.advance(2 * minuteMs);
  assert.equal(await minutes(), 3, 'coming too early is no reason to begin anew');
  await clock.advance(3 * minuteMs);
  assert.equal(await minutes({ ip: '8.8.1.200', sender: 'BOB@there.test' }), 0, 'another host of the block');
  assert.equal(await minutes(), 0);
  assert.equal(await minutes({ ip: '8.8.2.1' }), 5, 'another block');
  assert.equal(await minutes({ recipient: 'carol@here.test' }), 5);
  assert.equal(await minutes({ sender: 'list-1234@there.test' }), 5);
  await clock.advance(5 * minuteMs);
  assert.equal(
    await minutes({ sender: 'list-99@there.test' }),
    0,
    'a list that counts its mail is one sender',
  );
  assert.equal(await minutes({ recipient: 'dave@here.test' }), 0, 'two have come again: the block is known');
  assert.equal(await minutes({ ip: '8.8.2.1', recipient: 'dave@here.test' }), 5);

  await clock.advance(49 * 60 * minuteMs, 0);
  assert.equal(await minutes({ ip: '8.8.2.1' }), 5, 'who does not come again in time begins anew');
  await clock.advance(37 * 24 * 60 * minuteMs, 0);
  assert.equal(await new Greylist({ store, clock, options }).waitMs(bob), 5 * minuteMs, 'known no more');
  assert.equal((await greylist.tidy()) > 3, true);
  const left = await store.read(() => rows<{ block: string }>('select block from greylist'));
  assert.deepEqual(left, [{ block: '8.8.1.0/24' }]);
  assert.deepEqual(await store.read(() => rows('select block from greylist_block')), []);
}

test('who was never seen comes again, and is known then, with its block in the end', async () => {
  await using store = await openTestStore({ migrations, operations });
  await play(store);
});

test('the same on PostgreSQL', onPostgres, async () => {
  await using postgres = await TestPostgres.start();
  await using store = await postgres.open({ migrations, operations });
  await play(store);
});

test('at the door lists refuse whom they weigh enough, and who has a good name is not greylisted', async () => {
  await using store = await openTestStore({ migrations, operations });
  const clock = new TestClock();
  const dns = testDns({});
  dns.addresses.set('1.1.8.8.bl.test', ['127.0.0.2']);
  dns.addresses.set('1.2.8.8.wl.test', ['127.0.0.2']);
  const lists = new ReputationLists({
    dns,
    clock,
    log: silentLog,
    lists: [
      { zone: 'bl.test', of: 'address', weight: 20, answers: [] },
      { zone: 'wl.test', of: 'address', weight: -1, answers: [] },
    ],
  });
  let waits = 0;
  const door = new Door({
    lists,
    clock: {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      after(delayMs, run) {
        waits += 1;
        const timer = clock.after(delayMs, run);
        return {
          restart: () => timer.restart(),
          [Symbol.dispose]() {
            waits -= 1;
            timer[Symbol.dispose]();
          },
        };
      },
    },
    log: silentLog,
    greylist: new Greylist({ store, clock, options: greylistDefaults }),
    rulesOf: async (org) => ({
      ...verdictDefaults,
      greylisting: org !== 'without',
      mayVouch: org === 'vouching',
      weights: org === 'mild' ? { 'dnsbl.*': 1 } : {},
    }),
  });
  const admit = (ip: string, org = 'org') => door.admit({ ...bob, ip, org });
  assert.deepEqual(await admit('8.8.1.1'), { reply: '8.8.1.1 is listed by bl.test', temporary: false });
  assert.deepEqual(await admit('8.8.1.1', 'mild'), {
    reply: 'Greylisted: come again in 5 minutes',
    temporary: true,
  });
  assert.equal((await admit('8.8.1.1', 'vouching'))?.temporary, true, 'its own rules are heard first');
  assert.equal(await admit('8.8.2.1'), undefined);
  assert.equal(await admit('8.8.3.1', 'without'), undefined);
  assert.equal(waits, 0, 'nothing waits on for an answer that has come');
  await store.close();
  assert.equal(await admit('8.8.4.1'), undefined, 'without the store nobody is kept out');
});
