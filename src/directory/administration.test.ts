import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemActor, type Actor } from './actor.ts';
import { permissionsOf } from './permission.ts';
import { openTestDirectory } from './testing.ts';

const admin: Actor = {
  by: 'account:x',
  ip: '192.0.2.1',
  limits: { permissions: permissionsOf(['admin']), owner: false, account: '' },
};

test('a name that is taken is a conflict, whatever took it and however it is spelled', async () => {
  await using t = await openTestDirectory();
  const { office, org } = t;
  await office.accounts.create(systemActor, org.id, { name: 'alice@here.test' });
  const taken = { reason: 'conflict' };
  await assert.rejects(office.accounts.create(systemActor, org.id, { name: 'ALICE@here.test' }), taken);
  const alias = { org: org.id, kind: 'alias', address: '"alice"@here.test' } as const;
  await assert.rejects(office.routes.create(systemActor, alias, { targets: ['x@there.test'] }), taken);
  await assert.rejects(office.domains.create(systemActor, org.id, { name: 'Here.TEST' }), taken);
});

const at = (path: string) => ({ reason: 'invalid', at: path });

test('what is wrong is told with the path of the input', async () => {
  await using t = await openTestDirectory();
  const { office, org } = t;
  const create = (input: object) =>
    office.accounts.create(systemActor, org.id, { name: 'x@here.test', ...input });
  await assert.rejects(create({ name: 'not an address' }), at('name'));
  await assert.rejects(create({ name: 'x@elsewhere.test' }), at('name'));
  await assert.rejects(create({ password: 'short' }), at('password'));
  await assert.rejects(create({ password: 'control\u0007character' }), at('password'));
  await assert.rejects(create({ quotaBytes: -1 }), at('quotaBytes'));
  await assert.rejects(create({ roles: ['king'] }), at('roles.0'));
  await assert.rejects(create({ displayName: 'a\nb' }), at('displayName'));
  await assert.rejects(office.domains.create(systemActor, org.id, { name: 'a..b' }), at('name'));
  await assert.rejects(
    office.domains.create(systemActor, org.id, { name: 'ok.test', separators: 'ab' }),
    at('separators'),
  );
  const group = { org: org.id, kind: 'group', address: 'g@here.test' } as const;
  await assert.rejects(
    office.routes.create(systemActor, group, { targets: ['a@b.test', 'bad'] }),
    at('targets.1'),
  );
  await assert.rejects(office.routes.create(systemActor, group, { targets: ['g@here.test'] }), at('targets'));
});

test('lists come in pages that neither skip nor repeat, and can be searched', async () => {
  await using t = await openTestDirectory();
  const { office, org } = t;
  for (let i = 0; i < 7; i++) {
    await office.accounts.create(systemActor, org.id, {
      name: `u${i}@here.test`,
      displayName: i === 3 ? '100% Me_' : '',
    });
    await office.routes.create(
      systemActor,
      { org: org.id, kind: 'alias', address: `z${i}@here.test` },
      { targets: ['u0@here.test'] },
    );
  }
  const seen: string[] = [];
  for (let cursor: string | undefined = ''; cursor !== undefined; ) {
    const page: Awaited<ReturnType<typeof office.accounts.list>> = await office.accounts.list(org.id, {
      limit: 3,
      cursor,
    });
    seen.push(...page.items.map(({ name }) => name));
    cursor = page.next;
  }
  assert.deepEqual(
    seen,
    ['u0', 'u1', 'u2', 'u3', 'u4', 'u5', 'u6'].map((each) => `${each}@here.test`),
  );
  assert.deepEqual(
    (await office.accounts.list(org.id, { q: '% me_' })).items.map(({ name }) => name),
    ['u3@here.test'],
  );
  const first = await office.routes.list(org.id, 'alias', { limit: 5 });
  const second = await office.routes.list(org.id, 'alias', { limit: 5, cursor: first.next! });
  assert.deepEqual([first.items.length, second.items.length, second.next], [5, 2, undefined]);
  assert.deepEqual(second.items[0]?.targets, ['u0@here.test']);
  await assert.rejects(office.accounts.list(org.id, { limit: 100_000 }), { at: 'limit' });
});

test('each change is in the audit log, the newest first, without secrets', async () => {
  await using t = await openTestDirectory();
  const { office, org } = t;
  const account = await office.accounts.create(admin, org.id, {
    name: 'alice@here.test',
    password: 'very secret',
  });
  await office.accounts.setPassword(admin, { org: org.id, id: account.id }, 'even more secret');
  const all = (await office.audit.list(org.id)).items;
  assert.deepEqual(all.map(({ action }) => action).slice(0, 2), ['account.password', 'account.create']);
  assert.deepEqual([all[0]?.by, all[0]?.ip, all[0]?.subject], ['account:x', '192.0.2.1', 'alice@here.test']);
  assert.equal(JSON.stringify(all).includes('secret'), false);
  const page = await office.audit.list(org.id, { limit: 1 });
  assert.equal(
    (await office.audit.list(org.id, { limit: 1, cursor: page.next! })).items[0]?.action,
    'account.create',
  );
});

