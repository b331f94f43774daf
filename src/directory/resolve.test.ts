import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { systemActor } from './actor.ts';
import { Administration } from './administration.ts';
import type { Resolution } from './resolution.ts';
import { openTestDirectory } from './testing.ts';

/** A resolution in one line, for assertions. */
function told(found: Resolution): string {
  if (found.is === 'account') return `account ${found.address} ${found.mailboxDetail}`.trimEnd();
  if (found.is !== 'expanded') return found.is;
  return `${found.why} ${found.to.join(',')}${found.alsoAccount ? ' and a copy' : ''}`;
}

test('an address is looked up without regard to case and quotes, then without its subaddress', async () => {
  await using t = await openTestDirectory();
  const { office, directory, org } = t;
  await office.accounts.create(systemActor, org.id, { name: 'Alice@HERE.test' });
  const see = async (address: string) => told(await directory.resolve(address));
  assert.equal(await see('alice@here.test'), 'account alice@here.test');
  assert.equal(await see('ALICE@Here.Test'), 'account alice@here.test');
  assert.equal(await see('"alice"@here.test'), 'account alice@here.test');
  assert.equal(await see('alice+News@here.test'), 'account alice@here.test News');
  assert.equal(await see('+alice@here.test'), 'unknown');
  assert.equal(await see('alice-news@here.test'), 'unknown');
  assert.equal(await see('alice@there.test'), 'remote');
  for (const odd of ['', '@', 'alice', 'alice@', '@here.test', 'a\0b@here.test', 'x@[192.0.2.1]']) {
    assert.match(await see(odd), /^(remote|unknown)$/, odd);
  }
});

test('separators belong to the domain; an address that has one is found as it is', async () => {
  await using t = await openTestDirectory();
  const { office, directory, org } = t;
  await office.domains.update(systemActor, { org: org.id, name: 'here.test' }, { separators: '-_' });
  await office.accounts.create(systemActor, org.id, { name: 'bob@here.test' });
  await office.accounts.create(systemActor, org.id, { name: 'bob-smith@here.test' });
  assert.equal(told(await directory.resolve('bob-x@here.test')), 'account bob@here.test x');
  assert.equal(told(await directory.resolve('bob_x@here.test')), 'account bob@here.test x');
  assert.equal(told(await directory.resolve('bob-smith@here.test')), 'account bob-smith@here.test');
  assert.equal(told(await directory.resolve('bob+x@here.test')), 'unknown');
});

test('aliases, groups, forwards and catch-all give their targets; a forward may keep a copy', async () => {
  await using t = await openTestDirectory();
  const { office, directory, org } = t;
  const alice = await office.accounts.create(systemActor, org.id, { name: 'alice@here.test' });
  const make = (kind: 'alias' | 'group' | 'forward', address: string, targets: string[]) =>
    office.routes.create(systemActor, { org: org.id, kind, address }, { targets });
  await make('alias', 'info@here.test', ['alice@here.test']);
  await make('group', 'all@here.test', ['alice@here.test', 'bob@there.test']);
  await make('forward', 'gone@here.test', ['gone@there.test']);
  const see = async (address: string) => told(await directory.resolve(address));
  assert.equal(await see('info@here.test'), 'alias alice@here.test');
  assert.equal(await see('info+tag@here.test'), 'alias alice@here.test');
  assert.equal(await see('all@here.test'), 'group alice@here.test,bob@there.test');
  assert.equal(await see('gone@here.test'), 'forward gone@there.test');
  const ref = { org: org.id, id: alice.id };
  await office.accounts.setForward(systemActor, ref, { targets: ['alice@there.test'], keepCopy: true });
  assert.equal(await see('alice@here.test'), 'forward alice@there.test and a copy');
  await office.accounts.setForward(systemActor, ref, { targets: ['alice@there.test'], keepCopy: false });
  assert.equal(await see('alice@here.test'), 'forward alice@there.test');
  assert.equal(await see('nobody@here.test'), 'unknown');
  await office.domains.update(
    systemActor,
    { org: org.id, name: 'here.test' },
    { catchAll: 'alice@here.test' },
  );
  assert.equal(await see('nobody@here.test'), 'catchAll alice@here.test');
  assert.equal(await see('info@here.test'), 'alias alice@here.test');
});

test('an alias domain has the addresses of the other, and may be written in Unicode', async () => {
  await using t = await openTestDirectory();
  const { office, directory, org } = t;
  await office.accounts.create(systemActor, org.id, { name: 'alice@here.test' });
  await office.domains.create(systemActor, org.id, { name: '飛脚.test', aliasOf: 'here.test' });
  assert.equal(await directory.isLocalDomain('飛脚.TEST'), true);
  assert.equal(
    await directory.isLocalDomain('xn--ltrs64h.test'),
    (await office.domains.get(org.id, '飛脚.test')).name === 'xn--ltrs64h.test',
  );
  assert.equal(told(await directory.resolve('alice+x@飛脚.test')), 'account alice@here.test x');
  await assert.rejects(
    office.accounts.create(systemActor, org.id, { name: 'eve@飛脚.test' }),
    /alias of here\.test/,
  );
});

