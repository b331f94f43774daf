import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startClient } from '../proto/sasl/client.ts';
import { startMechanism } from '../proto/sasl/server.ts';
import { rows } from '../store/transaction.ts';
import { systemActor } from './actor.ts';
import { addressBlock } from './auth/brakes.ts';
import type { LoginFrom } from './principal.ts';
import { openTestDirectory, type TestDirectory } from './testing.ts';

const from: LoginFrom = { service: 'imap', ip: '192.0.2.1' };
const password = 'correct horse';

async function withAlice(t: TestDirectory) {
  const alice = await t.office.accounts.create(systemActor, t.org.id, {
    name: 'alice@here.test',
    password,
    roles: ['admin'],
  });
  return { alice, ref: { org: t.org.id, id: alice.id } };
}

/** A SASL exchange as a mailer makes it; the principal's address or the reason of the refusal. */
async function exchange(
  t: TestDirectory,
  name: string,
  user: { username: string; password: string },
): Promise<string> {
  const client = startClient([name], user)!;
  const server = startMechanism(name, t.directory.credentials(from), undefined)!;
  let step = await server.step(client.initial());
  while (step.is === 'challenge') step = await server.step(await client.step(step.bytes));
  return step.is === 'done' ? step.principal.address : step.refusal.reason;
}

test('an account logs in by its address or an alias, in any case, and is told who it is', async () => {
  await using t = await openTestDirectory();
  const { alice } = await withAlice(t);
  await t.office.routes.create(
    systemActor,
    { org: t.org.id, kind: 'alias', address: 'a@here.test' },
    { targets: ['alice@here.test'] },
  );
  for (const name of ['alice@here.test', 'ALICE@HERE.TEST', 'a@here.test']) {
    const principal = await t.directory.login(name, password, from);
    assert.deepEqual(principal, {
      account: alice.id,
      org: t.org.id,
      address: 'alice@here.test',
      roles: ['admin'],
      credential: 'password',
    });
  }
});

test('a wrong password, an unknown user and a disabled account are refused alike', async () => {
  await using t = await openTestDirectory();
  const { ref } = await withAlice(t);
  const wrong = { reason: 'authenticationFailed' };
  await assert.rejects(t.directory.login('alice@here.test', 'wrong', from), wrong);
  await assert.rejects(t.directory.login('nobody@here.test', password, from), wrong);
  await assert.rejects(t.directory.login('nobody', password, from), wrong);
  await assert.rejects(t.directory.login('', '', from), wrong);
  await t.office.accounts.update(systemActor, ref, { disabled: true });
  await assert.rejects(t.directory.login('alice@here.test', password, from), wrong);
});

test('a change of password counts at once, also for passwords verified before', async () => {
  await using t = await openTestDirectory();
  const { ref } = await withAlice(t);
  await t.directory.login('alice@here.test', password, from);
  await t.office.accounts.setPassword(systemActor, ref, 'battery staple');
  await assert.rejects(t.directory.login('alice@here.test', password, from), {
    reason: 'authenticationFailed',
  });
  assert.equal(
    (await t.directory.login('alice@here.test', 'battery staple', from)).address,
    'alice@here.test',
  );
});

test('SCRAM, PLAIN and LOGIN let in with the password and with an app password', async () => {
  await using t = await openTestDirectory();
  const { ref } = await withAlice(t);
  const app = await t.office.accounts.createAppPassword(systemActor, ref, {
    name: 'telephone',
    services: ['imap'],
  });
  for (const name of ['PLAIN', 'LOGIN', 'SCRAM-SHA-1', 'SCRAM-SHA-256']) {
    assert.equal(await exchange(t, name, { username: 'alice@here.test', password }), 'alice@here.test', name);
    assert.equal(
      await exchange(t, name, { username: 'Alice@here.test', password: app.password }),
      'alice@here.test',
      name,
    );
    assert.equal(
      await exchange(t, name, { username: 'alice@here.test', password: `not ${name}` }),
      'authenticationFailed',
    );
    assert.equal(
      await exchange(t, name, { username: `no-${name}@here.test`, password }),
      'authenticationFailed',
    );
  }
});

