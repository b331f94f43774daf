import assert from 'node:assert/strict';
import { test } from 'node:test';
import { raiseAllGenerations, tidyMailboxes } from './care.ts';
import { place, placementKeptMs } from './place.ts';
import { deleteMailbox } from './operations.ts';
import { alice, bob, mailboxesOf, openMailStore, placement, problemsOf, simple } from './testing.ts';

test('keys of old placements are forgotten, young ones are kept', async () => {
  await using store = await openMailStore();
  const nowMs = placement('x').receivedAtMs + placementKeptMs;
  await store.write(place, placement('old', { receivedAtMs: nowMs - placementKeptMs - 1 }));
  await store.write(place, placement('young', { receivedAtMs: nowMs - placementKeptMs }));
  assert.equal((await tidyMailboxes(store, nowMs)).placements, 1);
  assert.equal((await store.write(place, placement('old'))).duplicate, false);
  assert.equal((await store.write(place, placement('young'))).duplicate, true);
});

test('what a deletion left behind is purged', async () => {
  await using store = await openMailStore();
  using mailboxes = mailboxesOf(store);
  const box = await mailboxes.create(alice, 'A');
  await mailboxes.append(
    alice,
    box.id,
    Array.from({ length: 1100 }, () => simple('x')),
  );
  await store.write(deleteMailbox, { account: alice, name: 'A' });
  assert.deepEqual(await problemsOf(store), []);
  assert.equal((await mailboxes.quota(alice)).emails, 1100);
  assert.equal((await tidyMailboxes(store, 1)).mailboxes, 1);
  assert.deepEqual(await mailboxes.quota(alice), { usedBytes: 0, limitBytes: 0, emails: 0 });
  assert.deepEqual(await problemsOf(store), []);
});

test('every account is raised once to a generation', async () => {
  await using store = await openMailStore();
  await store.write(place, placement('a'));
  await store.write(place, placement('b', { account: bob }));
  assert.equal(await raiseAllGenerations(store, { generation: 3, lostMs: 0 }), 2);
  assert.equal(await raiseAllGenerations(store, { generation: 3, lostMs: 0 }), 0);
  assert.equal(
    await raiseAllGenerations(store, { generation: 1, lostMs: 0 }),
    0,
    'a store that was never restored',
  );
});