test('an organisation keeps its last owner, and only owners manage owners', async () => {
  await using t = await openTestDirectory();
  const { office, org } = t;
  const owner = await office.accounts.create(systemActor, org.id, {
    name: 'boss@here.test',
    roles: ['owner'],
  });
  const ref = { org: org.id, id: owner.id };
  const user = await office.accounts.create(systemActor, org.id, { name: 'user@here.test' });
  await assert.rejects(office.accounts.update(systemActor, ref, { roles: ['user'] }), { reason: 'conflict' });
  await assert.rejects(office.accounts.update(systemActor, ref, { disabled: true }), { reason: 'conflict' });
  await assert.rejects(office.accounts.delete(systemActor, ref), { reason: 'conflict' });
  const notAllowed = { reason: 'notAllowed' };
  await assert.rejects(office.accounts.setPassword(admin, ref, 'mine from now'), notAllowed);
  await assert.rejects(office.accounts.createAppPassword(admin, ref, { name: 'x' }), notAllowed);
  await assert.rejects(
    office.accounts.update(admin, { org: org.id, id: user.id }, { roles: ['owner'] }),
    notAllowed,
  );
  await assert.rejects(
    office.accounts.create(admin, org.id, { name: 'new@here.test', roles: ['owner'] }),
    notAllowed,
  );
  await office.accounts.update(admin, { org: org.id, id: user.id }, { roles: ['admin'] });
  await assert.rejects(office.keys.create(admin, org.id, { name: 'k', scopes: ['all'] }), notAllowed);
  await assert.rejects(office.keys.create(admin, '', { name: 'k', scopes: ['queue:read'] }), notAllowed);
  await office.keys.create(admin, org.id, { name: 'k', scopes: ['queue:read'] });
});

test('another organisation cannot name, change or delete what is not its own', async () => {
  await using t = await openTestDirectory();
  const { office, org } = t;
  const other = await office.orgs.create(systemActor, { name: 'Other' });
  const account = await office.accounts.create(systemActor, org.id, { name: 'alice@here.test' });
  const ref = { org: other.id, id: account.id };
  const gone = { reason: 'notFound' };
  await assert.rejects(office.accounts.get(ref), gone);
  await assert.rejects(office.accounts.update(systemActor, ref, { disabled: true }), gone);
  await assert.rejects(office.accounts.setPassword(systemActor, ref, 'long enough'), gone);
  await assert.rejects(office.accounts.delete(systemActor, ref), gone);
  await assert.rejects(office.accounts.appPasswords(ref), gone);
  await assert.rejects(office.accounts.forward(ref), gone);
  await assert.rejects(
    office.accounts.setForward(systemActor, ref, { targets: ['x@y.test'], keepCopy: true }),
    gone,
  );
  await assert.rejects(office.domains.get(other.id, 'here.test'), gone);
  await assert.rejects(office.domains.delete(systemActor, other.id, 'here.test'), gone);
  await assert.rejects(office.accounts.create(systemActor, other.id, { name: 'eve@here.test' }), {
    at: 'name',
  });
  const rule = { direction: 'in', from: 'alice@here.test', to: 'eve@there.test' } as const;
  await assert.rejects(office.rewrites.put(systemActor, other.id, rule), { at: 'from' });
});

test('a renamed account keeps its passwords, and its old address if asked', async () => {
  await using t = await openTestDirectory();
  const { office, org, directory } = t;
  const account = await office.accounts.create(systemActor, org.id, {
    name: 'old@here.test',
    password: 'long enough',
  });
  await office.routes.create(
    systemActor,
    { org: org.id, kind: 'alias', address: 'info@here.test' },
    { targets: ['old@here.test'] },
  );
  const ref = { org: org.id, id: account.id };
  const renamed = await office.accounts.rename(systemActor, ref, { name: 'new@here.test', keepOld: true });
  assert.equal(renamed.name, 'new@here.test');
  const from = { service: 'imap', ip: '192.0.2.1' } as const;
  assert.equal((await directory.login('old@here.test', 'long enough', from)).address, 'new@here.test');
  const info = await directory.resolve('info@here.test');
  assert.deepEqual(info.is === 'expanded' && info.to, ['new@here.test']);
});

test('a domain or organisation in use is not deleted; an empty one is', async () => {
  await using t = await openTestDirectory();
  const { office, org, directory } = t;
  const account = await office.accounts.create(systemActor, org.id, { name: 'a@here.test' });
  await assert.rejects(office.domains.delete(systemActor, org.id, 'here.test'), { reason: 'conflict' });
  await assert.rejects(office.orgs.delete(systemActor, org.id), { reason: 'conflict' });
  await office.accounts.delete(systemActor, { org: org.id, id: account.id });
  await office.domains.delete(systemActor, org.id, 'here.test');
  await office.orgs.delete(systemActor, org.id);
  assert.equal(await directory.isLocalDomain('here.test'), false);
  await assert.rejects(office.orgs.get(org.id), { reason: 'notFound' });
});