test('the salt of a user that does not exist is the same each time', async () => {
  await using t = await openTestDirectory();
  const salt = async (name: string) =>
    Buffer.from((await t.directory.scramCredential(name, 'sha1', from)).salt).toString('hex');
  assert.equal(await salt('nobody@here.test'), await salt('nobody@here.test'));
  assert.notEqual(await salt('nobody@here.test'), await salt('noone@here.test'));
});

test('an app password opens only its services, until it expires or is deleted, and its last use is kept', async () => {
  await using t = await openTestDirectory();
  const { ref } = await withAlice(t);
  const expiresAtMs = t.clock.nowMs() + 60_000;
  const app = await t.office.accounts.createAppPassword(systemActor, ref, {
    name: 'x',
    services: ['imap', 'smtp'],
    expiresAtMs,
  });
  const principal = await t.directory.login(
    'alice@here.test',
    app.password.replaceAll('-', ' ').toUpperCase(),
    from,
  );
  assert.equal(principal.credential, `app:${app.id}`);
  await assert.rejects(
    t.directory.login('alice@here.test', app.password, { service: 'pop3', ip: '192.0.2.1' }),
  );
  await new Promise(setImmediate);
  const [listed] = (await t.office.accounts.appPasswords(ref)).items;
  assert.deepEqual([listed?.lastUsedIp, listed?.lastUsedService], ['192.0.2.1', 'imap']);
  t.clock.advance(60_000);
  await assert.rejects(t.directory.login('alice@here.test', app.password, from), {
    reason: 'authenticationFailed',
  });
  const other = await t.office.accounts.createAppPassword(systemActor, ref, { name: 'y' });
  await t.directory.login('alice@here.test', other.password, from);
  await t.office.accounts.deleteAppPassword(systemActor, ref, other.id);
  await assert.rejects(t.directory.login('alice@here.test', other.password, from), {
    reason: 'authenticationFailed',
  });
});

test('guessing is slowed down, then locks the name for minutes, whether it exists or not', async () => {
  await using t = await openTestDirectory();
  await withAlice(t);
  for (const name of ['alice@here.test', 'nobody@here.test']) {
    t.clock.sleptMs.length = 0;
    for (let i = 0; i < 10; i++) {
      await assert.rejects(t.directory.login(name, `guess ${i}`, from), { reason: 'authenticationFailed' });
    }
    assert.deepEqual(t.clock.sleptMs.slice(0, 4), [250, 500, 1000, 2000]);
    t.clock.advance(-t.clock.sleptMs.at(-1)!);
    await assert.rejects(t.directory.login(name, password, from), { reason: 'accountLocked' });
  }
  t.clock.advance(60_000);
  assert.equal((await t.directory.login('alice@here.test', password, from)).address, 'alice@here.test');
});

test('a success forgives the name', async () => {
  await using t = await openTestDirectory();
  await withAlice(t);
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < 5; i++)
      await assert.rejects(t.directory.login('alice@here.test', `guess ${round} ${i}`, from));
    await t.directory.login('alice@here.test', password, { service: 'smtp', ip: `192.0.2.${10 + round}` });
    t.clock.advance(11 * 60_000);
  }
});

test('a mailer that is in stays in while others guess at its name', async () => {
  await using t = await openTestDirectory();
  await withAlice(t);
  await t.directory.login('alice@here.test', password, from);
  for (let i = 0; i < 10; i++)
    await assert.rejects(t.directory.login('alice@here.test', `guess ${i}`, { ...from, ip: '198.51.100.1' }));
  assert.equal((await t.directory.login('alice@here.test', password, from)).address, 'alice@here.test');
});

