import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic, openTestApi } from './testing.ts';

const api = '/api/v1/admin';

test('an organisation reads and changes its own list, and nobody else sees it', async () => {
  await using server = await openTestApi();
  const { a, b, call } = server;
  const as = basic(a.owner.name);
  const path = `${api}/orgs/${a.org}/suppressions`;
  const entries = [
    { address: 'Bob@Remote.test', reason: 'asked for it' },
    { address: 'ann@remote.test', scope: 'stream:bulk', cause: 'unsubscribe' },
  ];
  assert.equal((await call('POST', path, { as, body: { entries } })).body.count, 2);
  const page = await call('GET', `${path}?limit=1`, { as });
  assert.deepEqual(
    page.body.items.map((one: { address: string }) => one.address),
    ['ann@remote.test'],
  );
  const rest = await call('GET', `${path}?limit=5&cursor=${encodeURIComponent(page.body.next)}`, { as });
  assert.deepEqual(
    rest.body.items.map((one: { address: string; by: string }) => [one.address, one.by]),
    [['bob@remote.test', `account:${a.owner.id}`]],
  );
  assert.equal((await call('GET', `${api}/orgs/${b.org}/suppressions`, { as })).status, 404);
  assert.equal((await call('GET', `${api}/suppressions`, { as })).status, 403);
  const wrong = { entries: [{ address: 'no address' }] };
  assert.equal((await call('POST', path, { as, body: wrong })).status, 422);
  assert.equal(
    (await call('POST', `${path}/release`, { as, body: { addresses: ['bob@remote.test'] } })).body.count,
    1,
  );
  assert.equal((await call('PUT', `${path}/policy`, { as, body: { hardErrors: 1 } })).status, 204);
  const policy = await call('GET', `${path}/policy`, { as });
  assert.deepEqual(
    [policy.body.own, policy.body.policy.hardErrors, policy.body.count],
    [{ hardErrors: 1 }, 1, 1],
  );
});
