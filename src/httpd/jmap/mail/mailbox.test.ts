import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '../../../base/ids.ts';
import { simple } from '../../../mailbox/testing.ts';
import { jmapAs, openTestJmap, type TestJmap } from '../testing.ts';

interface Box {
  readonly id: string;
  readonly name: string;
  readonly role: string | null;
  readonly parentId: string | null;
}

const boxes = async (jmap: Pick<TestJmap, 'call'>): Promise<Box[]> => (await jmap.call('Mailbox/get')).list;
const byRole = async (jmap: Pick<TestJmap, 'call'>, role: string): Promise<Box> =>
  (await boxes(jmap)).find((each) => each.role === role)!;

test('Mailbox/get gives what is asked for, and says what is not there', async () => {
  await using jmap = await openTestJmap();
  const inbox = await byRole(jmap, 'inbox');
  assert.deepEqual(inbox, {
    id: inbox.id,
    name: 'INBOX',
    parentId: null,
    role: 'inbox',
    sortOrder: 0,
    totalEmails: 0,
    unreadEmails: 0,
    totalThreads: 0,
    unreadThreads: 0,
    myRights: {
      mayReadItems: true,
      mayAddItems: true,
      mayRemoveItems: true,
      maySetSeen: true,
      maySetKeywords: true,
      mayCreateChild: true,
      mayRename: false,
      mayDelete: false,
      maySubmit: true,
    },
    isSubscribed: true,
  });
  const some = await jmap.call('Mailbox/get', { ids: [inbox.id, 'none', inbox.id], properties: ['name'] });
  assert.deepEqual([some.list, some.notFound], [[{ id: inbox.id, name: 'INBOX' }], ['none']]);
  assert.equal((await jmap.call('Mailbox/get', { properties: ['nothing'] })).type, 'invalidArguments');
  assert.equal((await jmap.call('Mailbox/get', { ids: 'x' })).type, 'invalidArguments');
  assert.equal((await jmap.call('Mailbox/get', { accountId: 'nobody' })).type, 'accountNotFound');
  const { methodResponses } = await jmap.request([['Mailbox/get', {}]]);
  assert.equal(methodResponses[0][1].type, 'invalidArguments');
});

test('mailboxes are created below others of the same request, renamed, moved and destroyed', async () => {
  await using jmap = await openTestJmap();
  const made = await jmap.call('Mailbox/set', {
    create: { b: { name: 'Below', parentId: '#a', sortOrder: 5 }, a: { name: 'Above', isSubscribed: true } },
  });
  assert.notEqual(made.oldState, made.newState);
  const { a, b } = made.created;
  assert.equal(typeof a.id, 'string');
  assert.deepEqual([a.name, a.totalEmails], [undefined, 0]);
  assert.ok((await jmap.api.parts.mailboxes.find(jmap.account as AccountId, 'Above/Below')) !== undefined);
  const since = await jmap.call('Mailbox/changes', { sinceState: made.oldState });
  assert.deepEqual(
    [since.created.toSorted(), since.updated, since.destroyed, since.updatedProperties],
    [[a.id, b.id].toSorted(), [], [], null],
  );
  const changed = await jmap.call('Mailbox/set', {
    update: {
      [b.id]: { name: 'Alone', parentId: null, sortOrder: 7, isSubscribed: false, role: 'important' },
    },
  });
  assert.deepEqual(changed.updated, { [b.id]: null });
  const [box] = (await jmap.call('Mailbox/get', { ids: [b.id] })).list;
  assert.deepEqual(
    [box.name, box.parentId, box.sortOrder, box.isSubscribed, box.role],
    ['Alone', null, 7, false, 'important'],
  );
  const later = await jmap.call('Mailbox/changes', { sinceState: changed.oldState });
  assert.deepEqual([later.created, later.updated, later.updatedProperties], [[], [b.id], null]);
  await jmap.call('Mailbox/set', { update: { [b.id]: { parentId: a.id } } });
  const refusedFirst = await jmap.call('Mailbox/set', { destroy: [a.id] });
  assert.equal(refusedFirst.notDestroyed[a.id].type, 'mailboxHasChild');
  const gone = await jmap.call('Mailbox/set', { destroy: [a.id, b.id, 'none'] });
  assert.deepEqual(
    [gone.destroyed.toSorted(), gone.notDestroyed.none.type],
    [[a.id, b.id].toSorted(), 'notFound'],
  );
});