test('dots at the ends or side by side are allowed where the domain says so, and are the same quoted', async () => {
  await using t = await openTestDirectory();
  const { office, directory, org } = t;
  await assert.rejects(office.accounts.create(systemActor, org.id, { name: 'a..b@here.test' }), {
    at: 'name',
  });
  await office.domains.update(systemActor, { org: org.id, name: 'here.test' }, { legacyLocalParts: true });
  await office.accounts.create(systemActor, org.id, { name: 'a..b@here.test' });
  await office.accounts.create(systemActor, org.id, { name: '"a."@here.test' });
  assert.equal(told(await directory.resolve('"a..b"@here.test')), 'account a..b@here.test');
  assert.equal(told(await directory.resolve('a.@here.test')), 'account a.@here.test');
});

test('postmaster and abuse always reach someone: the first owner, unless they are addresses of their own', async () => {
  await using t = await openTestDirectory();
  const { office, directory, org } = t;
  assert.equal(told(await directory.resolve('postmaster@here.test')), 'unknown');
  const owner = await office.accounts.create(systemActor, org.id, {
    name: 'boss@here.test',
    roles: ['owner'],
  });
  for (const address of ['postmaster@here.test', 'Abuse@here.test', 'Postmaster']) {
    const found = await directory.resolve(address);
    assert.equal(found.is === 'account' && found.account, owner.id, address);
  }
});

test('a disabled account refuses mail; a deleted one is unknown', async () => {
  await using t = await openTestDirectory();
  const { office, directory, org } = t;
  const ref = {
    org: org.id,
    id: (await office.accounts.create(systemActor, org.id, { name: 'alice@here.test' })).id,
  };
  await office.accounts.update(systemActor, ref, { disabled: true });
  assert.equal(told(await directory.resolve('alice@here.test')), 'disabled');
  await office.accounts.delete(systemActor, ref);
  assert.equal(told(await directory.resolve('alice@here.test')), 'unknown');
  assert.equal(await directory.account(ref.id), undefined);
});

test('a change made elsewhere is seen by its hint, and within a second without one', async () => {
  await using t = await openTestDirectory();
  const { directory, store, clock, org } = t;
  const elsewhere = new Administration({ store, clock });
  assert.equal(told(await directory.resolve('new@here.test')), 'unknown');
  await elsewhere.accounts.create(systemActor, org.id, { name: 'new@here.test' });
  assert.equal(told(await directory.resolve('new@here.test')), 'account new@here.test');
  directory[Symbol.dispose]();
  assert.equal(told(await directory.resolve('late@here.test')), 'unknown');
  await elsewhere.accounts.create(systemActor, org.id, { name: 'late@here.test' });
  assert.equal(told(await directory.resolve('late@here.test')), 'unknown', 'no hint is heard any more');
  clock.advance(1000);
  assert.equal(told(await directory.resolve('late@here.test')), 'account late@here.test');
});

test('rewriting takes the rule of the address before that of the domain, in the direction and place it is for', async () => {
  await using t = await openTestDirectory();
  const { office, directory, org } = t;
  const put = (from: string, to: string, where: 'envelope' | 'both') =>
    office.rewrites.put(systemActor, org.id, { direction: 'out', from, to, where });
  await put('Alice@here.test', 'alice.smith@example.com', 'both');
  await put('@here.test', '@example.com', 'envelope');
  assert.equal(await directory.rewrite('alice@here.test', 'out', 'header'), 'alice.smith@example.com');
  assert.equal(await directory.rewrite('Bob@here.test', 'out', 'envelope'), 'Bob@example.com');
  assert.equal(await directory.rewrite('Bob@here.test', 'out', 'header'), 'Bob@here.test');
  assert.equal(await directory.rewrite('alice@here.test', 'in', 'header'), 'alice@here.test');
  assert.equal(await directory.rewrite('', 'out', 'envelope'), '');
  await assert.rejects(put('x@elsewhere.test', 'y@here.test', 'both'), { reason: 'invalid', at: 'from' });
});

test('noise never throws', async () => {
  await using t = await openTestDirectory();
  const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.emailAddress());
  await fc.assert(
    fc.asyncProperty(text, async (address) => {
      await t.directory.resolve(address);
      await t.directory.resolve(`${address}@here.test`);
      await t.directory.rewrite(address, 'in', 'header');
      await t.directory.isLocalDomain(address);
    }),
    { numRuns: 200 },
  );
});
