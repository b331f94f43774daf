import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, MailboxId } from '../../../base/ids.ts';
import { message } from '../../../mailbox/testing.ts';
import { limits } from '../../../proto/jmap/limits.ts';
import { jmapAs, openTestJmap, type TestJmap } from '../testing.ts';

const mail =
  'Received: from x by y; Fri, 01 Mar 2024 10:00:00 +0000\r\nFrom: a@x.test\r\nSubject: imported fox\r\n\r\nThe quick fox.\r\n';

async function upload(jmap: Pick<TestJmap, 'api' | 'as' | 'account'>, text: string, type = 'message/rfc822') {
  const answer = await jmap.api.call('POST', `/jmap/upload/${jmap.account}/`, {
    as: jmap.as,
    body: Buffer.from(text),
    headers: { 'content-type': type },
  });
  assert.equal(answer.status, 201);
  return answer.body as { blobId: string; size: number; type: string; accountId: string };
}

const roleIds = async (jmap: Pick<TestJmap, 'call'>): Promise<Record<string, string>> =>
  Object.fromEntries(
    (await jmap.call('Mailbox/get')).list.map(({ role, id }: { role: string; id: string }) => [role, id]),
  );

test('what is uploaded is imported, parsed and downloaded', async () => {
  await using jmap = await openTestJmap();
  const { inbox } = await roleIds(jmap);
  const blob = await upload(jmap, mail);
  assert.deepEqual([blob.accountId, blob.size, blob.type], [jmap.account, mail.length, 'message/rfc822']);
  const parsed = await jmap.call('Email/parse', {
    blobIds: [blob.blobId, 'unone', 'x'],
    properties: ['id', 'blobId', 'size', 'subject', 'mailboxIds', 'bodyValues', 'preview'],
    fetchTextBodyValues: true,
  });
  const one = parsed.parsed[blob.blobId];
  assert.deepEqual(
    [one.id, one.blobId, one.size, one.subject, one.mailboxIds, one.preview],
    [null, blob.blobId, mail.length, 'imported fox', null, 'The quick fox.'],
  );
  assert.equal(one.bodyValues['1'].value, 'The quick fox.\n');
  assert.deepEqual([parsed.notFound, parsed.notParsable], [['unone', 'x'], null]);
  const nothing = await upload(jmap, 'no header at all', 'text/plain');
  assert.deepEqual((await jmap.call('Email/parse', { blobIds: [nothing.blobId] })).notParsable, [
    nothing.blobId,
  ]);
  const set = await jmap.call('Email/import', {
    emails: {
      a: { blobId: blob.blobId, mailboxIds: { [inbox!]: true }, keywords: { $seen: true } },
      b: { blobId: 'unone1234', mailboxIds: { [inbox!]: true } },
      c: { blobId: nothing.blobId, mailboxIds: { [inbox!]: true } },
      d: { blobId: blob.blobId, mailboxIds: {} },
      e: { blobId: blob.blobId, mailboxIds: { [inbox!]: true }, receivedAt: 'x' },
      f: { blobId: blob.blobId, mailboxIds: { [inbox!]: true }, subject: 'x' },
    },
  });
  assert.deepEqual(
    Object.entries(set.notCreated as Record<string, { type: string }>).map(([id, { type }]) => [id, type]),
    [
      ['b', 'invalidProperties'],
      ['c', 'invalidEmail'],
      ['d', 'invalidProperties'],
      ['e', 'invalidProperties'],
      ['f', 'invalidProperties'],
    ],
  );
  assert.deepEqual(Object.keys(set.created.a).toSorted(), ['blobId', 'id', 'size', 'threadId']);
  const [email] = (
    await jmap.call('Email/get', {
      ids: [set.created.a.id],
      properties: ['receivedAt', 'keywords', 'blobId'],
    })
  ).list;
  assert.deepEqual([email.receivedAt, email.keywords], ['2024-03-01T10:00:00Z', { $seen: true }]);
  const raw = await jmap.api.call(
    'GET',
    `/jmap/download/${jmap.account}/${email.blobId}/a%2Fb.eml?type=message%2Frfc822`,
    { as: jmap.as },
  );
  assert.deepEqual([raw.status, raw.body, raw.headers['content-type']], [200, mail, 'message/rfc822']);
  assert.equal((await jmap.call('Email/import', { ifInState: 'x', emails: {} })).type, 'stateMismatch');
  assert.equal((await jmap.call('Email/import', {})).type, 'invalidArguments');
});

