import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../base/refusal.ts';
import { systemActor } from './actor.ts';
import { openTestDirectory } from './testing.ts';

const reason = (expected: string) => (error: unknown) =>
  error instanceof Refusal && error.reason === expected;

test('a key with `send` is a login of a program at submission, for its domains, streams and networks', async () => {
  await using t = await openTestDirectory();
  const { office, org, directory } = t;
  await office.domains.create(systemActor, org.id, { name: 'shop.test' });
  await office.streams.put(systemActor, org.id, { name: 'news', kind: 'bulk' });
  const { key, id } = await office.keys.create(systemActor, org.id, {
    name: 'shop',
    scopes: ['send'],
    limits: { domains: ['shop.test'], streams: ['news', 'transactional'], networks: ['192.0.2.0/24'] },
  });
  const program = await directory.login('anything', key, { service: 'smtp', ip: '192.0.2.5' });
  assert.equal(program.credential, `key:${id}`);
  assert.deepEqual(program.application, {
    stream: 'news',
    kind: 'bulk',
    domains: ['shop.test'],
    test: false,
    unsubscribe: 'none',
  });
  assert.equal(await directory.maySendAs(program, 'orders@shop.test'), true);
  assert.equal(await directory.maySendAs(program, 'orders@here.test'), false);
  assert.equal(await directory.maySendAs(program, 'orders@there.test'), false);
  const elsewhere = directory.login('anything', key, { service: 'smtp', ip: '198.51.100.1' });
  await assert.rejects(elsewhere, reason('authenticationFailed'));
  const imap = directory.login('anything', key, { service: 'imap', ip: '192.0.2.5' });
  await assert.rejects(imap, reason('authenticationFailed'));
});

test('of several networks the smallest speaks for a program, and only the operator lets one in', async () => {
  await using t = await openTestDirectory();
  const { office, org, directory } = t;
  const add = (value: string, test?: true) =>
    office.submitters.create(systemActor, org.id, {
      kind: 'network',
      value,
      name: value,
      limits: test ? { test } : {},
    });
  await add('198.51.0.0/16', true);
  const small = await add('198.51.100.0/24');
  const found = await directory.programAt('::ffff:198.51.100.9');
  assert.equal(found?.credential, `network:${small.id}`);
  assert.equal((await directory.programAt('198.51.7.7'))?.application?.test, true);
  assert.equal(await directory.programAt('203.0.113.1'), undefined);
  const limits = { permissions: new Set(['keys:write'] as const), owner: true, account: '' as const };
  const tenant = office.submitters.create({ by: 'account:x', ip: '', limits }, org.id, {
    kind: 'network',
    value: '203.0.113.0/24',
    name: 'ours?',
  });
  await assert.rejects(tenant, reason('notAllowed'));
});
