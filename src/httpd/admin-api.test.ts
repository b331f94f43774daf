import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemActor } from '../directory/actor.ts';
import { roles } from '../directory/account.ts';
import { within } from './admin-api/deliverability.ts';
import { basic, openTestApi, testPassword, testSigningKey, type TestApi, type Tenant } from './testing.ts';

const api = '/api/v1/admin';

interface Described {
  readonly method: string;
  readonly path: string;
}

/** Every operation of the API, as its own description tells it. */
async function everyRoute({ call }: TestApi): Promise<Described[]> {
  const { paths } = (await call('GET', '/openapi.json')).body as {
    paths: Record<string, Record<string, unknown>>;
  };
  return Object.entries(paths)
    .filter(([path]) => path.startsWith(api))
    .flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => ({ method: method.toUpperCase(), path })),
    );
}

/** The path with real names of a tenant's things in it. */
function pathOf({ path }: Described, tenant: Tenant, { org = tenant.org }: { org?: string } = {}): string {
  const named = /\/(alias|group|forward|account)(?:e?s)\/\{address\}/.exec(path)?.[1] ?? 'alias';
  const kind = named === 'account' ? 'owner' : named;
  const id = path.includes('app-passwords')
    ? tenant.appPassword
    : path.includes('api-keys')
      ? tenant.key.id
      : path.includes('submitters')
        ? tenant.submitter
        : path.includes('inbound-routes')
          ? tenant.inbound
          : `m-${tenant.org}`;
  const values: Record<string, string> = {
    org,
    domain: tenant.domain,
    account: tenant.owner.id,
    address: `${kind}@${tenant.domain}`,
    direction: 'out',
    from: `old@${tenant.domain}`,
    action: 'delete',
    message: `q-${tenant.org}`,
    id,
    name: 'main',
    purpose: 'tracking',
    stage: path.includes('{account}') || path.includes('/me/') ? 'active' : 'before',
  };
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(values[name] ?? name));
}

