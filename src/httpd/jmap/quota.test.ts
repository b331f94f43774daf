/** Quotas over HTTP (RFC 9425). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId } from '../../base/ids.ts';
import { simple } from '../../mailbox/testing.ts';
import { openTestJmap } from './testing.ts';

test('quotas tell what is used and what may be; their state changes with either', async () => {
  await using jmap = await openTestJmap();
  const using = { using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:quota'] };
  const call = async (name: string, args: object = {}) =>
    (await jmap.request([[name, { accountId: jmap.account, ...args }]], using)).methodResponses[0][1];
  const account = jmap.account as AccountId;
  const { mailboxes } = jmap.api.parts;
  const first = await call('Quota/get', { ids: null });
  assert.deepEqual(
    first.list.map(({ id }: { id: string }) => id),
    ['contacts'],
  );
  await mailboxes.setQuota(account, 1_000_000);
  await mailboxes.setMessageQuota(account, 10);
  const inbox = (await mailboxes.find(account, 'INBOX'))!;
  await mailboxes.append(account, inbox.id, [simple('a')]);
  const { list, state } = await call('Quota/get', { ids: ['mail', 'messages', 'x'] });
  assert.deepEqual(
    list.map(({ id, used, hardLimit, resourceType, types }: Record<string, unknown>) => [
      id,
      (used as number) > 0,
      hardLimit,
      resourceType,
      types,
    ]),
    [
      ['mail', true, 1_000_000, 'octets', ['Email']],
      ['messages', true, 10, 'count', ['Email']],
    ],
  );
  const same = await call('Quota/changes', { sinceState: state });
  assert.deepEqual([same.updated, same.updatedProperties], [[], null]);
  assert.equal((await call('Quota/changes', { sinceState: first.state })).type, 'cannotCalculateChanges');
  await mailboxes.append(account, inbox.id, [simple('b')]);
  const used = await call('Quota/changes', { sinceState: state });
  assert.deepEqual(used.updatedProperties, ['used']);
  assert.ok(used.updated.includes('mail') && used.updated.includes('messages'));
  const find = async (filter: object) =>
    (await call('Quota/query', { filter, sort: [{ property: 'name' }] })).ids;
  assert.deepEqual(await find({ type: 'Email' }), ['mail', 'messages']);
  assert.deepEqual(await find({ resourceType: 'count', scope: 'account' }), ['messages']);
  assert.deepEqual(await find({ operator: 'NOT', conditions: [{ name: 'mail' }] }), ['contacts', 'messages']);
  assert.equal((await call('Quota/query', { filter: { colour: 'x' } })).type, 'unsupportedFilter');
  const query = await call('Quota/query');
  const changes = await call('Quota/queryChanges', { sinceQueryState: query.queryState });
  assert.deepEqual([changes.added, changes.removed], [[], []]);
});
