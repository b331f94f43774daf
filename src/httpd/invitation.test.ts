/** Invitations: a link with which somebody chooses the password of their account, once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic, openTestApi } from './testing.ts';
import type { Invitation } from './parts.ts';

const api = '/api/v1/admin';
const page = { 'x-hikyaku-page': '1', 'sec-fetch-site': 'same-origin' };

test('who is invited chooses a password by the link, once, and is signed in', async () => {
  const sent: Invitation[] = [];
  await using server = await openTestApi({ invite: async (one) => void sent.push(one) });
  const { a, call, t, addUser } = server;
  const as = basic(a.owner.name);
  await addUser(a, ['user'], 'new');
  const account = (await t.directory.accountOfLogin('new@here.test'))!;
  const path = `${api}/orgs/${a.org}/accounts/${account.id}/invitation`;
  const made = await call('POST', path, { as, body: { to: 'new@home.example', days: 2 } });
  assert.equal(made.status, 200);
  assert.equal(sent[0]!.to, 'new@home.example');
  assert.equal(sent[0]!.link, made.body.link);
  const ticket = String(made.body.link).split('#')[1]!;
  const seen = await call('GET', `/api/v1/invitation?ticket=${ticket}`);
  assert.equal(seen.body.address, 'new@here.test');
  const short = await call('POST', '/api/v1/invitation', {
    headers: page,
    body: { ticket, password: 'short' },
  });
  assert.equal(short.status, 422);
  const done = await call('POST', '/api/v1/invitation', {
    headers: page,
    body: { ticket, password: 'my own long one' },
  });
  assert.equal(done.body.address, 'new@here.test');
  assert.match(String(done.headers['set-cookie']), /HttpOnly; SameSite=Strict/);
  const again = await call('POST', '/api/v1/invitation', {
    headers: page,
    body: { ticket, password: 'another long one' },
  });
  assert.equal(again.status, 401);
  const audit = JSON.stringify((await t.office.audit.list(a.org, { limit: 100 })).items);
  assert.equal(audit.includes('account.invite'), true);
  assert.equal(audit.includes(ticket), false);
});

test('a link ends with its time, with a change of the account, and for other pages; only who may set passwords invites', async () => {
  await using server = await openTestApi();
  const { a, b, call, t, addUser } = server;
  const as = basic(a.owner.name);
  const support = await addUser(a, ['support'], 'support');
  await addUser(a, ['user'], 'new');
  const { id } = (await t.directory.accountOfLogin('new@here.test'))!;
  const path = `${api}/orgs/${a.org}/accounts/${id}/invitation`;
  const linkOf = async () => String((await call('POST', path, { as, body: {} })).body.link).split('#')[1]!;
  assert.equal((await call('POST', path, { as: support, body: {} })).status, 403);
  assert.equal((await call('POST', path, { as, body: { to: 'nonsense' } })).status, 422);
  assert.equal((await call('POST', path, { as: basic(b.owner.name), body: {} })).status, 404);
  const changed = await linkOf();
  await call('PUT', `${api}/orgs/${a.org}/accounts/${id}/password`, {
    as,
    body: { password: 'set by the admin' },
  });
  const read = (ticket: string) => call('GET', `/api/v1/invitation?ticket=${ticket}`);
  assert.equal((await read(changed)).status, 401);
  const late = await linkOf();
  assert.equal((await read(late)).status, 200);
  const elsewhere = await call('POST', '/api/v1/invitation', {
    headers: { ...page, 'sec-fetch-site': 'cross-site' },
    body: { ticket: late, password: 'from another page' },
  });
  assert.equal(elsewhere.status, 403);
  t.clock.advance(4 * 86_400_000);
  assert.equal((await read(late)).status, 401);
  assert.equal((await read(`${late}x`)).status, 401);
});
