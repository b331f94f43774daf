import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemActor } from '../../directory/actor.ts';
import { limits } from '../../proto/jmap/limits.ts';
import { coreUri, openTestJmap } from './testing.ts';

const problem = (name: string): string => `urn:ietf:params:jmap:error:${name}`;

test('the session tells accounts, capabilities and where to go', async () => {
  await using jmap = await openTestJmap();
  const { api, as, account } = jmap;
  for (const path of ['/.well-known/jmap', '/jmap/session']) {
    const { status, body, headers } = await api.call('GET', path, {
      as,
      headers: { host: 'mail.here.test' },
    });
    assert.equal(status, 200);
    assert.match(String(headers['content-type']), /^application\/json/);
    assert.match(String(headers['cache-control']), /no-store/);
    assert.equal(body.username, 'owner@here.test');
    assert.deepEqual(Object.keys(body.accounts), [account]);
    assert.equal(body.accounts[account].isPersonal, true);
    assert.equal(body.capabilities[coreUri].maxObjectsInGet, limits.maxObjectsInGet);
    assert.equal(body.apiUrl, 'http://mail.here.test/jmap/api');
    for (const variable of ['{accountId}', '{blobId}', '{name}', '{type}'])
      assert.ok(body.downloadUrl.includes(variable));
    assert.ok(body.uploadUrl.includes('{accountId}'));
    assert.equal(typeof body.state, 'string');
  }
});

test('nobody comes in without credentials, with a key of no account, or from another site', async () => {
  await using jmap = await openTestJmap();
  const { api } = jmap;
  const none = await api.call('GET', '/jmap/session');
  assert.equal(none.status, 401);
  assert.match(String(none.headers['www-authenticate']), /Bearer.*Basic/);
  assert.equal((await api.call('POST', '/jmap/api', { body: {} })).status, 401);
  assert.equal((await api.call('GET', '/jmap/session', { as: `Bearer ${api.a.key.key}` })).status, 403);
  const { org, owner } = api.a;
  const key = async (scopes: readonly ('mail:http' | 'send')[]) =>
    (await api.t.office.keys.create(systemActor, org, { name: 'k', account: owner.id, scopes })).key;
  const mine = await key(['mail:http']);
  const other = await key(['send']);
  assert.equal((await api.call('GET', '/jmap/session', { as: `Bearer ${mine}` })).body.username, owner.name);
  assert.equal((await api.call('GET', '/jmap/session', { as: `Bearer ${other}` })).status, 403);
});

test('pages of other sites use JMAP with credentials that they bring, and with no others', async () => {
  await using jmap = await openTestJmap();
  const { api, as, account } = jmap;
  const site = { origin: 'https://page.test', 'sec-fetch-site': 'cross-site' };
  const asked = await api.call('OPTIONS', '/jmap/api', {
    headers: { ...site, 'access-control-request-method': 'POST' },
  });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers['access-control-allow-origin'], '*');
  assert.match(String(asked.headers['access-control-allow-headers']), /\bAuthorization\b/);
  assert.equal(asked.headers['access-control-allow-credentials'], undefined);
  const cors = { ...site, 'sec-fetch-mode': 'cors' };
  const session = await api.call('GET', '/jmap/session', { as, headers: cors });
  assert.deepEqual([session.status, session.headers['access-control-allow-origin']], [200, '*']);
  const none = await api.call('GET', '/jmap/session', { headers: cors });
  assert.deepEqual([none.status, none.headers['access-control-allow-origin']], [403, '*']);
  assert.equal((await api.call('GET', '/jmap/session', { as, headers: site })).status, 403, 'a link');
  const post = (path: string, type: string, more = cors) =>
    api.call('POST', path, {
      as,
      body: Buffer.from(JSON.stringify({ using: [coreUri], methodCalls: [] })),
      headers: { ...more, 'content-type': type },
    });
  assert.equal((await post('/jmap/api', 'application/json')).status, 200);
  assert.equal((await post('/jmap/api', 'text/plain')).status, 403, 'nobody was asked');
  assert.equal((await post(`/jmap/upload/${account}/`, 'text/plain')).status, 201);
  assert.equal((await api.call('GET', '/api/v1/admin/me', { as, headers: cors })).status, 403);
});