/** A body that each route takes. */
function bodyOf({ method, path }: Described, tenant: Tenant): object | undefined {
  if (method === 'GET' || method === 'DELETE') return undefined;
  if (path.endsWith('/queue/orders')) return { is: 'suspend', why: 'x', minutes: 5 };
  if (path.includes('/queue/') || path.includes('/quarantine/')) return {};
  if (path.endsWith('/password')) return { password: 'taken over now' };
  if (path.endsWith('/app-passwords')) return { name: 'x' };
  if (path.endsWith('/submitters')) return { kind: 'certificate', value: '0a'.repeat(32), name: 'x' };
  if (path.endsWith('/api-keys')) return { name: 'x', scopes: ['queue:read'] };
  if (path.endsWith('/dkim')) return { selector: 'theirs', privateKey: testSigningKey() };
  if (path.endsWith('/rename')) return { name: `renamed@${tenant.domain}` };
  if (path.endsWith('/forward')) return { targets: ['thief@evil.test'], keepCopy: true };
  if (path.endsWith('/send-as')) return { addresses: [] };
  if (path.endsWith('/me/unsubscribe')) return { email: 'e1' };
  if (path.endsWith('/me/snoozed'))
    return { emails: ['e1'], mailbox: 'm1', untilMs: Date.now() + 86_400_000 };
  if (path.endsWith('/me/labels')) return { items: [] };
  if (path.endsWith('/moving')) return { is: 'export' };
  if (path.endsWith('/sending'))
    return path.includes('{account}') ? { perDay: 9 } : { limit: 'org', perDay: 9 };
  if (path.endsWith('/webhooks')) return { url: 'https://hooks.test/' };
  if (path.endsWith('/webhooks/{id}/replay')) return { fromMs: 1 };
  if (path.includes('/log-views/')) return { query: { status: 'bounced' } };
  if (path.endsWith('/retention')) return { days: 30 };
  if (path.endsWith('/suppressions')) return { entries: [{ address: 'thief@evil.test' }] };
  if (path.endsWith('/suppressions/release')) return { addresses: ['thief@evil.test'] };
  if (path.endsWith('/suppressions/release-all')) return { cause: 'hard' };
  if (path.endsWith('/suppressions/policy')) return { hardErrors: 1 };
  if (path.endsWith('/classifier')) return { mailbox: 'INBOX', says: 'wanted' };
  if (path.endsWith('/access'))
    return {
      imapWithout: ['QRESYNC'],
      imapWith: [],
      transcriptUntilMs: 0,
      pop3Mailbox: '',
      pop3Days: 0,
      pop3Expire: null,
    };
  if (path.endsWith('/streams/{stream}')) return { kind: 'bulk' };
  if (path.endsWith('/inbound-routes'))
    return { address: `other@${tenant.domain}`, url: 'https://hooks.test/' };
  if (path.includes('/sending-domains/')) return { name: `links.${tenant.domain}` };
  if (path.includes('/templates/')) return { text: 'Hello' };
  if (path.endsWith('/template-trial')) return { text: 'Hello', data: {} };
  if (path.endsWith('/scripts/{name}')) return { source: 'discard;' };
  if (path.endsWith('/script-stages/{stage}')) return { script: '' };
  if (/\/script-(trial|use|check)$/.test(path)) return { source: 'discard;' };
  if (path.endsWith('/invitation')) return {};
  if (path.endsWith('/sent-reports')) return { day: '2026-01-01' };
  if (path.endsWith('/reports')) return { file: 'eA==' };
  if (path.includes('/rewrites/')) return { to: 'thief@evil.test' };
  if (path.endsWith('{address}')) return { targets: ['thief@evil.test'] };
  if (path.endsWith('/accounts')) return { name: `spy@${tenant.domain}`, password: 'long enough' };
  if (path.endsWith('/domains')) return { name: 'spy.test' };
  if (path.endsWith('/orgs')) return { name: 'x' };
  const kind = /\/(aliases|groups|forwards)$/.exec(path)?.[1];
  if (kind !== undefined) return { address: `spy-${kind}@${tenant.domain}`, targets: ['thief@evil.test'] };
  return {};
}

test('no route of the API answers without credentials, or with wrong ones', async () => {
  await using server = await openTestApi();
  const { a, call } = server;
  const all = await everyRoute(server);
  assert.equal(all.length > 50, true, `${all.length} routes`);
  for (const each of all) {
    const answer = await call(each.method, pathOf(each, a), { body: bodyOf(each, a) });
    assert.equal(answer.status, 401, `${each.method} ${each.path}`);
    assert.match(String(answer.headers['www-authenticate']), /Bearer.*Basic/);
    assert.match(String(answer.headers['content-type']), /^application\/problem\+json/);
  }
  assert.equal((await call('GET', `${api}/me`, { as: 'Bearer hk_no' })).status, 401);
  assert.equal((await call('GET', `${api}/me`, { as: 'Basic !!' })).status, 401);
  assert.equal((await call('GET', `${api}/me`, { as: basic('nobody@here.test') })).status, 401);
});

test('tenant A can neither read nor change tenant B, by any route, by password or by key', async () => {
  await using server = await openTestApi();
  const { a, b, t, call } = server;
  const auditOfB = async () => JSON.stringify((await t.office.audit.list(b.org, { limit: 500 })).items);
  const before = await auditOfB();
  const all = (await everyRoute(server)).filter(({ path }) => path.includes('{org}'));
  assert.equal(all.length > 35, true);
  for (const as of [basic(a.owner.name), `Bearer ${a.key.key}`]) {
    for (const each of all) {
      const name = `${each.method} ${each.path}`;
      const straight = await call(each.method, pathOf(each, b), { as, body: bodyOf(each, b) });
      assert.equal(/^(403|404)$/.test(String(straight.status)), true, `${name} ${straight.status}`);
      assert.equal(JSON.stringify(straight.body).includes(b.domain), false, name);
      if (each.method === 'DELETE' && each.path === `${api}/orgs/{org}`) continue;
      if (!/\{(domain|account|address|from|id)\}/.test(each.path)) continue;
      // B's things under A's own organisation do not exist either.
      const crossed = await call(each.method, pathOf(each, b, { org: a.org }), { as, body: bodyOf(each, b) });
      assert.equal(/^(404|422)$/.test(String(crossed.status)), true, `${name} crossed ${crossed.status}`);
    }
  }
  assert.equal(await auditOfB(), before, 'nothing of B was changed');
});