test('each rule of Mailbox/set is kept for one mailbox alone', async () => {
  await using jmap = await openTestJmap();
  const inbox = await byRole(jmap, 'inbox');
  const trash = await byRole(jmap, 'trash');
  const bad: Record<string, [object, string, string[]?]> = {
    noName: [{}, 'invalidProperties', ['name']],
    empty: [{ name: '' }, 'invalidProperties', ['name']],
    long: [{ name: 'x'.repeat(256) }, 'invalidProperties', ['name']],
    slash: [{ name: 'a/b' }, 'invalidProperties', ['name']],
    control: [{ name: 'a\u0001' }, 'invalidProperties', ['name']],
    taken: [{ name: trash.name }, 'alreadyExists', ['name']],
    parent: [{ name: 'x', parentId: 'none' }, 'invalidProperties', ['parentId']],
    role: [{ name: 'x', role: 'trash' }, 'invalidProperties', ['role']],
    noRole: [{ name: 'x', role: 'king' }, 'invalidProperties', ['role']],
    order: [{ name: 'x', sortOrder: -1 }, 'invalidProperties', ['sortOrder']],
    fixed: [{ name: 'x', totalEmails: 1 }, 'invalidProperties', ['totalEmails']],
  };
  const create = Object.fromEntries(Object.entries(bad).map(([id, [record]]) => [id, record]));
  const made = await jmap.call('Mailbox/set', { create: { ...create, good: { name: 'Good' } } });
  assert.ok(made.created.good.id);
  for (const [id, [, type, properties]] of Object.entries(bad))
    assert.deepEqual([made.notCreated[id].type, made.notCreated[id].properties], [type, properties], id);
  assert.equal(made.notCreated.taken.existingId, trash.id);
  const good = made.created.good.id as string;
  const update = async (patch: object, id = good) =>
    (await jmap.call('Mailbox/set', { update: { [id]: patch } })).notUpdated[id].type;
  assert.equal(await update({ parentId: good }), 'invalidProperties');
  assert.equal(await update({ 'name/x': 1 }), 'invalidPatch');
  assert.equal(await update({ nothing: 1 }), 'invalidProperties');
  assert.equal(await update({ id: 'other' }), 'invalidProperties');
  assert.equal(await update({ name: 'x' }, 'none'), 'notFound');
  assert.equal(await update({ name: 'x' }, inbox.id), 'forbidden');
  const same = await jmap.call('Mailbox/set', { update: { [good]: { id: good, name: 'Good' } } });
  assert.deepEqual([same.updated, same.oldState], [{ [good]: null }, same.newState]);
  assert.equal((await jmap.call('Mailbox/set', { ifInState: 'x', destroy: [good] })).type, 'stateMismatch');
  assert.equal(
    (await jmap.call('Mailbox/set', { destroy: [inbox.id] })).notDestroyed[inbox.id].type,
    'forbidden',
  );
  const both = await jmap.call('Mailbox/set', { update: { [good]: { name: 'y' } }, destroy: [good] });
  assert.deepEqual([both.notUpdated[good].type, both.destroyed], ['willDestroy', [good]]);
});

test('a mailbox with mail is destroyed only when its mail may go', async () => {
  await using jmap = await openTestJmap();
  const { mailboxes } = jmap.api.parts;
  const account = jmap.account as AccountId;
  const made = await jmap.call('Mailbox/set', { create: { x: { name: 'X' } } });
  const { id } = made.created.x;
  await mailboxes.append(account, id, [simple('a')]);
  const [box] = (await jmap.call('Mailbox/get', { ids: [id] })).list;
  assert.deepEqual([box.totalEmails, box.unreadEmails, box.totalThreads, box.unreadThreads], [1, 1, 1, 1]);
  const counts = await jmap.call('Mailbox/changes', { sinceState: made.newState });
  assert.deepEqual(counts.updatedProperties, [
    'totalEmails',
    'unreadEmails',
    'totalThreads',
    'unreadThreads',
  ]);
  assert.equal((await jmap.call('Mailbox/set', { destroy: [id] })).notDestroyed[id].type, 'mailboxHasEmail');
  const gone = await jmap.call('Mailbox/set', { destroy: [id], onDestroyRemoveEmails: true });
  assert.deepEqual(gone.destroyed, [id]);
  assert.deepEqual((await jmap.call('Mailbox/changes', { sinceState: gone.oldState })).destroyed, [id]);
  assert.equal((await jmap.call('Email/changes', { sinceState: gone.oldState })).destroyed.length, 1);
});

