/** Scripts by the admin API: stored, chosen, counted, tried, applied; by whom, and what is written down of it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { basic, openTestApi } from './testing.ts';

const api = '/api/v1/admin';
const control = { as: 'control' };

test('scripts of an account, a domain, an organisation and the server are stored, chosen and deleted', async () => {
  await using server = await openTestApi();
  const { a, call, t } = server;
  const places = [
    [`/orgs/${a.org}/accounts/${a.owner.id}`, 'active'],
    [`/orgs/${a.org}/domains/${a.domain}`, 'before'],
    [`/orgs/${a.org}`, 'after'],
    ['', 'before'],
  ] as const;
  for (const [place, stage] of places) {
    const source = '# rule:[all]\nif true { keep; }';
    const put = await call('PUT', `${api}${place}/scripts/my%20own`, { ...control, body: { source } });
    assert.deepEqual([put.status, put.body], [200, { problems: [] }], place);
    const chosen = { script: 'my own' };
    const staged = await call('PUT', `${api}${place}/script-stages/${stage}`, { ...control, body: chosen });
    assert.equal(staged.status, 204, place);
    const { items } = (await call('GET', `${api}${place}/scripts`, control)).body;
    const found = items.find(({ name }: { name: string }) => name === 'my own');
    assert.deepEqual([found.stage, found.sizeBytes], [stage, source.length], place);
    const { body: got } = await call('GET', `${api}${place}/scripts/my%20own`, control);
    assert.equal(got.source, source);
    assert.deepEqual(got.rules, [{ line: 2, name: 'all', count: 0, lastAtMs: 0 }]);
    const other = stage === 'active' ? 'before' : 'active';
    const wrong = await call('PUT', `${api}${place}/script-stages/${other}`, { ...control, body: chosen });
    assert.equal(wrong.status, 403, place);
    assert.equal((await call('DELETE', `${api}${place}/scripts/my%20own`, control)).status, 403);
    await call('PUT', `${api}${place}/script-stages/${stage}`, { ...control, body: { script: '' } });
    assert.equal((await call('DELETE', `${api}${place}/scripts/my%20own`, control)).status, 204, place);
    assert.equal((await call('GET', `${api}${place}/scripts/my%20own`, control)).status, 404);
  }
  const noted = (await t.office.audit.all({ limit: 500 })).items.map(({ action }) => action);
  for (const action of ['account.script', 'script.put', 'script.stage', 'script.delete'])
    assert.ok(noted.includes(action), action);
});

test('a script with errors is not stored; each is told with its place, in either language', async () => {
  await using server = await openTestApi();
  const { a, call } = server;
  const path = `${api}/orgs/${a.org}/scripts/x`;
  const refused = await call('PUT', path, { ...control, body: { source: 'keep;\nbogus;' } });
  assert.equal(refused.status, 422);
  assert.equal(refused.body.errors[0].at, '2:1');
  assert.match(refused.body.detail, /line 2:1 .*bogus/);
  assert.equal((await call('GET', path, control)).status, 404);
  const body = { source: 'bogus;', language: 'ja' };
  const [problem] = (await call('POST', `${api}/script-check`, { ...control, body })).body.problems;
  assert.deepEqual([problem.is, problem.line, problem.column], ['error', 1, 1]);
  assert.match(problem.text, /[ぁ-ん]/);
});

test('a draft or a stored script is tried over a mailbox or a given message, and applied', async () => {
  await using server = await openTestApi();
  const { a, call } = server;
  const account = `${api}/orgs/${a.org}/accounts/${a.owner.id}`;
  const trial = (body: object) => call('POST', `${account}/script-trial`, { ...control, body });
  const draft = await trial({ source: 'discard;', trace: true, mailbox: 'Old' });
  assert.equal(draft.body.items[0].subject, `${a.owner.name} Old`);
  assert.equal(draft.body.items[0].steps[0].what, 'discard;');
  assert.equal(draft.body.next, 7);
  await call('PUT', `${account}/scripts/kept`, { ...control, body: { source: 'keep;' } });
  assert.deepEqual((await trial({ script: 'kept' })).body.items[0].steps, []);
  const given = await trial({ script: 'kept', message: 'Subject: x\n\ny\n' });
  assert.deepEqual([given.body.items[0].subject, given.body.next], ['Subject: x\r\n\r\ny\r\n', undefined]);
  for (const body of [{}, { script: 'kept', source: 'keep;' }, { source: 'bogus;' }])
    assert.equal((await trial(body)).status, 422);
  assert.equal((await trial({ script: 'none' })).status, 404);
  const used = await call('POST', `${account}/script-use`, { ...control, body: { source: 'discard;' } });
  assert.equal(used.body.items[0].subject, `applied ${a.owner.name}`);
});

test('people have their own scripts with their password; support may not look into mail; an admin does not filter an owner', async () => {
  await using server = await openTestApi();
  const { a, t, call, addUser } = server;
  const user = await addUser(a, ['user']);
  const body = { source: 'keep;' };
  assert.equal((await call('PUT', `${api}/me/scripts/mine`, { as: user, body })).status, 200);
  const chosen = { as: user, body: { script: 'mine' } };
  assert.equal((await call('PUT', `${api}/me/script-stages/active`, chosen)).status, 204);
  assert.equal((await call('GET', `${api}/me/scripts`, { as: user })).body.items[0].stage, 'active');
  const own = await call('POST', `${api}/me/script-trial`, { as: user, body });
  assert.equal(own.body.items[0].subject, `user@${a.domain} INBOX`);
  const account = `${api}/orgs/${a.org}/accounts/${a.owner.id}`;
  assert.equal((await call('POST', `${account}/script-trial`, { as: user, body })).status, 403);
  const support = await addUser(a, ['support']);
  assert.equal((await call('POST', `${account}/script-trial`, { as: support, body })).status, 403);
  const admin = await addUser(a, ['admin']);
  for (const path of ['script-trial', 'script-use'])
    assert.equal((await call('POST', `${account}/${path}`, { as: admin, body })).status, 403, path);
  assert.equal((await call('PUT', `${account}/scripts/theirs`, { as: admin, body })).status, 403);
  const before = (await t.office.audit.list(a.org, { limit: 500 })).items.length;
  await call('POST', `${account}/script-trial`, { as: basic(a.owner.name), body });
  assert.equal((await t.office.audit.list(a.org, { limit: 500 })).items.length, before, 'of one’s own mail');
  await call('POST', `${account}/script-trial`, { ...control, body });
  const [noted] = (await t.office.audit.list(a.org, { limit: 500 })).items;
  assert.deepEqual([noted!.action, noted!.subject, noted!.by], ['account.script', a.owner.name, 'cli']);
});
