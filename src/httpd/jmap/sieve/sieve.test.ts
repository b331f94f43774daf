/** Scripts over HTTP (RFC 9661). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '../../../base/ids.ts';
import { openTestJmap } from '../testing.ts';

const using = {
  using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:blob', 'urn:ietf:params:jmap:sieve'],
};

async function open() {
  const jmap = await openTestJmap();
  const call = async (name: string, args: object = {}) =>
    (await jmap.request([[name, { accountId: jmap.account, ...args }]], using)).methodResponses[0][1];
  const blob = async (text: string): Promise<string> =>
    (await call('Blob/upload', { create: { b: { data: [{ 'data:asText': text }] } } })).created.b.id;
  const owner = { is: 'account', id: jmap.account as AccountId } as const;
  return { jmap, call, blob, owner, [Symbol.asyncDispose]: () => jmap[Symbol.asyncDispose]() };
}

test('scripts of ManageSieve are seen, with their content; one is made, renamed, activated and taken away', async () => {
  await using t = await open();
  const { scripts } = t.jmap.api.parts;
  const session = await t.jmap.api.call('GET', '/jmap/session', { as: t.jmap.as });
  const told = session.body.accounts[t.jmap.account].accountCapabilities['urn:ietf:params:jmap:sieve'];
  assert.ok(told.sieveExtensions.includes('fileinto') && told.maxNumberScripts > 0);
  const { list, state } = await t.call('SieveScript/get', { ids: null });
  assert.deepEqual(
    list.map(({ name, isActive }: Record<string, unknown>) => [name, isActive]),
    [['main', false]],
  );
  const [{ id, blobId }] = list;
  const content = await t.call('Blob/get', { ids: [blobId] });
  assert.equal(content.list[0]['data:asText'], 'keep;');
  const made = await t.call('SieveScript/set', {
    ifInState: state,
    create: { n: { name: '新しい', blobId: await t.blob('discard;') }, unnamed: { blobId } },
    onSuccessActivateScript: '#n',
  });
  assert.equal(made.created.n.isActive, true);
  assert.match(made.created.unnamed.name, /^script-/);
  const fresh = made.created.n.id;
  assert.equal((await scripts.list(t.owner)).find(({ stage }) => stage === 'active')?.name, '新しい');
  const held = await t.call('SieveScript/set', { destroy: [fresh] });
  assert.equal(held.notDestroyed[fresh].type, 'sieveIsActive');
  const renamed = await t.call('SieveScript/set', {
    update: { [id]: { name: 'other', blobId: await t.blob('stop;') } },
    onSuccessActivateScript: id,
  });
  assert.deepEqual(renamed.updated, { [id]: { isActive: true }, [fresh]: { isActive: false } });
  assert.equal(Buffer.from((await scripts.get(t.owner, 'other')).source).toString(), 'stop;');
  const off = await t.call('SieveScript/set', { destroy: [fresh], onSuccessDeactivateScript: true });
  assert.deepEqual([off.destroyed, off.updated], [[fresh], { [id]: { isActive: false } }]);
  const before = (await t.call('SieveScript/get', { ids: [] })).state;
  await scripts.put(t.owner, 'by-managesieve', Buffer.from('keep;'));
  assert.notEqual((await t.call('SieveScript/get', { ids: [] })).state, before);
  assert.equal((await t.call('SieveScript/set', { ifInState: before })).type, 'stateMismatch');
});

test('queries by name and activity, and their errors', async () => {
  await using t = await open();
  const { scripts } = t.jmap.api.parts;
  await scripts.put(t.owner, 'abc', Buffer.from('keep;'));
  await scripts.stage(t.owner, 'abc', 'active');
  const { list } = await t.call('SieveScript/get', { ids: null, properties: ['name'] });
  const idOf = (name: string): string => list.find((each: { name: string }) => each.name === name).id;
  const find = async (filter: object, more = {}) =>
    (await t.call('SieveScript/query', { filter, ...more })).ids;
  assert.deepEqual(await find({ isActive: true }), [idOf('abc')]);
  assert.deepEqual(await find({ name: 'MAI' }), [idOf('main')]);
  assert.deepEqual(await find({}, { sort: [{ property: 'name' }] }), [idOf('abc'), idOf('main')]);
  assert.equal((await t.call('SieveScript/query', { filter: { size: 1 } })).type, 'unsupportedFilter');
  assert.equal((await t.call('SieveScript/query', { sort: [{ property: 'size' }] })).type, 'unsupportedSort');
});

test('what is wrong with a script is told, whether it is stored or only looked at', async () => {
  await using t = await open();
  const bad = await t.blob('if {');
  const { notCreated } = await t.call('SieveScript/set', {
    create: {
      bad: { name: 'bad', blobId: bad },
      taken: { name: 'main', blobId: await t.blob('keep;') },
      gone: { name: 'gone', blobId: 'nothing' },
      name: { name: 'a/b', blobId: await t.blob('keep;') },
      active: { name: 'x', blobId: await t.blob('keep;'), isActive: true },
      missing: { name: 'y' },
    },
  });
  const [{ id }] = (await t.call('SieveScript/get', { ids: null })).list;
  assert.equal(notCreated.bad.type, 'invalidSieve');
  assert.match(notCreated.bad.description, /^1:\d+ /);
  assert.deepEqual([notCreated.taken.type, notCreated.taken.existingId], ['alreadyExists', id]);
  assert.equal(notCreated.gone.type, 'blobNotFound');
  assert.deepEqual(notCreated.name.properties, ['name']);
  assert.deepEqual(notCreated.active.properties, ['isActive']);
  assert.deepEqual(notCreated.missing.properties, ['blobId']);
  const validate = (blobId: string) => t.call('SieveScript/validate', { blobId });
  assert.equal((await validate(bad)).error.type, 'invalidSieve');
  assert.equal((await validate(await t.blob('keep;'))).error, null);
  assert.equal((await validate('nothing')).error.type, 'blobNotFound');
  const update = await t.call('SieveScript/set', { update: { [id]: { blobId: bad }, z9: {} } });
  assert.equal(update.notUpdated[id].type, 'invalidSieve');
  assert.equal(update.notUpdated.z9.type, 'notFound');
});