const ofWebhooks = [
  'GET /webhooks',
  'POST /webhooks',
  ...['GET', 'PATCH', 'DELETE'].map((method) => `${method} /webhooks/{id}`),
  ...['pause', 'resume', 'rotate', 'replay', 'dead/replay', 'test'].map(
    (deed) => `POST /webhooks/{id}/${deed}`,
  ),
  'GET /webhooks/{id}/dead',
  'GET /webhooks/{id}/attempts',
];

test('routes that name no organisation tell tenant A nothing of tenant B either', async () => {
  await using server = await openTestApi();
  const { a, b, t, call } = server;
  const all = (await everyRoute(server)).filter(
    ({ path }) => !path.includes('{org}') && !path.endsWith('/stream'),
  );
  const ofServer = [
    'POST /orgs',
    'GET /audit',
    ...ofWebhooks,
    'GET /api-keys',
    'POST /api-keys',
    'DELETE /api-keys/{id}',
    'GET /deliverability/warm-ups',
    'GET /deliverability/block-lists',
    'GET /sent-reports',
    'POST /sent-reports',
    'GET /scripts',
    'GET /scripts/{name}',
    'PUT /scripts/{name}',
    'DELETE /scripts/{name}',
    'PUT /script-stages/{stage}',
  ];
  const bystander = `bystander@${b.domain}`;
  await t.office.accounts.create(systemActor, b.org, { name: bystander });
  for (const as of [basic(a.owner.name), `Bearer ${a.key.key}`]) {
    for (const each of all) {
      const name = `${each.method} ${each.path.slice(api.length)}`;
      const query = queryOf(each.path, `m-${b.org}`);
      if (ofServer.includes(name)) {
        const refused = await call(each.method, pathOf(each, b), { as, body: bodyOf(each, b) });
        assert.equal(refused.status, 403, name);
      }
      if (each.method !== 'GET') continue;
      const { status, body } = await call('GET', pathOf(each, b) + query, { as });
      // The explanation repeats what was asked, and that alone.
      const told = JSON.stringify(body).replaceAll(`alias@${b.domain}`, '');
      const secrets = [b.org, b.owner.id, b.domain, 'x@remote.test'].filter((one) => told.includes(one));
      assert.deepEqual(secrets, [], `${name} ${status}`);
      if (/\{(domain|id)\}$/.test(each.path) || name === 'GET /accounts/{address}')
        assert.equal(status === 404 || status === 403, true, `${name} ${status}`);
    }
  }
});

