import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '../store/testing.ts';
import { openTestSend, sendMigrations, sendOperations } from './send-testing.ts';

const mail = { from: 'shop@here.test', subject: 'Order', text: 'Thank you.' };
const open = async () =>
  openTestSend({
    store: await openTestStore({ migrations: sendMigrations, operations: sendOperations }),
    suppressed: { 'gone@there.test': 'hard, noSuchUser', 'angry@there.test': 'complaint, abuse' },
  });

test('a suppressed recipient is left out and told; the others get the mail', async () => {
  await using s = await open();
  const to = ['good@there.test', 'gone@there.test'];
  const sent = await s.call('POST', '/v1/messages', { body: { ...mail, to, cc: 'angry@there.test' } });
  assert.equal(sent.status, 202, sent.text);
  assert.deepEqual(sent.body.recipients, ['good@there.test']);
  assert.deepEqual(sent.body.results, [
    { address: 'good@there.test', status: 'queued' },
    { address: 'gone@there.test', status: 'suppressed', detail: 'hard, noSuchUser' },
    { address: 'angry@there.test', status: 'suppressed', detail: 'complaint, abuse' },
  ]);
  const told = await s.call('GET', `/v1/messages/${sent.body.id}`);
  assert.deepEqual(
    told.body.recipients.map((one: { address: string; status: string }) => [one.address, one.status]),
    [
      ['good@there.test', 'queued'],
      ['gone@there.test', 'suppressed'],
      ['angry@there.test', 'suppressed'],
    ],
  );
  assert.match(told.body.recipients[1].reply, /suppression list \(hard, noSuchUser\)/);
  const journey = told.body.journey.map((step: { event: string; recipient: string }) => step.recipient);
  assert.ok(journey.includes('gone@there.test'), 'it is in the ledger');
});

test('when nobody is left the mail is refused, and says who is on the list and why', async () => {
  await using s = await open();
  const to = ['gone@there.test', 'angry@there.test'];
  const refused = await s.call('POST', '/v1/messages', { body: { ...mail, to } });
  assert.deepEqual([refused.status, refused.body.type], [422, 'urn:hikyaku:problem:suppressed']);
  assert.match(refused.text, /gone@there\.test: hard, noSuchUser; angry@there\.test: complaint, abuse/);
  assert.deepEqual(await s.queued(), []);
});

test('a dry run and a repeated request tell the same', async () => {
  await using s = await open();
  const body = { ...mail, to: ['good@there.test', 'gone@there.test'] };
  const dry = await s.call('POST', '/v1/messages?dryRun=true', { body });
  assert.equal(dry.body.results[1].status, 'suppressed');
  const headers = { 'idempotency-key': 'k1' };
  const first = await s.call('POST', '/v1/messages', { body, headers });
  const again = await s.call('POST', '/v1/messages', { body, headers });
  assert.equal(again.headers['idempotent-replayed'], 'true');
  assert.equal(again.text, first.text);
});

test('several mails in one request have a result each', async () => {
  await using s = await open();
  const body = [
    { ...mail, to: 'good@there.test' },
    { ...mail, to: 'gone@there.test' },
    { ...mail, to: 'no address' },
  ];
  const headers = { 'idempotency-key': 'several' };
  const sent = await s.call('POST', '/v1/messages', { body, headers });
  assert.equal(sent.status, 200, sent.text);
  assert.deepEqual([sent.body.accepted, sent.body.refused], [1, 2]);
  assert.deepEqual(
    sent.body.items.map((one: { problem?: { type: string } }) => one.problem?.type),
    [undefined, 'urn:hikyaku:problem:suppressed', 'urn:hikyaku:problem:addressInvalid'],
  );
  const again = await s.call('POST', '/v1/messages', { body, headers });
  assert.equal(again.text, sent.text);
  assert.equal((await s.queued()).length, 1);
  assert.equal((await s.call('POST', '/v1/messages', { body: [] })).status, 422);
  assert.equal((await s.call('POST', '/v1/messages?dryRun=true', { body })).status, 422);
});