test('from where a name has logged in before, nobody else’s guesses lock it out; guesses from there have a brake of their own', async () => {
  await using t = await openTestDirectory();
  await withAlice(t);
  const login = (secret: string, ip = from.ip, name = 'alice@here.test') =>
    t.directory.login(name, secret, { ...from, ip });
  await login(password);
  await new Promise(setImmediate);
  // The verdict is forgotten by now: what counts is what the store knows.
  t.clock.advance(20 * 60_000);
  for (let i = 0; i < 10; i++) await assert.rejects(login(`guess ${i}`, '198.51.100.1'));
  await assert.rejects(login(password, '198.51.100.2'), { reason: 'accountLocked' });
  for (let i = 0; i < 50; i++) await assert.rejects(login(`guess ${i}`, from.ip, `user${i}@here.test`));
  await assert.rejects(login('x', from.ip, 'bob@here.test'), { reason: 'rateLimited' });
  assert.equal((await login(password)).address, 'alice@here.test');
  t.clock.advance(20 * 60_000);
  for (let i = 0; i < 10; i++)
    await assert.rejects(login(`own guess ${i}`), { reason: 'authenticationFailed' });
  t.clock.advance(-t.clock.sleptMs.at(-1)!);
  await assert.rejects(login(password), { reason: 'accountLocked' });
  t.clock.advance(60_000);
  assert.equal((await login(password)).address, 'alice@here.test');
  t.clock.advance(31 * 24 * 3_600_000);
  for (let i = 0; i < 10; i++) await assert.rejects(login(`late guess ${i}`, '198.51.100.1'));
  t.clock.advance(-t.clock.sleptMs.at(-1)!);
  await assert.rejects(login(password), { reason: 'accountLocked' }, 'a place is forgotten after a month');
});

test('a name that is given up is known from nowhere to whoever has it next', async () => {
  await using t = await openTestDirectory();
  const { ref } = await withAlice(t);
  const known = () => t.store.read(() => rows<{ name: string }>('select name from login_place'));
  const login = async (name: string) => {
    await t.directory.login(name, password, from);
    await new Promise(setImmediate);
  };
  await login('alice@here.test');
  assert.deepEqual(await known(), [{ name: 'alice@here.test' }]);
  await t.office.accounts.rename(systemActor, ref, { name: 'alicia@here.test', keepOld: false });
  assert.deepEqual(await known(), []);
  await login('alicia@here.test');
  assert.equal((await known()).length, 1);
  await t.office.accounts.delete(systemActor, ref);
  assert.deepEqual(await known(), []);
});

test('the same wrong password again is not a further guess', async () => {
  await using t = await openTestDirectory();
  await withAlice(t);
  for (let i = 0; i < 30; i++)
    await assert.rejects(t.directory.login('alice@here.test', 'the old one', from), {
      reason: 'authenticationFailed',
    });
  assert.equal((await t.directory.login('alice@here.test', password, from)).address, 'alice@here.test');
});

test('an address that guesses at many names is locked out, and only it', async () => {
  await using t = await openTestDirectory();
  await withAlice(t);
  const guesser: LoginFrom = { service: 'smtp', ip: '2001:db8:1:2::77' };
  for (let i = 0; i < 50; i++) await assert.rejects(t.directory.loginWithToken('', `guess ${i}`, guesser));
  t.clock.advance(-8000);
  await assert.rejects(
    t.directory.login('alice@here.test', password, { ...guesser, ip: '2001:db8:1:2::1' }),
    { reason: 'rateLimited' },
  );
  assert.equal(
    (await t.directory.login('alice@here.test', password, { ...guesser, ip: '2001:db8:1:3::1' })).address,
    'alice@here.test',
  );
});

test('guesses side by side get no more tries than one after the other', async () => {
  await using t = await openTestDirectory();
  await withAlice(t);
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, (_, i) =>
      t.directory.login('alice@here.test', `guess ${i}`, { ...from, ip: `192.0.2.${i}` }),
    ),
  );
  const reasons = results.map((each) =>
    each.status === 'rejected' ? (each.reason as { reason: string }).reason : 'in',
  );
  assert.equal(reasons.filter((each) => each === 'authenticationFailed').length <= 10, true);
  assert.equal(reasons.includes('in'), false);
});