test('every change by any route is in the audit log, without the secret that it sets or gives', async () => {
  await using server = await openTestApi();
  const { a, b, t, call } = server;
  const owner = { org: a.org, id: a.owner.id };
  const second = await t.office.accounts.createAppPassword(systemActor, owner, { name: 'second' });
  const operators = await t.office.keys.create(systemActor, '', { name: 'k', scopes: ['all'] });
  const auditOf = async () => (await t.office.audit.all({ limit: 500 })).items;
  // What hangs on another thing goes before it.
  const last = ['/accounts/{account}', '/domains/{domain}', '/orgs/{org}'];
  const rank = ({ method, path }: Described) => {
    if (path.includes('/me/')) return -2;
    return method === 'DELETE' ? 1 + last.findIndex((end) => path.endsWith(end)) : -1;
  };
  // What is done to the queue and the quarantine is in the ledger of its messages; a moving is noted when it begins, not with each piece; files are tested apart; how a reader's labels look is no change of the administration.
  const all = (await everyRoute(server)).filter(
    ({ method, path }) =>
      method !== 'GET' &&
      !/\/(?:queue|quarantine)\/|\/(?:script|template)-(?:trial|check)$|\/moving\/\{account\}|\/suppressions\/import$|\/me\/(?:labels|snoozed|unsubscribe)$/.test(
        path,
      ),
  );
  for (const each of all.toSorted((one, other) => rank(one) - rank(other))) {
    const name = `${each.method} ${each.path}`;
    const mine = each.path.includes('/me/');
    // B's things go, each of which has nothing that hangs on it by then.
    const whose = each.method === 'DELETE' ? b : a;
    const tenant = each.path.includes('{org}') ? whose : { ...a, appPassword: second.id, key: operators };
    const as = mine ? basic(a.owner.name) : 'control';
    const before = (await auditOf()).length;
    const body = mine && each.path.endsWith('/password') ? { password: testPassword } : bodyOf(each, a);
    const answer = await call(each.method, pathOf(each, tenant), { as, body });
    assert.equal(answer.status >= 200 && answer.status < 300, true, `${name} ${JSON.stringify(answer.body)}`);
    const after = await auditOf();
    // The keys of a domain are made with it.
    const changes = name === `POST ${api}/orgs/{org}/domains` ? 2 : 1;
    assert.equal(after.length, before + changes, name);
    const given = [
      answer.body?.password,
      answer.body?.key,
      answer.body?.privateKey,
      answer.body?.secret,
      (body as { password?: string })?.password,
    ];
    for (const secret of given.filter((one) => one !== undefined))
      assert.equal(JSON.stringify(after).includes(secret), false, name);
  }
});

test('queue, journey and log show an organisation its own mail only, whatever is asked for', async () => {
  await using server = await openTestApi();
  const { a, b, call, managed } = server;
  const as = basic(a.owner.name);
  const clean = async (path: string) => {
    const answer = await call('GET', api + path, { as });
    assert.equal(JSON.stringify(answer.body).includes(b.org), false, path);
    return answer;
  };
  assert.equal((await clean('/queue/entries')).body.items.length, 1);
  await clean(`/queue/entries?org=${b.org}`);
  assert.equal((await clean('/queue')).body.items[0].waiting, 1);
  assert.equal((await clean(`/quarantine?org=${b.org}`)).body.items.length, 1);
  const others = `/quarantine/q-${b.org}`;
  for (const path of [others, `${others}/text`])
    assert.equal((await call('GET', api + path, { as })).status, 404, path);
  for (const action of ['release', 'delete'])
    assert.equal((await call('POST', `${api}${others}/${action}`, { as, body: { org: b.org } })).status, 404);
  assert.equal((await call('GET', `${api}/queue/messages/m-${b.org}`, { as })).status, 404);
  assert.equal((await clean(`/queue/messages/m-${a.org}`)).status, 200);
  assert.deepEqual((await call('GET', `${api}/journey?q=m-${b.org}`, { as })).body, {
    is: 'several',
    found: [],
  });
  assert.equal((await clean(`/journey?q=m-${a.org}`)).body.is, 'message');
  assert.equal((await clean('/journey?q=someone@x.test')).body.found.length, 1);
  assert.equal((await clean('/log')).body.items.length, 1);
  assert.equal((await call('POST', `${api}/queue/delete`, { as, body: { org: b.org } })).body.count, 1);
  assert.deepEqual(managed, [{ action: 'delete', filter: { org: a.org }, by: a.owner.name }]);
  assert.equal((await clean('/stats')).body.values.waiting, 1);
  assert.deepEqual((await call('GET', `${api}/stats`, { as: 'control' })).body.values.waiting, 2);
  assert.equal((await clean('/orgs')).body.items.length, 1);
});

