/** Everything of one's own as one file: whose, and what is in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { unzip } from '../proto/archive/unpack.ts';
import { message } from '../mailbox/testing.ts';
import { takeoutPath } from './takeout.ts';
import { basic, openTestApi } from './testing.ts';

test('an owner gets all mail, contacts, scripts and labels; others and strangers nothing', async () => {
  await using server = await openTestApi();
  const { a, b, parts, app, call } = server;
  const { mailboxes } = parts;
  const inbox = (await mailboxes.list(a.owner.id)).find(({ role }) => role === 'inbox');
  await mailboxes.append(a.owner.id, inbox!.id, [message('Subject: one\n\nFrom here\nto 見積\n')]);
  const put = { items: [{ keyword: 'work', name: '仕事', colour: 'red' }] };
  await call('PUT', '/api/v1/admin/me/labels', { as: basic(a.owner.name), body: put });
  const get = (headers: Record<string, string>) => app.inject({ method: 'GET', url: takeoutPath, headers });
  assert.equal((await get({})).statusCode, 401);
  assert.equal((await get({ authorization: `Bearer ${a.key.key}` })).statusCode, 403);
  const cross = { authorization: basic(a.owner.name), 'sec-fetch-site': 'cross-site' };
  assert.equal((await get(cross)).statusCode, 403);
  const answer = await get({ authorization: basic(a.owner.name) });
  assert.equal(answer.statusCode, 200);
  const files = new Map<string, string>();
  for await (const one of unzip(answer.rawPayload, { bytes: 10_000_000, files: 100 }, () => true))
    if (one.is === 'file') files.set(one.name, one.bytes.toString());
  const mbox = files.get('Mail/INBOX.mbox') ?? '';
  assert.match(mbox, /^From MAILER-DAEMON .*\nSubject: one\n(?:.+\n)*\n>From here\nto 見積\n\n$/);
  assert.match(files.get('Settings/Labels.json') ?? '', /仕事/);
  assert.equal(files.has('Contacts.vcf'), true);
  const other = await get({ authorization: basic(b.owner.name) });
  assert.equal(other.rawPayload.includes('Labels.json'), false);
});
