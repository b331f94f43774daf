/** Signing in with a browser: the cookie, what it opens, and what stands against its being used from elsewhere. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic, openTestApi, testPassword, type Answer, type TestApi } from './testing.ts';

const session = '/api/v1/session';
const admin = '/api/v1/admin';
const page = { host: 'mail.here.test', 'x-hikyaku-page': '1', 'sec-fetch-site': 'same-origin' };

async function signIn(
  { call, a }: TestApi,
  headers: Record<string, string> = {},
  password = testPassword,
): Promise<Answer> {
  const body = { name: a.owner.name, password };
  return call('POST', session, { body, headers: { ...page, 'user-agent': 'Test', ...headers } });
}

const cookieOf = (answer: Answer): string => String(answer.headers['set-cookie']).split(';')[0]!;

test('a password opens a session whose cookie scripts and other sites never get', async () => {
  await using server = await openTestApi();
  const answer = await signIn(server);
  assert.equal(answer.status, 200);
  assert.equal(answer.body.address, server.a.owner.name);
  const cookie = String(answer.headers['set-cookie']);
  for (const part of [/^__Host-hikyaku=[\w-]{43};/, /HttpOnly/, /SameSite=Strict/, /Secure/, /Path=\//])
    assert.match(cookie, part);
  assert.doesNotMatch(cookie, /Max-Age|Domain/);
  const headers = { ...page, cookie: cookieOf(answer) };
  assert.equal((await server.call('GET', session, { headers })).body.is, 'signedIn');
  assert.equal((await server.call('GET', `${admin}/me`, { headers })).body.address, server.a.owner.name);
  assert.equal((await server.call('GET', session, { headers: page })).body.is, 'signedOut');
});

test('a wrong password, an app password and a missing one open nothing', async () => {
  await using server = await openTestApi();
  const wrong = await signIn(server, {}, 'wrong horse');
  assert.equal(wrong.status, 401);
  assert.equal(wrong.headers['set-cookie'], undefined);
  assert.equal(
    wrong.headers['www-authenticate'],
    undefined,
    'the browser would ask with a window of its own',
  );
  const { t, a } = server;
  const app = await t.office.accounts.createAppPassword(
    { by: 'test', ip: '' },
    { org: a.org, id: a.owner.id },
    { name: 'phone' },
  );
  assert.equal((await signIn(server, {}, app.password)).status, 401);
});

test('forged requests: no header of the page, another site, a sibling host, another origin', async () => {
  await using server = await openTestApi();
  const cookie = cookieOf(await signIn(server));
  const path = `${admin}/queue/delete`;
  const bad: Record<string, string>[] = [
    { host: page.host, cookie },
    { ...page, cookie, 'sec-fetch-site': 'cross-site' },
    { ...page, cookie, 'sec-fetch-site': 'same-site' },
    { host: page.host, cookie, 'x-hikyaku-page': '1', origin: 'https://evil.test' },
    { host: page.host, cookie, 'x-hikyaku-page': '1', origin: 'null' },
  ];
  for (const headers of bad)
    assert.equal(
      (await server.call('POST', path, { body: {}, headers })).status,
      403,
      JSON.stringify(headers),
    );
  assert.equal(server.managed.length, 0);
  const own = { ...page, cookie, origin: 'https://mail.here.test' };
  assert.equal((await server.call('POST', path, { body: {}, headers: own })).status, 200);
  const login = { body: { name: server.a.owner.name, password: testPassword } };
  assert.equal((await server.call('POST', session, { ...login, headers: { host: page.host } })).status, 403);
  const read = { host: page.host, cookie, 'sec-fetch-site': 'cross-site' };
  assert.equal((await server.call('GET', `${admin}/me`, { headers: read })).status, 403);
});

test('a token that was planted before signing in is worth nothing after, and the session before it ends', async () => {
  await using server = await openTestApi();
  const planted = '__Host-hikyaku=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';
  const first = await signIn(server, { cookie: planted });
  assert.notEqual(cookieOf(first), planted);
  const second = await signIn(server, { cookie: cookieOf(first) });
  const stateOf = async (cookie: string): Promise<string> =>
    (await server.call('GET', session, { headers: { ...page, cookie } })).body.is;
  assert.deepEqual(await Promise.all([planted, cookieOf(first), cookieOf(second)].map(stateOf)), [
    'signedOut',
    'signedOut',
    'signedIn',
  ]);
  const both = `${planted}; ${cookieOf(second)}`;
  assert.equal(await stateOf(both), 'signedOut', 'two cookies of one name: one is somebody else’s');
});

test('sessions end by sign-out, from another browser, by a new password, by time, and with the account', async () => {
  await using server = await openTestApi();
  const { a, t, call } = server;
  const actor = { by: 'test', ip: '' };
  const isIn = async (cookie: string): Promise<boolean> =>
    (await call('GET', session, { headers: { ...page, cookie } })).body.is === 'signedIn';
  const [one, two] = [cookieOf(await signIn(server)), cookieOf(await signIn(server))];
  const out = await call('DELETE', session, { headers: { ...page, cookie: one } });
  assert.match(String(out.headers['set-cookie']), /Max-Age=0/);
  assert.deepEqual([await isIn(one), await isIn(two)], [false, true]);

  const three = cookieOf(await signIn(server));
  const listed = await call('GET', '/api/v1/sessions', { headers: { ...page, cookie: two } });
  assert.equal(listed.body.items.length, 2);
  const other = listed.body.items.find((each: { current: boolean }) => !each.current);
  await call('DELETE', `/api/v1/sessions/${other.id}`, { headers: { ...page, cookie: two } });
  assert.deepEqual([await isIn(two), await isIn(three)], [true, false]);

  await t.office.accounts.setPassword(actor, { org: a.org, id: a.owner.id }, testPassword);
  assert.equal(await isIn(two), false);
  const four = cookieOf(await signIn(server));
  t.clock.advance(4 * 60 * 60_000 + 1);
  assert.equal(await isIn(four), false, 'not used for four hours');

  const user = await t.office.accounts.create(actor, a.org, { name: 'u@here.test', password: testPassword });
  const body = { name: user.name, password: testPassword };
  const five = cookieOf(await call('POST', session, { body, headers: page }));
  assert.equal(await isIn(five), true);
  await t.office.accounts.update(actor, { org: a.org, id: user.id }, { disabled: true });
  assert.equal(await isIn(five), false);
});

test('a session sees no other account’s sessions and no other organisation', async () => {
  await using server = await openTestApi();
  const { a, b, call } = server;
  const mine = cookieOf(await signIn(server));
  const body = { name: b.owner.name, password: testPassword };
  const theirs = cookieOf(await call('POST', session, { body, headers: page }));
  const listed = await call('GET', '/api/v1/sessions', { headers: { ...page, cookie: theirs } });
  const gone = await call('DELETE', `/api/v1/sessions/${listed.body.items[0].id}`, {
    headers: { ...page, cookie: mine },
  });
  assert.equal(gone.status, 404);
  const headers = { ...page, cookie: mine };
  assert.equal((await call('GET', `${admin}/orgs/${b.org}/accounts`, { headers })).status, 404);
  assert.equal((await call('GET', `${admin}/orgs/${a.org}/accounts`, { headers })).status, 200);
});

test('without TLS no password is taken and no cookie counts, but from this machine', async () => {
  await using server = await openTestApi();
  const cookie = cookieOf(await signIn(server));
  const plain = { ...page, 'x-plain': '1' };
  assert.equal((await signIn(server, plain)).status, 403);
  assert.equal((await server.call('GET', session, { headers: { ...plain, cookie } })).body.is, 'signedOut');
});

test('a role opens to a session what it opens to a password', async () => {
  await using server = await openTestApi();
  await server.addUser(server.a, ['support'], 'helper');
  const body = { name: 'helper@here.test', password: testPassword };
  const cookie = cookieOf(await server.call('POST', session, { body, headers: page }));
  const headers = { ...page, cookie };
  const get = async (path: string): Promise<number> =>
    (await server.call('GET', admin + path, { headers })).status;
  assert.equal(await get('/queue'), 200);
  assert.equal(await get('/quarantine'), 403);
  assert.equal(await get(`/orgs/${server.a.org}/api-keys`), 403);
  assert.equal((await server.call('GET', `${admin}/queue`, { as: basic('helper@here.test') })).status, 200);
});