test('an API key is a bearer token for its account only, with the scope of the service', async () => {
  await using t = await openTestDirectory();
  const { ref } = await withAlice(t);
  const key = await t.office.keys.create(systemActor, t.org.id, {
    name: 'app',
    scopes: ['mail:smtp'],
    account: ref.id,
  });
  const smtp: LoginFrom = { service: 'smtp', ip: '192.0.2.9' };
  assert.equal(
    (await t.directory.loginWithToken('alice@here.test', key.key, smtp)).credential,
    `key:${key.id}`,
  );
  await assert.rejects(t.directory.loginWithToken('alice@here.test', key.key, from));
  await assert.rejects(t.directory.loginWithToken('bob@here.test', key.key, smtp));
  const wrong = `${key.key.slice(0, -1)}${key.key.endsWith('x') ? 'y' : 'x'}`;
  await assert.rejects(t.directory.loginWithToken('alice@here.test', wrong, smtp));
  assert.deepEqual((await t.directory.keyHolder(key.key, '192.0.2.9')).scopes, ['mail:smtp']);
  await t.office.keys.delete(systemActor, t.org.id, key.id);
  await assert.rejects(t.directory.keyHolder(key.key, '192.0.2.9'), { reason: 'authenticationFailed' });
});

test('one may send as oneself, with a subaddress, as an alias or catch-all that leads here, and as granted; as nobody else', async () => {
  await using t = await openTestDirectory();
  const { ref } = await withAlice(t);
  const { office, org, directory } = t;
  await office.accounts.create(systemActor, org.id, { name: 'bob@here.test' });
  await office.routes.create(
    systemActor,
    { org: org.id, kind: 'alias', address: 'info@here.test' },
    { targets: ['sales@here.test'] },
  );
  await office.routes.create(
    systemActor,
    { org: org.id, kind: 'alias', address: 'sales@here.test' },
    { targets: ['alice@here.test'] },
  );
  await office.routes.create(
    systemActor,
    { org: org.id, kind: 'group', address: 'all@here.test' },
    { targets: ['alice@here.test'] },
  );
  await office.domains.create(systemActor, org.id, { name: 'app.test' });
  const other = await office.orgs.create(systemActor, { name: 'Other' });
  await office.domains.create(systemActor, other.id, { name: 'other.test' });
  await office.routes.create(
    systemActor,
    { org: other.id, kind: 'alias', address: 'x@other.test' },
    { targets: ['alice@here.test'] },
  );
  const principal = await directory.login('alice@here.test', password, from);
  const may = (address: string) => directory.maySendAs(principal, address);
  for (const yes of ['', 'alice@here.test', 'ALICE+x@here.test', 'sales@here.test', 'info@here.test'])
    assert.equal(await may(yes), true, yes);
  for (const no of [
    'bob@here.test',
    'all@here.test',
    'any@app.test',
    'x@other.test',
    'x@remote.test',
    'nobody@here.test',
    'odd',
  ]) {
    assert.equal(await may(no), false, no);
  }
  await office.accounts.setSendAs(systemActor, ref, ['@app.test', 'bob@here.test']);
  for (const yes of ['any@app.test', 'Bob@here.test']) assert.equal(await may(yes), true, yes);
  await assert.rejects(office.accounts.setSendAs(systemActor, ref, ['@other.test']), { reason: 'invalid' });
});

test('blocks of addresses: IPv4 alone, also mapped into IPv6; IPv6 by its first 64 bits', () => {
  assert.equal(addressBlock('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(addressBlock('2001:DB8::1'), '2001:db8:0:0::/64');
  assert.equal(addressBlock('2001:db8:0:0:1:2:3:4'), '2001:db8:0:0::/64');
  assert.equal(addressBlock('fe80::1%eth0'), 'fe80:0:0:0::/64');
});
