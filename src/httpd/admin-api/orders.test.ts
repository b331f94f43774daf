import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic, openTestApi } from '../testing.ts';

const path = '/api/v1/admin/queue/orders';
const base = { why: 'a test', minutes: 5 };

test('an order reroutes mail by domain and sender, for the operator alone', async () => {
  await using server = await openTestApi();
  const { call, a } = server;
  const give = (body: object, as = 'control') => call('POST', path, { as, body: { ...base, ...body } });
  const made = await give({ is: 'reroute', domain: 'There.Example', to: 'Relay.Example:587' });
  assert.equal(made.status, 201, JSON.stringify(made.body));
  assert.deepEqual(made.body.to, { host: 'relay.example', port: 587 });
  assert.equal(made.body.domain, 'there.example');
  assert.deepEqual((await give({ is: 'reroute', to: '[2001:db8::1]' })).body.to, { host: '2001:db8::1' });
  assert.equal(
    (await give({ is: 'reroute', to: 'r.example', sender: '@Here.Example' })).body.sender,
    '@here.example',
  );
  for (const wrong of [
    { is: 'reroute', to: 'not a server' },
    { is: 'reroute', to: 'relay.example:70000' },
    { is: 'reroute' },
    { is: 'reroute', to: 'relay.example', provider: 'docomo' },
    { is: 'reroute', to: 'relay.example', sender: 'a@here.example' },
    { is: 'suspend', to: 'relay.example' },
    { is: 'limit', rate: '1/s', sender: '@here.example' },
  ])
    assert.equal((await give(wrong)).status, 422, JSON.stringify(wrong));
  const foreign = await give({ is: 'reroute', to: 'relay.example' }, basic(a.owner.name));
  assert.equal(foreign.status, 403);
});