test('Mailbox/query filters, sorts, and walks the tree', async () => {
  await using jmap = await openTestJmap();
  const { created } = await jmap.call('Mailbox/set', {
    create: {
      z: { name: 'zeta', sortOrder: 1 },
      a: { name: 'Alpha', parentId: '#z', sortOrder: 9 },
      n: { name: 'nu', sortOrder: 2, isSubscribed: false },
    },
  });
  const [z, a, n] = [created.z.id, created.a.id, created.n.id];
  const query = async (args: object) => (await jmap.call('Mailbox/query', args)).ids;
  const mine = { hasAnyRole: false };
  const byName = [{ property: 'name' }];
  assert.deepEqual(await query({ filter: mine, sort: byName }), [a, n, z]);
  assert.deepEqual(await query({ filter: mine, sort: byName, sortAsTree: true }), [n, z, a]);
  assert.deepEqual(await query({ filter: mine, sort: [{ property: 'sortOrder', isAscending: false }] }), [
    a,
    n,
    z,
  ]);
  assert.deepEqual(await query({ filter: { parentId: z } }), [a]);
  assert.deepEqual(await query({ filter: { name: 'ETA' } }), [z]);
  assert.deepEqual(await query({ filter: { isSubscribed: false } }), [n]);
  assert.deepEqual(await query({ filter: { role: 'inbox' } }), [(await byRole(jmap, 'inbox')).id]);
  assert.deepEqual(await query({ filter: { name: 'alpha' }, filterAsTree: true }), []);
  assert.deepEqual(
    await query({
      filter: { operator: 'NOT', conditions: [{ hasAnyRole: true }, { name: 'nu' }] },
      sort: byName,
    }),
    [a, z],
  );
  assert.deepEqual(await query({ filter: mine, sort: byName, position: -1 }), [z]);
  assert.deepEqual(await query({ filter: mine, sort: byName, anchor: n, anchorOffset: -1, limit: 1 }), [a]);
  const whole = await jmap.call('Mailbox/query', { filter: mine, calculateTotal: true, limit: 0 });
  assert.deepEqual([whole.total, whole.ids, whole.position], [3, [], 0]);
  const error = async (args: object) => (await jmap.call('Mailbox/query', args)).type;
  assert.equal(await error({ anchor: 'none' }), 'anchorNotFound');
  assert.equal(await error({ limit: -1 }), 'invalidArguments');
  assert.equal(await error({ filter: { x: 1 } }), 'unsupportedFilter');
  assert.equal(await error({ filter: { operator: 'XOR', conditions: [] } }), 'invalidArguments');
  assert.equal(await error({ sort: [{ property: 'x' }] }), 'unsupportedSort');
  assert.equal(await error({ sort: [{ property: 'name', collation: 'x' }] }), 'unsupportedSort');
  await jmap.call('Mailbox/set', { update: { [n]: { name: 'b' } } });
  const args = { filter: mine, sort: byName, sinceQueryState: whole.queryState, calculateTotal: true };
  const changes = await jmap.call('Mailbox/queryChanges', args);
  assert.deepEqual([changes.removed, changes.added, changes.total], [[n], [{ id: n, index: 1 }], 3]);
  assert.equal((await jmap.call('Mailbox/queryChanges', { ...args, maxChanges: 1 })).type, 'tooManyChanges');
  assert.equal(
    (await jmap.call('Mailbox/queryChanges', { ...args, sinceQueryState: 'x' })).type,
    'cannotCalculateChanges',
  );
});

test('mailboxes of others are seen and changed by their rights alone', async () => {
  await using jmap = await openTestJmap();
  const { api, account } = jmap;
  await api.addUser(api.a, ['user'], 'bob');
  const bob = (await api.t.directory.resolve('bob@here.test')) as unknown as { account: string };
  const other = jmapAs(api, 'bob@here.test', account);
  assert.equal((await other.call('Mailbox/get')).type, 'accountNotFound');
  const { mailboxes, mailAccess } = api.parts;
  const made = await jmap.call('Mailbox/set', { create: { w: { name: 'Work' } } });
  const { id } = made.created.w;
  const grant = (rights: string) =>
    mailAccess.setRights(account as AccountId, id, {
      identifier: bob.account,
      how: 'replace',
      rights,
      otherwise: '',
    });
  await grant('lr');
  await mailboxes.append(account as AccountId, id, [simple('a')]);
  await mailboxes.append(account as AccountId, (await byRole(jmap, 'inbox')).id as never, [simple('b')]);
  const [box, ...rest] = (await other.call('Mailbox/get')).list;
  assert.deepEqual(
    [box.name, box.totalEmails, box.myRights.mayAddItems, box.myRights.mayReadItems, rest],
    ['Work', 1, false, true, []],
  );
  assert.equal((await other.call('Email/query')).ids.length, 1);
  const session = (await api.call('GET', '/jmap/session', { as: other.as })).body;
  assert.deepEqual(
    [session.accounts[account].isPersonal, session.accounts[account].isReadOnly],
    [false, true],
  );
  assert.equal(
    (await other.call('Mailbox/set', { update: { [id]: { name: 'Mine' } } })).type,
    'accountReadOnly',
  );
  await other.call('Mailbox/set', { update: { [id]: { isSubscribed: true } } });
  assert.equal((await other.call('Mailbox/get')).list[0].isSubscribed, true);
  assert.ok(
    (await mailboxes.subscriptions(bob.account as AccountId)).includes('Other Users/owner@here.test/Work'),
  );
  await grant('lrk');
  const top = await other.call('Mailbox/set', {
    create: { t: { name: 'Top' }, b: { name: 'Below', parentId: id } },
  });
  assert.deepEqual([top.notCreated.t.type, typeof top.created.b.id], ['forbidden', 'string']);
  assert.equal(
    (await other.call('Mailbox/set', { update: { [id]: { name: 'Mine' } } })).notUpdated[id].type,
    'forbidden',
  );
  assert.equal(
    (await other.call('Mailbox/set', { destroy: [top.created.b.id] })).notDestroyed[top.created.b.id].type,
    'forbidden',
  );
});