test('roles are obeyed: what each may do', async () => {
  await using server = await openTestApi();
  const { a, call, addUser } = server;
  const may = async (as: string, method: string, path: string, body?: object) => {
    const { status } = await call(method, api + path, { as, body });
    return status !== 403;
  };
  const asked: readonly (readonly [string, string, string, object?])[] = [
    ['read accounts', 'GET', `/orgs/${a.org}/accounts`],
    ['write accounts', 'POST', `/orgs/${a.org}/accounts`, { name: 'not an address' }],
    ['write org', 'PATCH', `/orgs/${a.org}`, { name: 'Here' }],
    ['write keys', 'POST', `/orgs/${a.org}/api-keys`, { name: 'x', scopes: ['nonsense'] }],
    ['read queue', 'GET', '/queue'],
    ['write queue', 'POST', '/queue/hold', {}],
    ['read quarantine', 'GET', `/quarantine/q-${a.org}/text`],
    ['write quarantine', 'POST', `/quarantine/q-${a.org}/release`, {}],
    ['read journey', 'GET', '/log'],
    ['read audit', 'GET', `/orgs/${a.org}/audit`],
    ['read streams', 'GET', `/orgs/${a.org}/streams`],
    ['write streams', 'PUT', `/orgs/${a.org}/streams/x`, { kind: 'nonsense' }],
    ['write templates', 'PUT', `/orgs/${a.org}/templates/x`, {}],
    ['make orgs', 'POST', '/orgs', { name: 'x' }],
    ['who am I', 'GET', '/me'],
  ];
  const expected: Record<string, string> = {
    owner:
      'read accounts,write accounts,write org,write keys,read queue,write queue,read quarantine,write quarantine,read journey,read audit,read streams,write streams,write templates,who am I',
    admin:
      'read accounts,write accounts,write keys,read queue,write queue,read quarantine,write quarantine,read journey,read audit,read streams,write streams,write templates,who am I',
    developer: 'write keys,read queue,read journey,read streams,write streams,write templates,who am I',
    marketer: 'read streams,write streams,write templates,who am I',
    support: 'read accounts,read queue,read journey,read streams,who am I',
    user: 'who am I',
  };
  for (const role of roles) {
    const as = role === 'owner' ? basic(a.owner.name) : await addUser(a, [role]);
    const allowed: string[] = [];
    for (const [what, method, path, body] of asked) if (await may(as, method, path, body)) allowed.push(what);
    assert.equal(allowed.join(','), expected[role], role);
  }
});

test('nobody gives more than they have', async () => {
  await using server = await openTestApi();
  const { a, call, addUser, t } = server;
  const admin = await addUser(a, ['admin']);
  const accounts = `${api}/orgs/${a.org}/accounts`;
  const status = async (as: string, method: string, path: string, body: object) =>
    (await call(method, path, { as, body })).status;
  assert.equal(await status(admin, 'POST', accounts, { name: 'x@here.test', roles: ['owner'] }), 403);
  assert.equal(
    await status(admin, 'PUT', `${accounts}/${a.owner.id}/password`, { password: 'mine from now' }),
    403,
  );
  assert.equal(
    await status(admin, 'POST', `${api}/orgs/${a.org}/api-keys`, { name: 'k', scopes: ['all'] }),
    403,
  );
  assert.equal(await status(basic(a.owner.name), 'PATCH', `${api}/orgs/${a.org}`, { operator: true }), 403);
  for (const each of await everyRoute(server)) {
    if (each.method === 'GET' || !each.path.includes('/accounts/{account}')) continue;
    const refused = await status(admin, each.method, pathOf(each, a), bodyOf(each, a) ?? {});
    assert.equal(refused, 403, `an admin touches an owner: ${each.method} ${each.path}`);
  }
  const narrow = await t.office.keys.create(systemActor, a.org, { name: 'k', scopes: ['accounts:write'] });
  const as = `Bearer ${narrow.key}`;
  assert.equal(await status(as, 'POST', accounts, { name: 'x@here.test', roles: ['admin'] }), 403);
  assert.equal(await status(as, 'POST', accounts, { name: 'x@here.test', roles: ['user'] }), 201);
  const adminId = (await t.office.accounts.named('admin@here.test')).id;
  assert.equal(
    await status(as, 'PUT', `${accounts}/${adminId}/password`, { password: 'mine from now' }),
    403,
  );
});

