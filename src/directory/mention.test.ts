import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { OrgId } from '../base/ids.ts';
import { systemActor } from './actor.ts';
import { dueTasks, finishTask } from './operations.ts';
import { openTestDirectory, type TestDirectory } from './testing.ts';

/** Makes accounts and gives what names them. */
async function people({ office, org }: TestDirectory, ...names: readonly string[]) {
  const made: Record<string, { org: OrgId; id: Awaited<ReturnType<typeof office.accounts.create>>['id'] }> =
    {};
  for (const name of names) {
    const { id } = await office.accounts.create(systemActor, org.id, { name: `${name}@here.test` });
    made[name] = { org: org.id, id };
  }
  return made;
}

const route = (t: TestDirectory, kind: 'alias' | 'group' | 'forward', name: string, targets: string[]) =>
  t.office.routes.create(systemActor, { org: t.org.id, kind, address: `${name}@here.test` }, { targets });

const due = (t: TestDirectory) =>
  t.store.scan(dueTasks, { forgetBeforeMs: t.clock.nowMs() - 1000, limit: 100 });

test('what led to an account lets go of it when it is deleted, however it was spelled', async () => {
  await using t = await openTestDirectory();
  const { office, org, directory } = t;
  const { alice, bob } = await people(t, 'alice', 'bob');
  await route(t, 'group', 'team', ['ALICE@here.test', 'bob@here.test']);
  await route(t, 'group', 'only', ['alice@here.test']);
  await route(t, 'alias', 'al', ['Alice@HERE.test']);
  await route(t, 'alias', 'ally', ['al@here.test']);
  await route(t, 'forward', 'both', ['alice@here.test', 'x@there.test']);
  await office.accounts.setForward(systemActor, bob!, { targets: ['ally@here.test'], keepCopy: false });
  await office.domains.update(
    systemActor,
    { org: org.id, name: 'here.test' },
    { catchAll: 'alice@here.test' },
  );
  await office.accounts.setSendAs(systemActor, bob!, ['alice@here.test']);
  await office.accounts.delete(systemActor, alice!);
  const targetsOf = async (kind: 'alias' | 'group' | 'forward') =>
    (await office.routes.list(org.id, kind)).items.map(({ address, targets }) => [address, ...targets]);
  assert.deepEqual(await targetsOf('alias'), []);
  assert.deepEqual(await targetsOf('group'), [['only@here.test'], ['team@here.test', 'bob@here.test']]);
  assert.deepEqual(await targetsOf('forward'), [['both@here.test', 'x@there.test']]);
  assert.equal((await directory.resolve('bob@here.test')).is, 'account', 'his mail stays with him');
  assert.equal((await office.domains.get(org.id, 'here.test')).catchAll, '');
  assert.deepEqual(await office.accounts.sendAs(bob!), []);
  const [{ detail } = { detail: {} }] = (await office.audit.list(org.id)).items;
  assert.deepEqual(detail, {
    id: alice!.id,
    left: ['both@here.test', 'only@here.test', 'team@here.test'],
    removed: ['al@here.test', 'ally@here.test'],
    forwards: ['bob@here.test'],
    catchAlls: ['here.test'],
  });
});

test('what led to an account follows it to its new address, once', async () => {
  await using t = await openTestDirectory();
  const { office, org } = t;
  const { alice, bob } = await people(t, 'alice', 'bob');
  await route(t, 'group', 'team', ['alice@here.test', 'new@here.test', 'bob@here.test']);
  await office.accounts.setForward(systemActor, bob!, { targets: ['Alice@here.test'], keepCopy: true });
  await office.accounts.rename(systemActor, alice!, { name: 'New@here.test', keepOld: false });
  const [team] = (await office.routes.list(org.id, 'group')).items;
  assert.deepEqual(team?.targets, ['new@here.test', 'bob@here.test']);
  assert.deepEqual((await office.accounts.forward(bob!)).targets, ['new@here.test']);
});

test('a deleted route leaves no other that leads to it alone', async () => {
  await using t = await openTestDirectory();
  await people(t, 'alice');
  await route(t, 'alias', 'a', ['alice@here.test']);
  await route(t, 'alias', 'b', ['a@here.test']);
  await route(t, 'alias', 'c', ['b@here.test', 'alice@here.test']);
  await t.office.routes.delete(systemActor, { org: t.org.id, kind: 'alias', address: 'a@here.test' });
  const left = (await t.office.routes.list(t.org.id, 'alias')).items;
  assert.deepEqual(
    left.map(({ address, targets }) => [address, ...targets]),
    [['c@here.test', 'alice@here.test']],
  );
});

test('a change of quota and a deletion leave a note of what is still to be done, which stays until that very change is done', async () => {
  await using t = await openTestDirectory();
  const { office, org, store } = t;
  const { id } = await office.accounts.create(systemActor, org.id, { name: 'a@here.test', quotaBytes: 5 });
  const ref = { org: org.id, id };
  const [first] = await due(t);
  assert.deepEqual([first?.task, first?.account], ['quota', id]);
  await office.accounts.update(systemActor, ref, { quotaBytes: 7 });
  await store.write(finishTask, { task: first!, nowMs: 1 });
  const [second] = await due(t);
  assert.equal(second?.task, 'quota', 'it was asked anew');
  await store.write(finishTask, { task: second, nowMs: 1 });
  await office.accounts.update(systemActor, ref, { displayName: 'A', quotaBytes: 7 });
  assert.deepEqual(await due(t), [], 'nothing changed');
  await office.accounts.update(systemActor, ref, { quotaBytes: 0 });
  await office.accounts.delete(systemActor, ref);
  const gone = await due(t);
  assert.deepEqual(
    gone.map(({ task }) => task),
    ['remove'],
  );
  await store.write(finishTask, { task: gone[0]!, nowMs: t.clock.nowMs() });
  assert.deepEqual(await due(t), [], 'the last trace is kept for a while');
  t.clock.advance(2000);
  const [last] = await due(t);
  assert.equal(last?.task, 'forget');
  await store.write(finishTask, { task: last, nowMs: 1 });
  t.clock.advance(2000);
  assert.deepEqual(await due(t), []);
});