test('parts of a message within a message have blobs of their own', async () => {
  await using jmap = await openTestJmap();
  const { inbox } = await roleIds(jmap);
  const inner =
    'Subject: inner\nContent-Type: multipart/mixed; boundary=i\n\n--i\nContent-Type: application/x-a\nContent-Transfer-Encoding: base64\n\naGVsbG8=\n--i--\n';
  const outer = `Subject: outer\nContent-Type: multipart/mixed; boundary=o\n\n--o\n\nx\n--o\nContent-Type: message/rfc822\n\n${inner}--o--\n`;
  const { emails } = await jmap.api.parts.mailboxes.append(jmap.account as AccountId, inbox as MailboxId, [
    message(outer),
  ]);
  const id = `e${emails[0]!.toString(32)}`;
  const [{ attachments }] = (await jmap.call('Email/get', { ids: [id], properties: ['attachments'] })).list;
  const within = (
    await jmap.call('Email/parse', {
      blobIds: [attachments[0].blobId],
      properties: ['subject', 'attachments'],
    })
  ).parsed[attachments[0].blobId];
  assert.equal(within.subject, 'inner');
  const url = `/jmap/download/${jmap.account}/${within.attachments[0].blobId}/a?type=application%2Fx-a`;
  assert.equal((await jmap.api.call('GET', url, { as: jmap.as })).body, 'hello');
});

test('blobs are for who may read the mail they are of', async () => {
  await using jmap = await openTestJmap();
  const { api, account, as } = jmap;
  const blob = await upload(jmap, mail);
  await api.addUser(api.a, ['user'], 'bob');
  const bobs = (await api.t.directory.resolve('bob@here.test')) as unknown as { account: string };
  const bob = jmapAs(api, 'bob@here.test', bobs.account);
  const { inbox } = await roleIds(jmap);
  const made = await jmap.call('Email/import', {
    emails: { a: { blobId: blob.blobId, mailboxIds: { [inbox!]: true } } },
  });
  const { blobId, id } = made.created.a;
  const get = async (who: string, of: string, which: string) =>
    (await api.call('GET', `/jmap/download/${of}/${which}/x`, { as: who })).status;
  assert.deepEqual(
    [
      await get(as, account, blobId),
      await get(as, account, blob.blobId),
      await get(as, account, 'b99'),
      await get(as, 'nobody', blobId),
    ],
    [200, 200, 404, 404],
  );
  assert.deepEqual(
    [
      await get(bob.as, account, blobId),
      await get(bob.as, bob.account, blobId),
      await get(bob.as, bob.account, blob.blobId),
    ],
    [404, 404, 404],
  );
  assert.equal((await api.call('GET', `/jmap/download/${account}/${blobId}/x`)).status, 401);
  assert.equal(
    (
      await api.call('POST', `/jmap/upload/${account}/`, {
        as: bob.as,
        body: Buffer.from('x'),
        headers: { 'content-type': 'text/plain' },
      })
    ).status,
    404,
  );
  assert.equal(
    (await bob.call('Blob/copy', { fromAccountId: account, blobIds: [blobId] })).type,
    'fromAccountNotFound',
  );
  assert.equal(
    (await bob.call('Email/copy', { fromAccountId: account, create: {} })).type,
    'fromAccountNotFound',
  );
  // Shared for reading: mail and blobs of that mailbox, and nothing else.
  const rights = { identifier: bob.account, how: 'replace', rights: 'lr', otherwise: '' } as const;
  await api.parts.mailAccess.setRights(account as AccountId, inbox as MailboxId, rights);
  assert.equal(await get(bob.as, account, blobId), 200);
  assert.equal((await bob.call('Email/set', { accountId: account, destroy: [id] })).type, 'accountReadOnly');
  const copied = await bob.call('Blob/copy', { fromAccountId: account, blobIds: [blobId, 'b99'] });
  assert.equal(copied.notCopied.b99.type, 'notFound');
  assert.equal(await get(bob.as, bob.account, copied.copied[blobId]), 200);
  const own = (await roleIds(bob))['inbox']!;
  const mine = await bob.call('Email/copy', {
    fromAccountId: account,
    create: { k: { id, mailboxIds: { [own]: true } }, n: { id: 'e99', mailboxIds: { [own]: true } } },
  });
  assert.deepEqual([typeof mine.created.k.id, mine.notCreated.n.type], ['string', 'notFound']);
  assert.equal((await bob.call('Email/query')).ids.length, 1);
  assert.equal(
    (await bob.call('Email/copy', { fromAccountId: bob.account, create: {} })).type,
    'invalidArguments',
  );
  assert.equal(
    (await bob.call('Email/copy', { fromAccountId: account, ifFromInState: 'x', create: {} })).type,
    'stateMismatch',
  );
  // With rights to remove, the original may go with the copy.
  await api.parts.mailAccess.setRights(account as AccountId, inbox as MailboxId, {
    ...rights,
    rights: 'lrte',
  });
  const { methodResponses } = await bob.request([
    [
      'Email/copy',
      {
        fromAccountId: account,
        accountId: bob.account,
        onSuccessDestroyOriginal: true,
        create: { k: { id, mailboxIds: { [own]: true }, keywords: { kept: true } } },
      },
    ],
  ]);
  assert.deepEqual(
    methodResponses.map(([name, , callId]: [string, object, string]) => [name, callId]),
    [
      ['Email/copy', '0'],
      ['Email/set', '0'],
    ],
  );
  assert.deepEqual(methodResponses[1][1].destroyed, [id]);
  assert.equal((await jmap.call('Email/query')).ids.length, 0);
});

