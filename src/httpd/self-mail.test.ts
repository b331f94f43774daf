/** What readers keep for themselves: where mail goes on to, labels. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { simple } from '../mailbox/testing.ts';
import { basic, openTestApi } from './testing.ts';

const api = '/api/v1/admin/me';

test('a reader sends mail on, and no longer', async () => {
  await using server = await openTestApi();
  const as = { as: basic(server.a.owner.name) };
  assert.deepEqual((await server.call('GET', `${api}/forward`, as)).body, { targets: [], keepCopy: false });
  const body = { targets: ['elsewhere@far.test'], keepCopy: false };
  const put = await server.call('PUT', `${api}/forward`, { ...as, body });
  assert.deepEqual([put.status, put.body], [200, body]);
  assert.deepEqual((await server.call('GET', `${api}/forward`, as)).body, body);
  const other = await server.call('GET', `${api}/forward`, { as: basic(server.b.owner.name) });
  assert.deepEqual(other.body.targets, []);
});

test('labels are keywords with names and colours, each once', async () => {
  await using server = await openTestApi();
  const as = { as: basic(server.a.owner.name) };
  const items = [
    { keyword: '$label1', name: 'Important', colour: 'red' },
    { keyword: '&tldoiw-', name: '仕事', colour: 'blue' },
  ];
  const put = (given: object) => server.call('PUT', `${api}/labels`, { ...as, body: { items: given } });
  assert.deepEqual((await server.call('GET', `${api}/labels`, as)).body, { items: [] });
  assert.equal((await put(items)).status, 200);
  assert.deepEqual((await server.call('GET', `${api}/labels`, as)).body, { items });
  for (const keyword of ['', '$seen', 'two words', '仕事', 'a"b', 'a{b', '$label6'])
    assert.equal((await put([{ keyword, name: 'x', colour: 'red' }])).status, 422, keyword);
  assert.equal((await put([items[0], { ...items[0], keyword: '$LABEL1' }])).status, 422);
  assert.deepEqual((await server.call('GET', `${api}/labels`, as)).body, { items });
  const other = await server.call('GET', `${api}/labels`, { as: basic(server.b.owner.name) });
  assert.deepEqual(other.body, { items: [] });
});

test('mail sleeps by its id until a time ahead', async () => {
  await using server = await openTestApi();
  const { parts, a, call } = server;
  const as = { as: basic(a.owner.name) };
  const inbox = (await parts.mailboxes.list(a.owner.id)).find(({ role }) => role === 'inbox')!;
  await parts.mailboxes.append(a.owner.id, inbox.id, [simple('one')]);
  const untilMs = parts.clock.nowMs() + 60_000;
  const put = (body: object) => call('POST', `${api}/snoozed`, { ...as, body });
  const given = { emails: ['e1', 'e9', 'nonsense'], mailbox: inbox.id, untilMs };
  assert.deepEqual((await put(given)).body, { failed: 2 });
  assert.deepEqual((await call('GET', `${api}/snoozed`, as)).body, { items: [{ email: 'e1', untilMs }] });
  assert.equal((await put({ ...given, untilMs: 1 })).status, 422);
  assert.equal((await put({ ...given, mailbox: 'x' })).status, 422);
  const other = await call('GET', `${api}/snoozed`, { as: basic(server.b.owner.name) });
  assert.deepEqual(other.body, { items: [] });
});