test('what a whole organisation may send is said by whoever runs the server', async () => {
  await using server = await openTestApi();
  const { a, call } = server;
  const path = `${api}/orgs/${a.org}/sending`;
  const put = async (as: string, limit: string): Promise<number> =>
    (await call('PUT', path, { as, body: { limit, perDay: 1_000_000 } })).status;
  const owner = basic(a.owner.name);
  assert.deepEqual(
    [await put(owner, 'org'), await put(owner, 'account'), await put('control', 'org')],
    [403, 200, 200],
  );
});

/** What some routes cannot do without. */
const queryOf = (path: string, message: string): string =>
  path.endsWith('/journey') ? `?q=${message}` : path.endsWith('/why') ? '?destination=remote.test' : '';

test('the operator’s socket, keys and owners see every organisation', async () => {
  await using server = await openTestApi();
  const { a, b, call, t } = server;
  for (const each of await everyRoute(server)) {
    if (each.method !== 'GET' || each.path.endsWith('stream') || each.path.includes('/me/')) continue;
    // These need a mailbox, a source, a script, or answer in lines.
    if (/\/moving\/\{account\}\/(?:import|export|scripts\/)|\/log\/export$/.test(each.path)) continue;
    const query = queryOf(each.path, 'x');
    const answer = await call('GET', pathOf(each, b) + query, { as: 'control' });
    assert.equal(answer.status, 200, `${each.path} ${JSON.stringify(answer.body)}`);
  }
  const key = await t.office.keys.create(systemActor, '', { name: 'demo', scopes: ['all'] });
  const made = await call('POST', `${api}/orgs`, {
    as: `Bearer ${key.key}`,
    body: { name: 'New', language: 'ja' },
  });
  assert.deepEqual([made.status, made.body.name, made.body.language], [201, 'New', 'ja']);
  assert.equal((await call('GET', `${api}/orgs/${b.org}/accounts`, { as: basic(a.owner.name) })).status, 404);
  await t.office.orgs.update(systemActor, a.org, { operator: true });
  assert.equal((await call('GET', `${api}/orgs/${b.org}/accounts`, { as: basic(a.owner.name) })).status, 200);
  assert.equal((await call('GET', `${api}/orgs/nothere/accounts`, { as: basic(a.owner.name) })).status, 404);
});

test('an account is made, changed under its tag, and deleted; each step answers with what there is now', async () => {
  await using server = await openTestApi();
  const { a, call, t } = server;
  const as = basic(a.owner.name);
  const path = `${api}/orgs/${a.org}/accounts`;
  const made = await call('POST', path, {
    as,
    body: { name: 'Alice@here.test', password: 'long enough', language: 'ja' },
  });
  assert.deepEqual(
    [made.status, made.body.name, made.body.language, made.body.roles],
    [201, 'alice@here.test', 'ja', ['user']],
  );
  const one = `${path}/${made.body.id}`;
  const read = await call('GET', one, { as });
  const changed = await call('PATCH', one, {
    as,
    body: { quotaBytes: 5 },
    headers: { 'if-match': String(read.headers['etag']) },
  });
  assert.deepEqual([changed.status, changed.body.quotaBytes], [200, 5]);
  const late = await call('PATCH', one, {
    as,
    body: { quotaBytes: 6 },
    headers: { 'if-match': String(read.headers['etag']) },
  });
  assert.equal(late.status, 412);
  const app = await call('POST', `${one}/app-passwords`, { as, body: { name: 'phone', services: ['imap'] } });
  assert.equal(
    (await t.directory.login('alice@here.test', app.body.password, { service: 'imap', ip: '192.0.2.1' }))
      .account,
    made.body.id,
  );
  assert.equal(
    JSON.stringify((await call('GET', `${one}/app-passwords`, { as })).body).includes(app.body.password),
    false,
  );
  assert.equal((await call('DELETE', one, { as })).status, 204);
  assert.equal((await call('GET', one, { as })).status, 404);
});

