/** Blobs by method calls, over HTTP (RFC 9404). */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { openTestJmap } from '../testing.ts';

const using = {
  using: ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail', 'urn:ietf:params:jmap:blob'],
};

async function open() {
  const jmap = await openTestJmap();
  const call = async (name: string, args: object = {}) =>
    (await jmap.request([[name, { accountId: jmap.account, ...args }]], using)).methodResponses[0][1];
  return { jmap, call, [Symbol.asyncDispose]: () => jmap[Symbol.asyncDispose]() };
}

test('a blob is put together from texts, base64 and ranges of blobs, and read in ranges with digests', async () => {
  await using t = await open();
  const { methodResponses } = await t.jmap.request(
    [
      [
        'Blob/upload',
        {
          accountId: t.jmap.account,
          create: {
            a: {
              data: [{ 'data:asText': 'The quick ' }, { 'data:asBase64': 'YnJvd24gZm94' }],
              type: 'text/plain',
            },
            b: { data: [{ blobId: '#a', offset: 4, length: 5 }, { 'data:asText': '!' }] },
            empty: { data: [] },
          },
        },
      ],
      [
        'Blob/get',
        {
          accountId: t.jmap.account,
          ids: ['#b', 'nothing'],
          properties: ['data:asText', 'digest:sha-256', 'size'],
        },
      ],
    ],
    using,
  );
  const [[, uploaded], [, got]] = methodResponses;
  assert.deepEqual(uploaded.created.a, { id: uploaded.created.a.id, type: 'text/plain', size: 19 });
  assert.deepEqual([uploaded.created.b.type, uploaded.created.empty.size], ['application/octet-stream', 0]);
  assert.deepEqual(got.list, [
    {
      id: uploaded.created.b.id,
      'digest:sha-256': createHash('sha256').update('quick!').digest('base64'),
      'data:asText': 'quick!',
      size: 6,
    },
  ]);
  assert.deepEqual(got.notFound, ['nothing']);
  const { id } = uploaded.created.a;
  const range = await t.call('Blob/get', { ids: [id], offset: 16, length: 10 });
  assert.deepEqual(range.list, [{ id, 'data:asText': 'fox', size: 19, isTruncated: true }]);
  const bytes = await t.call('Blob/upload', { create: { c: { data: [{ 'data:asBase64': '/w==' }] } } });
  const read = await t.call('Blob/get', {
    ids: [bytes.created.c.id],
    properties: ['data', 'data:asText', 'digest:sha'],
  });
  assert.deepEqual(read.list[0], {
    id: bytes.created.c.id,
    'digest:sha': createHash('sha1').update(Buffer.of(255)).digest('base64'),
    'data:asBase64': '/w==',
    'data:asText': null,
    isEncodingProblem: true,
  });
});

test('what is no blob is told', async () => {
  await using t = await open();
  const { notCreated, created } = await t.call('Blob/upload', {
    create: {
      a: { data: [{ 'data:asText': 'x', blobId: 'y' }] },
      b: { data: [{ blobId: 'gone' }] },
      c: { data: [{ 'data:asBase64': '???' }] },
      d: { data: 'x' },
      e: { data: [], type: 'no type' },
      f: { data: Array.from({ length: 65 }, () => ({ 'data:asText': '' })) },
      ok: { data: [{ 'data:asText': 'abc' }] },
    },
  });
  const told = Object.fromEntries(
    Object.entries(notCreated).map(([id, error]) => [id, (error as { type: string }).type]),
  );
  assert.deepEqual(told, {
    a: 'invalidProperties',
    b: 'blobNotFound',
    c: 'invalidProperties',
    d: 'invalidProperties',
    e: 'invalidProperties',
    f: 'invalidProperties',
  });
  const far = await t.call('Blob/upload', {
    create: { a: { data: [{ blobId: created.ok.id, offset: 2, length: 2 }] } },
  });
  assert.equal(far.notCreated.a.type, 'invalidProperties');
  assert.equal((await t.call('Blob/get', { ids: [], properties: ['digest:crc'] })).type, 'invalidArguments');
  assert.equal((await t.call('Blob/get', { ids: [], offset: -1 })).type, 'invalidArguments');
  assert.equal((await t.call('Blob/upload', { create: 3 })).type, 'invalidArguments');
  assert.equal((await t.call('Blob/upload', { accountId: 'nobody', create: {} })).type, 'accountNotFound');
});

test('a message is found by its blob: email, thread and mailboxes', async () => {
  await using t = await open();
  const boxes = await t.call('Mailbox/get', { ids: null });
  const inbox = boxes.list.find((box: { role: string }) => box.role === 'inbox').id;
  const { created } = await t.call('Email/set', {
    create: { e: { mailboxIds: { [inbox]: true }, subject: 'x', bodyValues: {} } },
  });
  const { id, blobId, threadId } = created.e;
  const upload = await t.call('Blob/upload', { create: { a: { data: [] } } });
  const { list, notFound } = await t.call('Blob/lookup', {
    typeNames: ['Email', 'Thread', 'Mailbox'],
    ids: [blobId, upload.created.a.id, 'nothing'],
  });
  assert.deepEqual(list, [
    { id: blobId, matchedIds: { Email: [id], Thread: [threadId], Mailbox: [inbox] } },
    { id: upload.created.a.id, matchedIds: { Email: [], Thread: [], Mailbox: [] } },
  ]);
  assert.deepEqual(notFound, ['nothing']);
  assert.equal((await t.call('Blob/lookup', { typeNames: ['Toaster'], ids: [] })).type, 'unknownDataType');
});