test('calls are answered in order, with references to earlier results', async () => {
  await using jmap = await openTestJmap();
  const { methodResponses, sessionState, createdIds } = await jmap.request([
    ['Core/echo', { list: [{ ids: ['a', 'b'] }, { ids: ['c'] }], 'x/y': 1 }],
    ['Core/echo', { '#all': { resultOf: '0', name: 'Core/echo', path: '/list/*/ids' } }],
    ['Core/echo', { '#one': { resultOf: '0', name: 'Core/echo', path: '/x~1y' } }],
    ['Core/echo', { '#one': { resultOf: '0', name: 'Core/get', path: '/x~1y' } }],
    ['Core/echo', { '#one': { resultOf: '9', name: 'Core/echo', path: '' } }],
    ['Core/echo', { '#one': { resultOf: '0', name: 'Core/echo', path: '/nothing' } }],
    ['Core/echo', { '#one': { resultOf: '0', name: 'Core/echo', path: '' }, one: 1 }],
    ['Core/nothing', {}],
    ['Core/echo', { last: true }],
  ]);
  assert.deepEqual(methodResponses[1], ['Core/echo', { all: ['a', 'b', 'c'] }, '1']);
  assert.deepEqual(methodResponses[2], ['Core/echo', { one: 1 }, '2']);
  for (const i of [3, 4, 5])
    assert.deepEqual(
      [methodResponses[i][0], methodResponses[i][1].type],
      ['error', 'invalidResultReference'],
    );
  assert.equal(methodResponses[6][1].type, 'invalidArguments');
  assert.deepEqual(methodResponses[7], ['error', { type: 'unknownMethod' }, '7']);
  assert.deepEqual(methodResponses[8], ['Core/echo', { last: true }, '8']);
  assert.equal(createdIds, undefined);
  const { body } = await jmap.api.call('GET', '/jmap/session', { as: jmap.as });
  assert.equal(sessionState, body.state);
  assert.deepEqual((await jmap.request([], { createdIds: { k: 'x' } })).createdIds, { k: 'x' });
});

test('what is no request is refused as a whole, with problem details', async () => {
  await using jmap = await openTestJmap();
  const { api, as } = jmap;
  const post = async (text: string | Buffer, type = 'application/json') => {
    const body = Buffer.from(text);
    const answer = await api.call('POST', '/jmap/api', { as, body, headers: { 'content-type': type } });
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
    return [answer.status, answer.body.type, answer.body.limit];
  };
  const using = JSON.stringify([coreUri]);
  assert.deepEqual(await post('{'), [400, problem('notJSON'), undefined]);
  assert.deepEqual(await post(''), [400, problem('notJSON'), undefined]);
  assert.deepEqual(await post('{}', 'text/plain'), [400, problem('notJSON'), undefined]);
  assert.deepEqual(await post('{"using":[],"using":[]}'), [400, problem('notJSON'), undefined]);
  assert.deepEqual(await post(Buffer.from([0x22, 0xff, 0x22])), [400, problem('notJSON'), undefined]);
  assert.deepEqual(await post('['.repeat(5000)), [400, problem('notJSON'), undefined]);
  for (const text of [
    '[]',
    '{}',
    `{"using":${using}}`,
    `{"using":${using},"methodCalls":[["Core/echo",{}]]}`,
    `{"using":"x","methodCalls":[]}`,
  ])
    assert.deepEqual(await post(text), [400, problem('notRequest'), undefined], text);
  assert.deepEqual(await post('{"using":["urn:x"],"methodCalls":[]}'), [
    400,
    problem('unknownCapability'),
    undefined,
  ]);
  const many = Array.from({ length: limits.maxCallsInRequest + 1 }, (_, i) => ['Core/echo', {}, String(i)]);
  assert.deepEqual(await post(`{"using":${using},"methodCalls":${JSON.stringify(many)}}`), [
    400,
    problem('limit'),
    'maxCallsInRequest',
  ]);
  assert.deepEqual(await post(`"${'x'.repeat(limits.maxSizeRequest)}"`), [
    400,
    problem('limit'),
    'maxSizeRequest',
  ]);
});