test('what is wrong is told field by field, also when several are', async () => {
  await using server = await openTestApi();
  const { a, call } = server;
  const as = basic(a.owner.name);
  const post = async (body: object) =>
    (await call('POST', `${api}/orgs/${a.org}/accounts`, { as, body })).body;
  const bad = await post({ quotaBytes: -1, roles: ['king'], extra: 1 });
  assert.equal(bad.status, 422);
  assert.deepEqual(bad.errors.map(({ at }: { at: string }) => at).sort(), [
    'extra',
    'name',
    'quotaBytes',
    'roles.0',
  ]);
  const taken = await post({ name: 'owner@here.test' });
  assert.deepEqual(
    [taken.status, taken.type, taken.errors],
    [409, 'urn:hikyaku:problem:conflict', [{ at: 'name', detail: 'owner@here.test is taken' }]],
  );
  const group = await call('PUT', `${api}/orgs/${a.org}/groups/group@here.test`, {
    as,
    body: { targets: ['ok@x.test', 'bad'] },
  });
  assert.deepEqual(group.body.errors, [{ at: 'targets.1', detail: 'is not an address' }]);
  assert.equal((await call('GET', `${api}/orgs/${a.org}/accounts?limit=0`, { as })).status, 422);
  assert.equal((await call('GET', `${api}/nothing`, { as })).status, 404);
  const text = await call('POST', `${api}/queue/delete`, {
    as,
    headers: { 'content-type': 'text/plain' },
    body: Buffer.from('{}'),
  });
  assert.equal(text.status, 415);
});

test('lists go on by cursor until there is no next', async () => {
  await using server = await openTestApi();
  const { a, call } = server;
  const as = basic(a.owner.name);
  for (let i = 0; i < 5; i++) {
    await call('POST', `${api}/orgs/${a.org}/domains`, {
      as,
      body: { name: i === 4 ? '飛脚.test' : `d${i}.test` },
    });
  }
  const names: string[] = [];
  for (let query = ''; ; ) {
    const { body } = await call('GET', `${api}/orgs/${a.org}/domains?limit=2${query}`, { as });
    names.push(...body.items.map((each: { unicodeName: string }) => each.unicodeName));
    if (body.next === undefined) break;
    query = `&cursor=${body.next}`;
  }
  assert.deepEqual(names, ['d0.test', 'd1.test', 'd2.test', 'd3.test', 'here.test', '飛脚.test']);
});

test('credentials are refused without TLS from elsewhere, and requests from other sites always', async () => {
  await using server = await openTestApi();
  const { a, call } = server;
  const as = basic(a.owner.name);
  assert.equal((await call('GET', `${api}/me`, { as, headers: { 'x-plain': '1' } })).status, 403);
  assert.equal(
    (await call('GET', `${api}/me`, { as, headers: { 'sec-fetch-site': 'cross-site' } })).status,
    403,
  );
  assert.equal(
    (await call('GET', `${api}/me`, { as, headers: { 'sec-fetch-site': 'same-origin' } })).status,
    200,
  );
});

