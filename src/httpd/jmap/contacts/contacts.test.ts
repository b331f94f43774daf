/** Contacts over HTTP (RFC 9610), each method and each error that it names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { jmapAs, openTestJmap } from '../testing.ts';

const using = { using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:contacts'] };

async function open() {
  const jmap = await openTestJmap();
  const as =
    (other: Pick<typeof jmap, 'request'>, account: string) =>
    async (name: string, args: object = {}) => {
      const { methodResponses } = await other.request([[name, { accountId: account, ...args }]], using);
      return methodResponses[0][1];
    };
  return { jmap, as, call: as(jmap, jmap.account), [Symbol.asyncDispose]: () => jmap[Symbol.asyncDispose]() };
}

test('the session tells of contacts; without the capability there are no such methods', async () => {
  await using t = await open();
  const session = await t.jmap.api.call('GET', '/jmap/session', { as: t.jmap.as });
  const uri = 'urn:ietf:params:jmap:contacts';
  assert.deepEqual(session.body.capabilities[uri], {});
  assert.equal(session.body.primaryAccounts[uri], t.jmap.account);
  assert.deepEqual(session.body.accounts[t.jmap.account].accountCapabilities[uri], {
    maxAddressBooksPerCard: 50,
    mayCreateAddressBook: true,
  });
  assert.equal((await t.jmap.call('AddressBook/get', { ids: null })).type, 'unknownMethod');
});

test('address books: the first is the default; made, changed, made the default, taken away', async () => {
  await using t = await open();
  const { list, state, notFound } = await t.call('AddressBook/get', { ids: null });
  assert.deepEqual(list, [
    {
      id: 'b1',
      name: 'Contacts',
      description: null,
      sortOrder: 0,
      isDefault: true,
      isSubscribed: true,
      shareWith: null,
      myRights: { mayRead: true, mayWrite: true, mayShare: true, mayDelete: true },
    },
  ]);
  assert.deepEqual(notFound, []);
  const made = await t.call('AddressBook/set', {
    create: { w: { name: 'Work', sortOrder: 2 }, bad: { name: '' }, worse: { name: 'x', isDefault: true } },
    onSuccessSetIsDefault: '#w',
  });
  const { id } = made.created.w;
  assert.equal(made.created.w.isDefault, false, 'not all succeeded');
  assert.deepEqual(
    [made.notCreated.bad, made.notCreated.worse].map(({ type, properties }) => [type, properties]),
    [
      ['invalidProperties', ['name']],
      ['invalidProperties', ['isDefault']],
    ],
  );
  const changed = await t.call('AddressBook/set', {
    update: { [id]: { description: '仕事', isSubscribed: false }, b1: { 'myRights/mayRead': false }, zz: {} },
  });
  assert.deepEqual(changed.updated, { [id]: null });
  assert.equal(changed.notUpdated.b1.type, 'invalidProperties');
  assert.equal(changed.notUpdated.zz.type, 'notFound');
  const byDefault = await t.call('AddressBook/set', { onSuccessSetIsDefault: id });
  assert.deepEqual(byDefault.updated, { b1: { isDefault: false }, [id]: { isDefault: true } });
  const since = await t.call('AddressBook/changes', { sinceState: state });
  assert.deepEqual([since.created, since.updated, since.destroyed], [[id], ['b1'], []]);
  assert.equal((await t.call('AddressBook/changes', { sinceState: 'x' })).type, 'cannotCalculateChanges');
  await t.call('ContactCard/set', { create: { c: { addressBookIds: { [id]: true } } } });
  const held = await t.call('AddressBook/set', { destroy: [id] });
  assert.equal(held.notDestroyed[id].type, 'addressBookHasContents');
  const gone = await t.call('AddressBook/set', { destroy: [id], onDestroyRemoveContents: true });
  assert.deepEqual(gone.destroyed, [id]);
  assert.equal((await t.call('AddressBook/get', { ids: ['b1'] })).list[0].isDefault, true);
  assert.equal((await t.call('AddressBook/set', { ifInState: state, destroy: [] })).type, 'stateMismatch');
});

test('cards: what the server sets is told; patches reach inside; errors name the properties', async () => {
  await using t = await open();
  const { state } = await t.call('ContactCard/get', { ids: [] });
  const made = await t.call('ContactCard/set', {
    create: {
      a: {
        addressBookIds: { b1: true },
        name: {
          components: [
            { kind: 'surname', value: '山田' },
            { kind: 'given', value: '太郎' },
          ],
        },
        emails: { e: { address: 'taro@example.jp' } },
        'example.com:own': { kept: true },
      },
      none: { name: { full: 'x' } },
      wrong: { addressBookIds: { b1: true }, emails: { e: { address: 5 } } },
      strange: { addressBookIds: { b77: true } },
    },
  });
  const { id, uid } = made.created.a;
  assert.deepEqual(Object.keys(made.created.a).sort(), [
    '@type',
    'created',
    'id',
    'uid',
    'updated',
    'version',
  ]);
  assert.deepEqual(made.notCreated.none.properties, ['addressBookIds']);
  assert.deepEqual(made.notCreated.wrong.properties, ['emails/e/address']);
  assert.deepEqual(made.notCreated.strange.properties, ['addressBookIds']);
  const twice = await t.call('ContactCard/set', { create: { b: { addressBookIds: { b1: true }, uid } } });
  assert.equal(twice.notCreated.b.type, 'alreadyExists');
  assert.equal(twice.notCreated.b.existingId, id);
  const patch = await t.call('ContactCard/set', {
    update: {
      [id]: { 'emails/e/label': '会社', keywords: { friend: true }, 'name/sortAs': { surname: 'やまだ' } },
    },
  });
  assert.ok(patch.updated[id].updated);
  const bad = await t.call('ContactCard/set', { update: { [id]: { 'phones/p/number': '1' } } });
  assert.equal(bad.notUpdated[id].type, 'invalidPatch');
  const both = await t.call('ContactCard/set', { update: { [id]: { emails: {}, 'emails/e/pref': 1 } } });
  assert.equal(both.notUpdated[id].type, 'invalidPatch');
  const { list } = await t.call('ContactCard/get', {
    ids: [id, id, 'nope'],
    properties: ['emails', 'example.com:own'],
  });
  assert.deepEqual(list, [
    { id, emails: { e: { address: 'taro@example.jp', label: '会社' } }, 'example.com:own': { kept: true } },
  ]);
  const changes = await t.call('ContactCard/changes', { sinceState: state, maxChanges: 5 });
  assert.deepEqual([changes.created, changes.updated, changes.hasMoreChanges], [[id], [], false]);
  const out = await t.call('ContactCard/set', { update: { [id]: { addressBookIds: {} } } });
  assert.deepEqual(out.notUpdated[id].properties, ['addressBookIds']);
  const gone = await t.call('ContactCard/set', { update: { [id]: {} }, destroy: [id, 'c9'] });
  assert.equal(gone.notUpdated[id].type, 'willDestroy');
  assert.deepEqual(gone.destroyed, [id]);
  assert.equal(gone.notDestroyed.c9.type, 'notFound');
});

test('queries: conditions, operators, sorts by reading, windows, and their errors', async () => {
  await using t = await open();
  const person = (surname: string, given: string, more = {}) => ({
    addressBookIds: { b1: true },
    name: {
      components: [
        { kind: 'surname', value: surname },
        { kind: 'given', value: given },
      ],
    },
    ...more,
  });
  const { created } = await t.call('ContactCard/set', {
    create: {
      y: person('山田', '花子', { uid: 'u-y', emails: { e: { address: 'hanako@example.jp' } } }),
      a: person('安倍', '一郎', { organizations: { o: { name: '飛脚' } } }),
      g: { addressBookIds: { b1: true }, kind: 'group', name: { full: 'Team' }, members: { 'u-y': true } },
    },
  });
  const [y, a, g] = [created.y.id, created.a.id, created.g.id];
  const find = async (filter: object, more = {}) =>
    (await t.call('ContactCard/query', { filter, ...more })).ids;
  assert.deepEqual(await find({ text: 'やまだ' }), [y]);
  assert.deepEqual(await find({ email: 'HANAKO', kind: 'individual' }), [y]);
  assert.deepEqual(await find({ organization: '飛脚' }), [a]);
  assert.deepEqual(await find({ hasMember: 'u-y' }), [g]);
  assert.deepEqual(await find({ uid: 'u-y' }), [y]);
  assert.deepEqual(await find({ inAddressBook: 'b9' }), []);
  assert.deepEqual(await find({ operator: 'NOT', conditions: [{ kind: 'group' }] }), [y, a]);
  assert.deepEqual(await find({ operator: 'OR', conditions: [{ name: 'team' }, { 'name/given': '一郎' }] }), [
    a,
    g,
  ]);
  assert.deepEqual(
    await find({ createdAfter: '2000-01-01T00:00:00Z', updatedBefore: '2000-01-01T00:00:00Z' }),
    [],
  );
  const sort = [{ property: 'name/surname' }];
  assert.deepEqual(await find({}, { sort, filter: { kind: 'individual' } }), [a, y]);
  assert.deepEqual(await find({}, { sort: [{ property: 'name/surname', isAscending: false }], limit: 1 }), [
    y,
  ]);
  const page = await t.call('ContactCard/query', {
    sort,
    anchor: y,
    anchorOffset: -1,
    limit: 1,
    calculateTotal: true,
  });
  assert.deepEqual([page.ids, page.position, page.total], [[a], 1, 3]);
  const error = async (args: object) => (await t.call('ContactCard/query', args)).type;
  assert.equal(await error({ filter: { shoeSize: 3 } }), 'unsupportedFilter');
  assert.equal(await error({ filter: { text: 3 } }), 'invalidArguments');
  assert.equal(await error({ sort: [{ property: 'shoeSize' }] }), 'unsupportedSort');
  assert.equal(await error({ anchor: 'c99' }), 'anchorNotFound');
  assert.equal(await error({ limit: -1 }), 'invalidArguments');
  const { queryState } = await t.call('ContactCard/query', {});
  const same = await t.call('ContactCard/queryChanges', {
    sinceQueryState: queryState,
    calculateTotal: true,
  });
  assert.deepEqual([same.removed, same.added, same.total], [[], [], 3]);
  const more = await t.call('ContactCard/set', {
    create: { n: person('佐藤', '次郎') },
    update: { [y]: { keywords: { friend: true } } },
    destroy: [g],
  });
  const since = { sinceQueryState: queryState, sort };
  const changed = await t.call('ContactCard/queryChanges', { ...since, calculateTotal: true });
  const all = await t.call('ContactCard/query', { sort, calculateTotal: true });
  assert.deepEqual(changed.removed.sort(), [g, y].sort());
  const at = (id: string) => ({ id, index: all.ids.indexOf(id) });
  assert.deepEqual(
    changed.added,
    [at(more.created.n.id), at(y)].sort((one, other) => one.index - other.index),
  );
  assert.deepEqual(
    [changed.newQueryState, changed.total, all.canCalculateChanges],
    [all.queryState, 3, true],
  );
  assert.equal(
    (await t.call('ContactCard/queryChanges', { ...since, maxChanges: 3 })).type,
    'tooManyChanges',
  );
  assert.equal(
    (await t.call('ContactCard/queryChanges', { sinceQueryState: '99' })).type,
    'cannotCalculateChanges',
  );
});

test('a shared address book: seen by its rights, in the account of its owner, and copied from there', async () => {
  await using t = await open();
  const { api, account } = t.jmap;
  await api.addUser(api.a, ['user'], 'bob');
  const bob = (await api.t.office.accounts.list(api.a.org, {})).items.find(({ name }) =>
    name.startsWith('bob@'),
  )!;
  const other = jmapAs(api, bob.name, bob.id);
  const shared = t.as(other, account);
  const own = t.as(other, bob.id);
  assert.equal((await shared('AddressBook/get', { ids: null })).type, 'accountNotFound');
  const { created } = await t.call('ContactCard/set', {
    create: { c: { addressBookIds: { b1: true }, uid: 'u1', name: { full: 'Shared' } } },
  });
  const share = (rights: object) =>
    t.call('AddressBook/set', { update: { b1: { shareWith: { [bob.id]: rights } } } });
  assert.equal((await share({ mayFly: true })).notUpdated.b1.type, 'invalidProperties');
  const stranger = await t.call('AddressBook/set', {
    update: { b1: { shareWith: { [api.b.owner.id]: { mayRead: true } } } },
  });
  assert.deepEqual(stranger.notUpdated.b1.properties, ['shareWith']);
  await share({ mayRead: true });
  const session = await api.call('GET', '/jmap/session', { as: other.as });
  assert.equal(session.body.accounts[account].isReadOnly, true);
  const { list } = await shared('AddressBook/get', { ids: null });
  assert.deepEqual(list[0].myRights, { mayRead: true, mayWrite: false, mayShare: false, mayDelete: false });
  assert.equal(list[0].shareWith, null);
  assert.equal(list[0].isSubscribed, false);
  assert.equal((await shared('ContactCard/set', { destroy: [created.c.id] })).type, 'accountReadOnly');
  await share({ mayRead: true, mayWrite: true });
  const renamed = await shared('AddressBook/set', { update: { b1: { name: 'Mine' } } });
  assert.equal(renamed.notUpdated.b1.type, 'forbidden');
  assert.deepEqual((await shared('AddressBook/set', { update: { b1: { isSubscribed: true } } })).updated, {
    b1: null,
  });
  assert.deepEqual((await shared('AddressBook/set', { destroy: ['b1'] })).notDestroyed.b1.type, 'forbidden');
  const patched = await shared('ContactCard/set', { update: { [created.c.id]: { kind: 'org' } } });
  assert.ok(patched.updated[created.c.id]);
  await own('AddressBook/get', { ids: null });
  const { methodResponses } = await other.request(
    [
      [
        'ContactCard/copy',
        {
          fromAccountId: account,
          accountId: bob.id,
          create: { k: { id: created.c.id, addressBookIds: { b1: true } }, n: { id: 'c99' } },
          onSuccessDestroyOriginal: true,
        },
      ],
    ],
    using,
  );
  const [[, copied], [implied, destroyed]] = methodResponses;
  assert.equal(copied.notCreated.n.type, 'notFound');
  const [card] = (await own('ContactCard/get', { ids: [copied.created.k.id] })).list;
  assert.deepEqual([card.uid, card.kind, card.name.full], ['u1', 'org', 'Shared']);
  assert.deepEqual([implied, destroyed.destroyed], ['ContactCard/set', [created.c.id]]);
  const strange = await own('ContactCard/copy', { fromAccountId: 'nobody', create: {} });
  assert.equal(strange.type, 'fromAccountNotFound');
  await t.call('AddressBook/set', { update: { b1: { shareWith: null } } });
  assert.equal((await shared('AddressBook/get', { ids: null })).type, 'accountNotFound');
});

test('files of vCards come in and go out, as far as rights allow', async () => {
  await using t = await open();
  const { api, account, as } = t.jmap;
  const url = `/jmap/contacts/${account}/b1`;
  const file = 'BEGIN:VCARD\r\nVERSION:3.0\r\nUID:u1\r\nN:山田;太郎;;;\r\nFN:山田 太郎\r\nEND:VCARD\r\n';
  const post = (path: string, who: string, payload: string) =>
    api.app.inject({
      method: 'POST',
      url: path,
      headers: { authorization: who, 'content-type': 'text/x-vcard' },
      payload,
    });
  const first = (await post(url, as, file)).json();
  assert.deepEqual([first.created.length, first.updated, first.skipped], [1, [], []]);
  const second = (await post(url, as, file.replace('FN:山田', 'FN:Yamada'))).json();
  assert.deepEqual([second.created, second.updated], [[], first.created]);
  const out = await api.call('GET', `${url}?version=4.0`, { as });
  assert.match(String(out.headers['content-type']), /^text\/vcard/);
  assert.match(out.body, /^BEGIN:VCARD\r\nVERSION:4.0\r\n.*FN:Yamada 太郎/s);
  assert.equal((await api.call('GET', `${url}?version=9`, { as })).status, 422);
  assert.equal((await api.call('GET', `/jmap/contacts/${account}/b9`, { as })).status, 404);
  const stranger = `Basic ${Buffer.from(`${api.b.owner.name}:correct horse`).toString('base64')}`;
  assert.equal((await post(url, stranger, file)).statusCode, 404);
  assert.equal((await post(url, '', file)).statusCode, 401);
  assert.equal((await post(url, as, '')).statusCode, 422);
});
