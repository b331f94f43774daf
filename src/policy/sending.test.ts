/** Limits that put off, and logins that are paused: on both engines. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describePostgres } from '../../test/test-postgres.ts';
import { Refusal } from '../base/refusal.ts';
import { TestClock } from '../base/test-clock.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import {
  claimTelling,
  forgiveSending,
  noteSending,
  untoldPauses,
  watchedTo,
  setWatchedTo,
} from './sending-profiles.ts';
import { profileOf } from './sending/profile-rows.ts';
import { dropSendingOf, dropSendingOfGoneOrgs, Sending, type SendingOptions } from './sending.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const alice = { account: 'alice', org: 'acme', credential: 'password' };
const app = { ...alice, credential: 'app:1' };
const bob = { account: 'bob', org: 'acme', credential: 'password' };
const refusedAs = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason;

interface World {
  readonly store: Store;
  readonly clock: TestClock;
  readonly sending: (options?: Partial<SendingOptions>) => Sending;
}

function contract(open: () => Promise<Store>): void {
  const on = (name: string, body: (world: World) => Promise<void>): void => {
    test(name, async () => {
      await using store = await open();
      const clock = new TestClock();
      const none = { account: 0, credential: 0, org: 0, delayMaxMs: 2 * dayMs };
      const opened: Sending[] = [];
      await body({
        store,
        clock,
        sending: (options = {}) => {
          const one = new Sending({ store, clock, options: { ...none, ...options } });
          opened.push(one);
          return one;
        },
      });
      for (const one of opened) one[Symbol.dispose]();
    });
  };

  on(
    'a day of mail goes at once, what is above it when its turn comes, and who would wait too long is refused and takes no room',
    async ({ sending, clock }) => {
      const one = sending({ account: 24 });
      for (let i = 0; i < 24; i++) assert.equal(await one.reserve(alice, 1), undefined);
      const now = clock.nowMs();
      assert.deepEqual(await one.reserve(alice, 1), { untilMs: now + hourMs, limit: 'account', perDay: 24 });
      assert.deepEqual(await one.reserve(alice, 5), {
        untilMs: now + 6 * hourMs,
        limit: 'account',
        perDay: 24,
      });
      await assert.rejects(one.reserve(alice, 100), refusedAs('sendingLimit'));
      assert.equal((await one.reserve(alice, 1))?.untilMs, now + 7 * hourMs);
      assert.equal(await one.reserve(bob, 24), undefined);
      assert.equal(await one.reserve(alice, 0), undefined);
      const [use] = await one.uses(alice);
      assert.deepEqual([use?.used, use?.perDay, use?.nextAtMs], [31, 24, now + 7 * hourMs]);
      await clock.advance(31 * hourMs);
      assert.equal(await one.reserve(alice, 24), undefined);
    },
  );

  on('one limit is one limit, whichever thread counts and whenever it was started', async ({ sending }) => {
    const [one, other] = [sending({ account: 10 }), sending({ account: 10 })];
    await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? one : other).reserve(alice, 1)));
    assert.notEqual(await one.reserve(alice, 1), undefined);
    assert.notEqual(await sending({ account: 10 }).reserve(alice, 1), undefined);
  });

  on(
    'the tightest of account, credential and organisation holds, and organisations have limits of their own',
    async ({ sending, store }) => {
      const one = sending({ account: 100, credential: 5, org: 50 });
      assert.equal((await one.reserve(app, 6))?.limit, 'credential');
      assert.equal(await one.reserve(alice, 6), undefined);
      assert.equal((await one.reserve(bob, 40))?.limit, 'org');
      await one.setLimit('acme', 'org', 0);
      await one.setLimit('acme', 'account', 30, 'bob');
      assert.deepEqual([...(await one.ownLimits('acme'))].toSorted(), [
        ['account/bob', 30],
        ['org', 0],
      ]);
      assert.equal((await one.reserve(bob, 1))?.limit, 'account');
      await one.setLimit('acme', 'account', null, 'bob');
      assert.equal(await one.reserve(bob, 1), undefined);
      await one.setLimit('gone', 'org', 3);
      await one.reserve({ ...bob, org: 'gone' }, 2);
      await dropSendingOfGoneOrgs(store, async (org) => org === 'acme');
      assert.equal((await one.ownLimits('gone')).size, 0);
      assert.equal((await one.uses({ org: 'gone' }))[0]?.used, 0);
      assert.equal((await one.ownLimits('acme')).size, 1);
      assert.equal((await one.uses({ org: 'acme' })).length, 0);
      // What the organisation refuses takes no room of the account either.
      const strict = sending({ account: 100, org: 1, delayMaxMs: 1 });
      await strict.setLimit('acme', 'org', 1);
      const before = (await strict.uses(alice))[0]?.used;
      await assert.rejects(strict.reserve(alice, 30), refusedAs('sendingLimit'));
      assert.equal((await strict.uses(alice))[0]?.used, before);
    },
  );

  on(
    'a paused login sends nothing, others of the account do, until it is resumed',
    async ({ sending, clock, store }) => {
      const one = sending();
      const other = sending();
      await one.admit(app);
      const pause = { ...app, atMs: clock.nowMs(), why: 'jump 300/20', by: '', operator: false };
      assert.equal(await one.pause(pause), true);
      assert.equal(await one.pause(pause), false);
      await clock.advance(2500);
      for (const each of [one, other]) {
        await assert.rejects(each.admit(app), refusedAs('sendingPaused'));
        await each.admit(alice);
      }
      assert.equal((await store.read(() => untoldPauses.body(5))).length, 1);
      assert.deepEqual(
        [await store.write(claimTelling, app), await store.write(claimTelling, app)],
        [true, false],
      );
      assert.equal(await other.resume('alice', false), 1);
      await clock.advance(2500);
      await one.admit(app);
      const all = { ...alice, credential: '', atMs: 1 };
      await one.pause({ ...all, why: 'odd', by: 'admin', operator: false });
      assert.equal(await one.pause({ ...all, why: 'asked for', by: 'root', operator: true }), false);
      assert.equal(await one.resume('alice', false), 0, 'what the operator has paused stays');
      const [kept] = await one.pauses('alice');
      assert.deepEqual([kept?.why, kept?.by, kept?.operator], ['asked for', 'root', true]);
      await clock.advance(2500);
      await assert.rejects(one.admit(app), refusedAs('sendingPaused'));
      for (const id of ['alice', 'bob']) await one.setLimit('acme', 'account', 7, id);
      await one.setLimit('acme', 'credential', 7, 'alice/app:1');
      await dropSendingOf(store, alice);
      assert.deepEqual(await one.pauses('alice'), []);
      assert.deepEqual([...(await one.ownLimits('acme')).keys()], ['account/bob']);
    },
  );

  on(
    'what is told twice counts once; a hijacked login is paused once, and not again for what was forgiven',
    async ({ store, sending }) => {
      const start = Date.UTC(2026, 10, 1);
      const usual = { is: 'sent', seq: 1, atMs: start, ip: '192.88.1.5', recipients: ['a@x.test'] } as const;
      const note = (deeds: Parameters<typeof noteSending.body>[0]['deeds'], nowMs: number) =>
        store.write(noteSending, { ...alice, deeds, nowMs });
      assert.equal(await note([usual], start), false);
      const nowMs = start + 10 * dayMs;
      // Of an account that is gone: what comes back late brings its profile back no more.
      const late = { account: 'gone', org: 'acme', credential: '', nowMs };
      await store.write(noteSending, { ...late, deeds: [{ is: 'bounced', seq: 9, atMs: nowMs }] });
      assert.equal(await store.read(() => profileOf('gone')), undefined);
      const flood = Array.from({ length: 30 }, (_, i) => ({
        is: 'sent' as const,
        seq: 10 + i,
        atMs: nowMs,
        ip: '45.9.7.3',
        recipients: Array.from({ length: 10 }, (_each, k) => `v${i}.${k}@y.test`),
      }));
      assert.equal(await note(flood.slice(0, 5), nowMs), false);
      assert.equal(await note(flood.slice(0, 5), nowMs), false);
      assert.equal(await note(flood, nowMs), true);
      const [pause] = await sending().pauses('alice');
      assert.equal(pause?.why, 'jump 300/1, new network, strangers');
      assert.equal(await sending().resume('alice', false), 1);
      await store.write(forgiveSending, { account: 'alice' });
      const more = { is: 'sent', seq: 99, atMs: nowMs, ip: '45.9.7.3', recipients: ['z@y.test'] } as const;
      assert.equal(await note([more], nowMs), false);
      await store.write(setWatchedTo, 7);
      await store.write(setWatchedTo, 5);
      assert.equal(await store.read(() => watchedTo()), 7);
    },
  );
}

const parts = { migrations: [...eventMigrations, ...migrations], operations };

describe('sending on SQLite', () => contract(() => openTestStore(parts)));

describePostgres('sending on PostgreSQL', (open) => contract(() => open(parts)));
