/** What every engine keeps of files that are handed out. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, OrgId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import { TestClock } from '../base/test-clock.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import { dropParcelsOf, tidyParcels } from './care.ts';
import { parcelDefaults } from './options.ts';
import { type Parcel, Parcels } from './parcels.ts';

const alice = { account: 'alice' as AccountId, org: 'acme' as OrgId };
const bob = { account: 'bob' as AccountId, org: 'acme' as OrgId };
const refused = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason;

async function bytesOf(parcels: Parcels, parcel: Parcel): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const chunk of parcels.stream(parcel)) pieces.push(Buffer.from(chunk));
  return Buffer.concat(pieces).toString();
}

async function put(parcels: Parcels, parcel: Parcel, number: number, text: string): Promise<void> {
  const writer = parcels.writer();
  await writer.write(Buffer.from(text));
  await parcels.put(parcel.account, parcel.id, number, await writer.finish());
}

export function parcelContract(open: () => Promise<Store>): void {
  const begin = async (options: Partial<typeof parcelDefaults> = {}) => {
    const store = await open();
    const clock = new TestClock();
    const parcels = new Parcels({ store, clock, options: { ...parcelDefaults, ...options } });
    return { store, clock, parcels, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() };
  };
  const whole = async (parcels: Parcels, text = 'hello', owner = alice): Promise<Parcel> => {
    const parcel = await parcels.begin(owner, { name: '資料.pdf', sizeBytes: text.length });
    await put(parcels, parcel, 0, text);
    return parcels.finish(owner.account, parcel.id);
  };

  test('a file comes in pieces, in any order and again, and its link leads to all of it', async () => {
    await using t = await begin();
    const parcel = await t.parcels.begin(alice, { name: '資料.pdf', sizeBytes: 9 });
    await put(t.parcels, parcel, 1, 'world');
    assert.equal(await t.parcels.find(parcel.key), undefined);
    await assert.rejects(t.parcels.finish(alice.account, parcel.id), refused('conflict'));
    await put(t.parcels, parcel, 0, 'XX');
    await put(t.parcels, parcel, 0, 'hell');
    await assert.rejects(put(t.parcels, parcel, 2, '!'), refused('conflict'));
    await t.parcels.finish(alice.account, parcel.id);
    await assert.rejects(put(t.parcels, parcel, 0, 'else'), refused('conflict'));
    const found = await t.parcels.find(parcel.key);
    assert.equal(await bytesOf(t.parcels, found!), 'hellworld');
    assert.deepEqual([found!.name, found!.downloads, found!.hasPassword], ['資料.pdf', 0, false]);
  });

  test('a link ends by its time, by its downloads, and when its owner ends it', async () => {
    await using t = await begin();
    const byTime = await whole(t.parcels);
    await t.parcels.change(alice.account, byTime.id, { days: 1 });
    await t.clock.advance(24 * 60 * 60 * 1000 - 1);
    assert.notEqual(await t.parcels.find(byTime.key), undefined);
    await t.clock.advance(1);
    assert.equal(await t.parcels.find(byTime.key), undefined);
    assert.equal(await t.parcels.take(byTime), false);
    const byCount = await whole(t.parcels);
    await t.parcels.change(alice.account, byCount.id, { downloadsMax: 2 });
    const taken = await Promise.all([1, 2, 3, 4].map(() => t.parcels.take(byCount)));
    assert.equal(taken.filter(Boolean).length, 2);
    assert.equal(await t.parcels.find(byCount.key), undefined);
    await t.parcels.change(alice.account, byCount.id, { downloadsMax: null });
    assert.equal((await t.parcels.find(byCount.key))?.downloads, 2);
    await assert.rejects(t.parcels.revoke(bob.account, byCount.id), refused('notFound'));
    await t.parcels.revoke(alice.account, byCount.id);
    assert.equal(await t.parcels.find(byCount.key), undefined);
    for (const key of ['', 'x', `bob-${byCount.id}`, `alice-${'A'.repeat(32)}`, `${byCount.key}A`])
      assert.equal(await t.parcels.find(key), undefined);
  });

  test('a password is asked for so often and no more, until its owner gives another', async () => {
    await using t = await begin();
    const { id } = await whole(t.parcels);
    const parcel = await t.parcels.change(alice.account, id, { password: 'ひみつ' });
    assert.equal(await t.parcels.opens(parcel, 'ひみつ'), true);
    for (let i = 0; i < 10; i++) assert.equal(await t.parcels.opens(parcel, `wrong ${i}`), false);
    await assert.rejects(t.parcels.opens(parcel, 'ひみつ'), refused('rateLimited'));
    await t.clock.advance(60 * 60 * 1000 + 1);
    assert.equal(await t.parcels.opens(parcel, 'ひみつ'), true);
    const rowsKept = await t.store.read(() => rows<{ password: string }>('select password from parcel'));
    assert.equal(rowsKept[0]!.password.includes('ひみつ'), false);
    const open = await t.parcels.change(alice.account, id, { password: '' });
    assert.equal(await t.parcels.opens(open, 'whatever'), true);
  });

  test('limits hold, and names are harmless', async () => {
    await using t = await begin({ fileMaxBytes: 10, accountMaxBytes: 12, daysMax: 5, days: 3 });
    const given = { name: 'a', sizeBytes: 10 };
    await assert.rejects(t.parcels.begin(alice, { ...given, sizeBytes: 11 }), refused('messageTooLarge'));
    await assert.rejects(t.parcels.begin(alice, { ...given, days: 6 }), refused('invalid'));
    for (const name of ['', '..', ' ', 'x'.repeat(201)])
      await assert.rejects(t.parcels.begin(alice, { ...given, name }), refused('invalid'));
    const made = await t.parcels.begin(alice, { ...given, name: '../e\u202egnp.exe\r\n' });
    assert.equal(made.name, '.._egnp.exe');
    await assert.rejects(t.parcels.begin(alice, given), refused('limitReached'));
    await t.parcels.begin(bob, given);
    assert.deepEqual(
      (await t.parcels.list(alice.account)).map(({ id }) => id),
      [made.id],
    );
  });

  test('what is over, was never finished, or belongs to an account that is gone leaves nothing', async () => {
    await using t = await begin();
    const { signal } = new AbortController();
    await t.parcels.begin(alice, { name: 'unfinished', sizeBytes: 5 });
    const kept = await whole(t.parcels);
    await t.clock.advance(25 * 60 * 60 * 1000);
    await tidyParcels(t.store, t.clock.nowMs(), signal);
    assert.deepEqual(
      (await t.parcels.list(alice.account)).map(({ id }) => id),
      [kept.id],
    );
    await t.clock.advance(14 * 24 * 60 * 60 * 1000);
    await tidyParcels(t.store, t.clock.nowMs(), signal);
    await whole(t.parcels, 'his', bob);
    await dropParcelsOf(t.store, bob.account);
    for (const table of ['parcel', 'parcel_piece'])
      assert.deepEqual(await t.store.read(() => rows(`select account from ${table}`)), []);
  });
}
