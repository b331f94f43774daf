/** Principals and notifications of shares over HTTP (RFC 9670). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jmapAs, openTestJmap } from '../testing.ts';

const using = {
  using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:contacts', 'urn:ietf:params:jmap:principals'],
};

test('people of the organisation are there to share with, and hear of it; those of others are not seen', async () => {
  await using jmap = await openTestJmap();
  const { api } = jmap;
  await api.addUser(api.a, ['user'], 'bob');
  const bob = (await api.t.office.accounts.list(api.a.org, {})).items.find(({ name }) =>
    name.startsWith('bob@'),
  )!;
  const as =
    (of: Pick<typeof jmap, 'request'>, accountId: string) =>
    async (name: string, args: object = {}) =>
      (await of.request([[name, { accountId, ...args }]], using)).methodResponses[0][1];
  const call = as(jmap, jmap.account);
  const bobs = as(jmapAs(api, bob.name, bob.id), bob.id);
  const session = await api.call('GET', '/jmap/session', { as: jmap.as });
  const { accountCapabilities } = session.body.accounts[jmap.account];
  assert.deepEqual(accountCapabilities['urn:ietf:params:jmap:principals'], {
    currentUserPrincipalId: jmap.account,
  });
  assert.deepEqual(accountCapabilities['urn:ietf:params:jmap:principals:owner'], {
    accountIdForPrincipal: jmap.account,
    principalId: jmap.account,
  });
  const { list, state } = await call('Principal/get', { ids: null });
  assert.deepEqual(
    list.map(({ id, type }: Record<string, string>) => [id, type]).sort(),
    [
      [jmap.account, 'individual'],
      [bob.id, 'individual'],
      [`org-${api.a.org}`, 'group'],
    ].sort(),
  );
  assert.deepEqual((await call('Principal/get', { ids: [api.b.owner.id] })).notFound, [api.b.owner.id]);
  const find = async (filter: object) => (await call('Principal/query', { filter })).ids;
  assert.deepEqual(await find({ email: 'BOB@' }), [bob.id]);
  assert.deepEqual(await find({ type: 'group' }), [`org-${api.a.org}`]);
  assert.deepEqual(await find({ accountIds: [jmap.account] }), [jmap.account]);
  assert.equal((await call('Principal/query', { filter: { shoes: 'x' } })).type, 'unsupportedFilter');
  assert.deepEqual((await call('Principal/changes', { sinceState: state })).updated, []);
  assert.equal((await call('Principal/changes', { sinceState: 'old' })).type, 'cannotCalculateChanges');
  const set = await call('Principal/set', { create: { p: { name: 'x' } }, destroy: [bob.id, 'nobody'] });
  assert.deepEqual(
    [set.notCreated.p.type, set.notDestroyed[bob.id].type, set.notDestroyed.nobody.type],
    ['forbidden', 'forbidden', 'notFound'],
  );

  const before = await bobs('ShareNotification/get', { ids: null });
  const share = (shareWith: object | null) => call('AddressBook/set', { update: { b1: { shareWith } } });
  assert.deepEqual((await share({ [bob.id]: { mayRead: true } })).updated, { b1: null });
  const first = await bobs('ShareNotification/get', { ids: null });
  assert.equal(first.list.length, 1);
  const [{ id, changedBy, objectType, objectAccountId, objectId, oldRights, newRights }] = first.list;
  assert.deepEqual(
    [
      changedBy.principalId,
      objectType,
      objectAccountId,
      objectId,
      oldRights,
      newRights.mayRead,
      newRights.mayWrite,
    ],
    [jmap.account, 'AddressBook', jmap.account, 'b1', null, true, false],
  );
  await share(null);
  const changes = await bobs('ShareNotification/changes', { sinceState: before.state });
  assert.equal(changes.created.length, 2);
  const ids = (
    await bobs('ShareNotification/query', {
      filter: { objectType: 'AddressBook' },
      sort: [{ property: 'created' }],
    })
  ).ids;
  assert.deepEqual(ids.toSorted(), changes.created.toSorted());
  assert.deepEqual((await bobs('ShareNotification/set', { destroy: [id] })).destroyed, [id]);
  const made = await bobs('ShareNotification/set', {
    create: { n: {} },
    update: { [ids[1]]: { name: 'x' } },
  });
  assert.deepEqual([made.notCreated.n.type, made.notUpdated[ids[1]].type], ['forbidden', 'forbidden']);
  const everybody = `org-${api.a.org}`;
  await share({ [everybody]: { mayRead: true } });
  assert.deepEqual(Object.keys((await call('AddressBook/get', { ids: ['b1'] })).list[0].shareWith), [
    everybody,
  ]);
  assert.equal(
    (await as(jmapAs(api, bob.name, bob.id), jmap.account)('AddressBook/get', { ids: null })).list.length,
    1,
  );
});