test('people change their own passwords, but not with an app password or a key', async () => {
  await using server = await openTestApi();
  const { a, call, addUser, t } = server;
  const as = await addUser(a, ['user']);
  const app = await call('POST', `${api}/me/app-passwords`, { as, body: { name: 'phone' } });
  assert.equal(app.status, 201);
  const byApp = `Basic ${Buffer.from(`user@here.test:${app.body.password}`).toString('base64')}`;
  assert.equal(
    (await call('PUT', `${api}/me/password`, { as: byApp, body: { password: 'long enough' } })).status,
    403,
  );
  assert.equal((await call('DELETE', `${api}/me/app-passwords/${app.body.id}`, { as })).status, 204);
  assert.equal(
    (await call('PUT', `${api}/me/password`, { as, body: { password: 'long enough' } })).status,
    204,
  );
  assert.equal(
    (await t.directory.login('user@here.test', 'long enough', { service: 'imap', ip: '192.0.2.1' })).address,
    'user@here.test',
  );
});

test('the description is OpenAPI 3.1, names each parameter of each path, and each operation says what it does', async () => {
  await using server = await openTestApi();
  const { body } = await server.call('GET', '/openapi.json');
  assert.match(body.openapi, /^3\.1\./);
  const ids = new Set<string>();
  for (const [path, methods] of Object.entries(body.paths as Record<string, Record<string, Operation>>)) {
    for (const [method, described] of Object.entries(methods)) {
      const name = `${method} ${path}`;
      assert.ok(described.summary, name);
      assert.ok(described.responses['4XX'] ?? described.responses['4xx'], name);
      const inPath = (described.parameters ?? [])
        .filter((each) => each.in === 'path')
        .map((each) => each.name);
      assert.deepEqual(
        inPath.sort(),
        Array.from(path.matchAll(/\{(\w+)\}/g), ([, word]) => word!).sort(),
        name,
      );
      assert.equal(JSON.stringify(described).includes('~'), false, name);
      ids.add(name);
    }
  }
  assert.equal(ids.size > 50, true);
});

interface Operation {
  readonly summary?: string;
  readonly parameters?: readonly { readonly in: string; readonly name: string }[];
  readonly responses: Readonly<Record<string, unknown>>;
}

test('probes answer anyone', async () => {
  await using server = await openTestApi();
  assert.deepEqual((await server.call('GET', '/healthz')).body, { alive: true });
  const checks = [{ name: 'certificate mta-sts.there.test', ok: true, detail: '' }];
  assert.deepEqual((await server.call('GET', '/readyz')).body, { ready: true, checks });
  assert.equal((await server.call('GET', '/metrics')).body, 'hikyaku_up 1\n');
});

test('the log is searched within an organisation and exported whole, with no formula for a spreadsheet', async () => {
  await using server = await openTestApi();
  const { a, b, call } = server;
  const as = basic(a.owner.name);
  const found = await call('GET', `${api}/log/search?org=${b.org}&text=x`, { as });
  assert.deepEqual(
    found.body.items.map((one: { org: string; tags: string[] }) => [one.org, one.tags]),
    [[a.org, ['one', 'two']]],
  );
  assert.equal((await call('GET', `${api}/log/search?cursor=x`, { as })).status, 422);
  const lines = await call('GET', `${api}/log/export`, { as });
  assert.equal(lines.body.sender, '=s@x.test');
});

test('deliverability is told by provider, of an organisation its own mail; times are taken from their classes', async () => {
  await using server = await openTestApi();
  const { a, b, call } = server;
  const as = basic(a.owner.name);
  const own = (await call('GET', `${api}/deliverability?days=1&org=${b.org}`, { as })).body;
  assert.equal(own.stepMs, 3_600_000);
  assert.deepEqual(
    own.items.map(({ provider, delivered, deferred, steps }: Record<string, unknown>) => [
      provider,
      delivered,
      deferred,
      (steps as unknown[]).length,
    ]),
    [[`p-${a.org}`, 1, 1, 1]],
  );
  assert.equal(own.items[0].p99Ms > 500 && own.items[0].p99Ms <= 1000, true);
  assert.equal((await call('GET', `${api}/deliverability`, { as: 'control' })).body.items.length, 2);
  assert.equal(within([], 0.5), 0);
  assert.equal(within([0, 10], 0.5), 175);
});