test('an upload that is too large is refused, and nothing of it stays', async () => {
  await using jmap = await openTestJmap();
  const headers = { 'content-type': 'text/plain', 'content-length': String(limits.maxSizeUpload + 1) };
  const answer = await jmap.api.call('POST', `/jmap/upload/${jmap.account}/`, {
    as: jmap.as,
    body: Buffer.from('x'),
    headers,
  });
  assert.deepEqual(
    [answer.status, answer.body.type, answer.body.limit],
    [400, 'urn:ietf:params:jmap:error:limit', 'maxSizeUpload'],
  );
});

test('snippets mark what was looked for, and escape the rest', async () => {
  await using jmap = await openTestJmap();
  const { inbox } = await roleIds(jmap);
  const { emails } = await jmap.api.parts.mailboxes.append(jmap.account as AccountId, inbox as MailboxId, [
    message('Subject: <b>fox</b> & co\n\nA quick <i>fox</i> runs.\n'),
    message('Subject: hen\n\nNothing.\n'),
  ]);
  const [a, b] = emails.map((number) => `e${number.toString(32)}`);
  const got = await jmap.call('SearchSnippet/get', { filter: { text: 'fox' }, emailIds: [a, b, 'e99'] });
  assert.deepEqual(got.list[0].emailId, a);
  assert.match(got.list[0].subject, /&lt;b&gt;<mark>fox<\/mark>&lt;\/b&gt; &amp; co/);
  assert.match(got.list[0].preview, /<mark>fox<\/mark>/);
  assert.deepEqual([got.list[1], got.notFound], [{ emailId: b, subject: null, preview: null }, ['e99']]);
  assert.equal((await jmap.call('SearchSnippet/get', { filter: { text: 'x' } })).type, 'invalidArguments');
  assert.equal(
    (await jmap.call('SearchSnippet/get', { filter: { y: 'x' }, emailIds: [] })).type,
    'unsupportedFilter',
  );
});
