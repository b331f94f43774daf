import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AccountId, MailboxId } from '../../../base/ids.ts';
import { deleted, seen } from '../../../mailbox/flags.ts';
import { message, simple } from '../../../mailbox/testing.ts';
import { openTestJmap, type TestJmap } from '../testing.ts';

type Jmap = Pick<TestJmap, 'call' | 'account' | 'api'>;

async function mailboxIds(jmap: Jmap): Promise<Record<string, MailboxId>> {
  const { list } = await jmap.call('Mailbox/get');
  return Object.fromEntries(list.map(({ role, id }: { role: string; id: string }) => [role, id]));
}

async function put(jmap: Jmap, text: string, mailbox?: string): Promise<string> {
  const box = (mailbox ?? (await mailboxIds(jmap))['inbox']) as MailboxId;
  const { mailboxes } = jmap.api.parts;
  const { emails } = await mailboxes.append(jmap.account as AccountId, box, [message(text)]);
  return `e${emails[0]!.toString(32)}`;
}

const rich = `From: =?utf-8?B?5bGx55Sw?= <yamada@here.test>, Bob <bob@there.test>
To: Team: a@x.test, "B, C" <b@x.test>;, c@x.test
Subject: =?utf-8?Q?Gr=C3=BC=C3=9Fe?=
Date: Fri, 1 Mar 2024 10:00:00 +0900
Message-ID: <one@here.test>
References: <zero@here.test> <half@here.test>
List-Post: <mailto:list@x.test>, <https://x.test/post>
X-Two: first
X-Two: second
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b1

--b1
Content-Type: multipart/alternative; boundary=b2

--b2
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

SGVsbG8g4oKsIQ==
--b2
Content-Type: text/html; charset=utf-8

<p>Hello <b>you</b></p>
--b2--
--b1
Content-Type: application/pdf; name="a.pdf"
Content-Disposition: attachment; filename="a.pdf"
Content-Transfer-Encoding: base64
Content-ID: <cid@x>

UERG
--b1
Content-Type: message/rfc822

Subject: inner
From: x@y.test

inner text
--b1--
`;

test('Email/get shows all properties of a message', async () => {
  await using jmap = await openTestJmap();
  const id = await put(jmap, rich);
  const inbox = (await mailboxIds(jmap))['inbox']!;
  const { list, notFound, state } = await jmap.call('Email/get', {
    ids: [id, 'e0', 'x'],
    fetchAllBodyValues: true,
  });
  const [email] = list;
  assert.deepEqual(notFound, ['e0', 'x']);
  assert.equal(typeof state, 'string');
  assert.deepEqual(email.mailboxIds, { [inbox]: true });
  assert.deepEqual(email.keywords, {});
  assert.equal(email.receivedAt, '2023-11-14T22:13:20Z');
  assert.deepEqual(email.from, [
    { name: '山田', email: 'yamada@here.test' },
    { name: 'Bob', email: 'bob@there.test' },
  ]);
  assert.deepEqual(email.to, [
    { name: null, email: 'a@x.test' },
    { name: 'B, C', email: 'b@x.test' },
    { name: null, email: 'c@x.test' },
  ]);
  assert.deepEqual(
    [email.cc, email.bcc, email.sender, email.replyTo, email.inReplyTo],
    [null, null, null, null, null],
  );
  assert.equal(email.subject, 'Grüße');
  assert.equal(email.sentAt, '2024-03-01T10:00:00+09:00');
  assert.deepEqual(
    [email.messageId, email.references],
    [['one@here.test'], ['zero@here.test', 'half@here.test']],
  );
  assert.equal(email.hasAttachment, true);
  assert.match(email.preview, /^Hello €!/);
  assert.deepEqual(
    email.textBody.map((part: { partId: string }) => part.partId),
    ['1.1'],
  );
  assert.deepEqual(
    email.htmlBody.map((part: { partId: string }) => part.partId),
    ['1.2'],
  );
  assert.deepEqual(
    email.attachments.map((part: Record<string, unknown>) => [
      part['partId'],
      part['name'],
      part['type'],
      part['disposition'],
      part['cid'],
      part['size'],
      part['charset'],
    ]),
    [
      ['2', 'a.pdf', 'application/pdf', 'attachment', 'cid@x', 3, null],
      ['3', null, 'message/rfc822', null, null, email.attachments[1].size, null],
    ],
  );
  assert.deepEqual(email.bodyValues['1.1'], {
    value: 'Hello €!',
    isEncodingProblem: false,
    isTruncated: false,
  });
  assert.equal(email.bodyValues['1.2'].value, '<p>Hello <b>you</b></p>');
});

test('header fields come in each form, one or all of a name', async () => {
  await using jmap = await openTestJmap();
  const id = await put(jmap, rich);
  const get = async (...properties: string[]) =>
    (await jmap.call('Email/get', { ids: [id], properties })).list?.[0];
  const email = await get(
    'header:X-Two',
    'header:x-two:all',
    'header:X-Two:asText',
    'header:To:asGroupedAddresses',
    'header:List-Post:asURLs',
    'header:Date:asDate',
    'header:Subject',
    'header:None',
    'header:None:asText:all',
    'header:References:asMessageIds',
    'header:From:asAddresses',
  );
  assert.equal(email['header:X-Two'], ' second');
  assert.deepEqual(email['header:x-two:all'], [' first', ' second']);
  assert.equal(email['header:X-Two:asText'], 'second');
  assert.deepEqual(email['header:To:asGroupedAddresses'], [
    {
      name: 'Team',
      addresses: [
        { name: null, email: 'a@x.test' },
        { name: 'B, C', email: 'b@x.test' },
      ],
    },
    { name: null, addresses: [{ name: null, email: 'c@x.test' }] },
  ]);
  assert.deepEqual(email['header:List-Post:asURLs'], ['mailto:list@x.test', 'https://x.test/post']);
  assert.equal(email['header:Date:asDate'], '2024-03-01T10:00:00+09:00');
  assert.equal(email['header:Subject'], ' =?utf-8?Q?Gr=C3=BC=C3=9Fe?=');
  assert.deepEqual([email['header:None'], email['header:None:asText:all']], [null, []]);
  assert.equal(email['header:From:asAddresses'].length, 2);
  for (const property of [
    'header:From:asText',
    'header:Subject:asDate',
    'header:X:asNothing',
    'header:',
    'header:A B',
    'nothing',
    'header:Date:asURLs:all',
  ])
    assert.equal(
      (await jmap.call('Email/get', { ids: [id], properties: [property] })).type,
      'invalidArguments',
      property,
    );
  const { headers } = await get('headers');
  assert.deepEqual(headers[6].name, 'List-Post');
  assert.equal(headers[7].value, ' first');
});

test('the structure has all parts, and texts are cut between characters', async () => {
  await using jmap = await openTestJmap();
  const id = await put(jmap, rich);
  const args = {
    ids: [id],
    properties: ['bodyStructure', 'bodyValues'],
    bodyProperties: ['partId', 'type', 'header:Content-Type'],
  };
  const { list } = await jmap.call('Email/get', { ...args, fetchTextBodyValues: true, maxBodyValueBytes: 7 });
  const [{ bodyStructure, bodyValues }] = list;
  assert.deepEqual(
    [bodyStructure.partId, bodyStructure.type, bodyStructure.subParts.length],
    [null, 'multipart/mixed', 3],
  );
  assert.deepEqual(bodyStructure.subParts[0].subParts[1], {
    partId: '1.2',
    type: 'text/html',
    'header:Content-Type': ' text/html; charset=utf-8',
  });
  assert.deepEqual(bodyValues, { '1.1': { value: 'Hello ', isEncodingProblem: false, isTruncated: true } });
  const html = await jmap.call('Email/get', {
    ids: [id],
    properties: ['bodyValues'],
    fetchHTMLBodyValues: true,
    maxBodyValueBytes: 10,
  });
  assert.deepEqual(html.list[0].bodyValues['1.2'], {
    value: '<p>Hello ',
    isEncodingProblem: false,
    isTruncated: true,
  });
  assert.equal((await jmap.call('Email/get', { ...args, maxBodyValueBytes: -1 })).type, 'invalidArguments');
  assert.equal(
    (await jmap.call('Email/get', { ids: Array.from({ length: 1001 }, (_, i) => `e${i}`) })).type,
    'requestTooLarge',
  );
});

test('a created email reads as it was written', async () => {
  await using jmap = await openTestJmap();
  const { drafts } = await mailboxIds(jmap);
  const upload = await jmap.api.call('POST', `/jmap/upload/${jmap.account}/`, {
    as: jmap.as,
    body: Buffer.from([1, 2, 255]),
    headers: { 'content-type': 'image/png' },
  });
  assert.equal(upload.status, 201);
  const email = {
    mailboxIds: { [drafts!]: true },
    keywords: { $draft: true, $Seen: true, Custom: true },
    receivedAt: '2024-01-02T03:04:05Z',
    from: [{ name: 'Jürgen, "J"', email: 'j@here.test' }],
    to: [{ name: null, email: 'a@x.test' }],
    subject: '日本語の件名 with a long tail so that it must be folded over several lines of the header',
    'header:X-Text:asText': 'ünïcode',
    'header:X-Raw': ' raw value',
    'header:X-All:asText:all': ['a', 'b'],
    'header:X-Date:asDate': '2024-01-02T03:04:05-07:00',
    'header:X-Ids:asMessageIds': ['a@b', 'c@d'],
    'header:X-Urls:asURLs': ['https://x.test/a', 'mailto:x@y.test'],
    'header:X-Groups:asGroupedAddresses': [{ name: 'G', addresses: [{ name: null, email: 'g@x.test' }] }],
    textBody: [{ partId: 't', type: 'text/plain' }],
    htmlBody: [{ partId: 'h', type: 'text/html' }],
    attachments: [
      {
        blobId: upload.body.blobId,
        type: 'image/png',
        name: '写真.png',
        disposition: 'inline',
        cid: 'pic@x',
      },
      {
        blobId: upload.body.blobId,
        type: 'image/png',
        name: 'b.png',
        disposition: 'attachment',
        language: ['ja', 'en'],
        location: 'http://x.test/',
      },
    ],
    bodyValues: { t: { value: 'line one\nläne two\n\n.\nFrom x\n' }, h: { value: '<img src="cid:pic@x">' } },
  };
  const made = await jmap.call('Email/set', { create: { d: email } });
  const { id, blobId, threadId, size } = made.created.d;
  const properties = [
    'size',
    'keywords',
    'receivedAt',
    'from',
    'to',
    'subject',
    'messageId',
    'sentAt',
    'bodyStructure',
    'bodyValues',
    'threadId',
    'blobId',
    ...Object.keys(email).filter((name) => name.startsWith('header:')),
  ];
  const got = (await jmap.call('Email/get', { ids: [id], properties, fetchAllBodyValues: true })).list[0];
  assert.deepEqual([got.blobId, got.threadId, got.size], [blobId, threadId, size]);
  assert.deepEqual(got.keywords, { $draft: true, $seen: true, custom: true });
  for (const name of [
    'receivedAt',
    'from',
    'to',
    'subject',
    ...properties.filter((each) => each.startsWith('header:')),
  ])
    assert.deepEqual(got[name], email[name as keyof typeof email], name);
  assert.match(got.messageId[0], /@here\.test$/);
  assert.equal(typeof got.sentAt, 'string');
  const shape = (part: { type: string; subParts?: { type: string }[] | null }): unknown =>
    part.subParts ? [part.type, part.subParts.map(shape)] : part.type;
  assert.deepEqual(shape(got.bodyStructure), [
    'multipart/mixed',
    [
      ['multipart/alternative', ['text/plain', ['multipart/related', ['text/html', 'image/png']]]],
      'image/png',
    ],
  ]);
  const inline = got.bodyStructure.subParts[0].subParts[1].subParts[1];
  assert.deepEqual(
    [inline.name, inline.cid, inline.disposition, inline.size],
    ['写真.png', 'pic@x', 'inline', 3],
  );
  const attached = got.bodyStructure.subParts[1];
  assert.deepEqual(
    [attached.language, attached.location, attached.disposition],
    [['ja', 'en'], 'http://x.test/', 'attachment'],
  );
  assert.equal(got.bodyValues['1.1'].value, email.bodyValues.t.value);
  const file = await jmap.api.app.inject({
    url: `/jmap/download/${jmap.account}/${attached.blobId}/b.png?type=image%2Fpng`,
    headers: { authorization: jmap.as },
  });
  assert.deepEqual(
    [file.statusCode, file.headers['content-type'], [...file.rawPayload]],
    [200, 'image/png', [1, 2, 255]],
  );
  assert.match(String(file.headers['cache-control']), /immutable/);
  assert.match(String(file.headers['content-disposition']), /^attachment; filename="?b\.png/);
});

test('Japanese is written as ISO-2022-JP where its part says so', async () => {
  await using jmap = await openTestJmap();
  const { drafts } = await mailboxIds(jmap);
  const create = (value: string) => ({
    d: {
      mailboxIds: { [drafts!]: true },
      subject: '件名',
      bodyStructure: { partId: 't', 'header:Content-Type': ' text/plain; charset=iso-2022-jp' },
      bodyValues: { t: { value } },
    },
  });
  const made = await jmap.call('Email/set', { create: create('本文です\n') });
  const { id, blobId } = made.created.d;
  const got = (
    await jmap.call('Email/get', {
      ids: [id],
      properties: ['subject', 'textBody', 'bodyValues'],
      fetchTextBodyValues: true,
    })
  ).list[0];
  assert.deepEqual(
    [got.subject, got.textBody[0].charset, got.bodyValues['1'].value],
    ['件名', 'iso-2022-jp', '本文です\n'],
  );
  const raw = (await jmap.api.call('GET', `/jmap/download/${jmap.account}/${blobId}/m.eml`, { as: jmap.as }))
    .body;
  assert.match(raw, /Subject: =\?iso-2022-jp\?B\?/i);
  assert.ok(raw.includes('\u001b$B'));
  assert.equal(
    (await jmap.call('Email/set', { create: create('€ 한국어') })).notCreated.d.type,
    'invalidProperties',
  );
});

test('each rule for a new email is kept, with the properties that break it', async () => {
  await using jmap = await openTestJmap();
  const { inbox } = await mailboxIds(jmap);
  const base = {
    mailboxIds: { [inbox!]: true },
    bodyValues: { t: { value: 'x' }, broken: { value: 'x', isTruncated: false } },
  };
  const text = [{ partId: 't', type: 'text/plain' }];
  const cases: [string, object, string[] | undefined][] = [
    ['no mailboxes', { mailboxIds: undefined }, ['mailboxIds']],
    ['empty mailboxes', { mailboxIds: {} }, ['mailboxIds']],
    ['unknown mailbox', { mailboxIds: { m9: true } }, ['mailboxIds']],
    ['false', { mailboxIds: { [inbox!]: false } }, ['mailboxIds']],
    ['keyword', { keywords: { 'a b': true } }, ['keywords']],
    ['keyword false', { keywords: { a: false } }, ['keywords']],
    ['date', { receivedAt: 'yesterday' }, ['receivedAt']],
    ['headers', { headers: [] }, ['headers']],
    ['server-set', { threadId: 't1' }, ['threadId']],
    ['twice', { subject: 'a', 'header:Subject:asText': 'b' }, ['header:Subject:asText']],
    ['form', { 'header:Subject:asDate': '2024-01-01T00:00:00Z' }, ['header:Subject:asDate']],
    ['content', { 'header:Content-Type': ' text/plain' }, ['header:Content-Type']],
    ['injection', { subject: 'a\r\nBcc: evil@x.test' }, ['subject']],
    ['raw injection', { 'header:X-A': ' a\nBcc: evil@x.test' }, ['header:X-A']],
    ['both', { textBody: text, bodyStructure: { partId: 't' } }, ['textBody']],
    ['two texts', { textBody: [text[0], text[0]] }, ['textBody']],
    ['text type', { textBody: [{ partId: 't', type: 'text/html' }] }, ['textBody/type']],
    ['no value', { textBody: [{ partId: 'none', type: 'text/plain' }] }, ['textBody/partId']],
    ['charset', { textBody: [{ partId: 't', type: 'text/plain', charset: 'utf-8' }] }, ['textBody/charset']],
    [
      'both contents',
      { textBody: [{ partId: 't', blobId: 'b1', type: 'text/plain' }] },
      ['textBody/partId', 'textBody/blobId'],
    ],
    [
      'encoding',
      { textBody: [{ partId: 't', type: 'text/plain', 'header:Content-Transfer-Encoding': ' 8bit' }] },
      ['textBody/header:Content-Transfer-Encoding'],
    ],
    ['truncated', { bodyValues: { t: { value: 'x', isTruncated: true } } }, ['bodyValues/t/isTruncated']],
    [
      'problem',
      { bodyValues: { t: { value: 'x', isEncodingProblem: true } } },
      ['bodyValues/t/isEncodingProblem'],
    ],
    ['size', { textBody: [{ partId: 't', type: 'text/plain', size: 1 }] }, ['textBody/size']],
    [
      'headers of a part',
      { textBody: [{ partId: 't', type: 'text/plain', headers: [] }] },
      ['textBody/headers'],
    ],
    [
      'twice in the email',
      { 'header:X-A': ' a', textBody: undefined, bodyStructure: { partId: 't', 'header:x-a': ' b' } },
      ['bodyStructure/header:x-a'],
    ],
  ];
  for (const [name, change, properties] of cases) {
    const { notCreated } = await jmap.call('Email/set', { create: { x: { ...base, ...change } } });
    assert.deepEqual([notCreated?.x.type, notCreated?.x.properties], ['invalidProperties', properties], name);
  }
  const blob = await jmap.call('Email/set', {
    create: { x: { ...base, attachments: [{ blobId: 'b99' }, { blobId: 'unothing1' }] } },
  });
  assert.deepEqual(
    [blob.notCreated.x.type, blob.notCreated.x.notFound],
    ['blobNotFound', ['b99', 'unothing1']],
  );
  assert.equal((await jmap.call('Email/query')).ids.length, 0);
});

test('keywords and mailboxes are changed whole or by patch, and by IMAP at once', async () => {
  await using jmap = await openTestJmap();
  const { inbox, archive, trash } = await mailboxIds(jmap);
  const { mailboxes } = jmap.api.parts;
  const account = jmap.account as AccountId;
  const id = await put(jmap, 'Subject: a\n\nx\n');
  const get = async () =>
    (await jmap.call('Email/get', { ids: [id], properties: ['keywords', 'mailboxIds'] })).list[0];
  const update = async (patch: object) => {
    const { updated, notUpdated } = await jmap.call('Email/set', { update: { [id]: patch } });
    return updated === null ? notUpdated[id].type : 'ok';
  };
  assert.equal(
    await update({ 'keywords/$Seen': true, 'keywords/Work': true, [`mailboxIds/${archive}`]: true }),
    'ok',
  );
  assert.deepEqual(await get(), {
    id,
    keywords: { $seen: true, work: true },
    mailboxIds: { [inbox!]: true, [archive!]: true },
  });
  using session = await mailboxes.open(account, archive!);
  assert.deepEqual(session.view.flagsAt(0), { system: seen, keywords: ['work'] });
  assert.equal(await update({ keywords: { $flagged: true }, mailboxIds: { [trash!]: true } }), 'ok');
  assert.deepEqual(await get(), { id, keywords: { $flagged: true }, mailboxIds: { [trash!]: true } });
  assert.equal(await update({ 'keywords/$flagged': null }), 'ok');
  assert.deepEqual((await get()).keywords, {});
  for (const [patch, type] of [
    [{ mailboxIds: {} }, 'invalidProperties'],
    [{ [`mailboxIds/${trash}`]: null }, 'invalidProperties'],
    [{ 'mailboxIds/m9': true }, 'invalidProperties'],
    [{ 'keywords/a b': true }, 'invalidProperties'],
    [{ keywords: {}, 'keywords/x': true }, 'invalidPatch'],
    [{ 'keywords/a/b': true }, 'invalidPatch'],
    [{ subject: 'new' }, 'invalidProperties'],
    [{ size: 1 }, 'invalidProperties'],
    [{ '__proto__/x': true }, 'invalidPatch'],
  ] as const)
    assert.equal(await update(patch), type, JSON.stringify(patch));
  assert.equal(await update({ subject: 'a', keywords: {} }), 'ok');
  const before = (await jmap.call('Email/get', { ids: [] })).state;
  const box = (await mailboxes.get(account, trash!))!;
  await mailboxes.storeFlags(account, box.id, [1], {
    how: 'add',
    flags: { system: seen, keywords: ['$Junk'] },
  });
  assert.deepEqual((await get()).keywords, { $seen: true, $junk: true });
  const changes = await jmap.call('Email/changes', { sinceState: before });
  assert.deepEqual([changes.created, changes.updated, changes.destroyed], [[], [id], []]);
  await mailboxes.storeFlags(account, box.id, [1], { how: 'add', flags: { system: deleted, keywords: [] } });
  assert.equal((await jmap.call('Email/get', { ids: [id] })).notFound.length, 1);
  assert.deepEqual((await jmap.call('Email/changes', { sinceState: before })).destroyed, [id]);
  assert.equal((await jmap.call('Mailbox/get', { ids: [trash] })).list[0].totalEmails, 0);
});

test('emails are destroyed, and created and destroyed in one request', async () => {
  await using jmap = await openTestJmap();
  const { inbox } = await mailboxIds(jmap);
  const a = await put(jmap, 'Subject: a\n\nx\n');
  const set = await jmap.call('Email/set', {
    create: { n: { mailboxIds: { [inbox!]: true }, subject: 'n' } },
    update: { '#n': { 'keywords/$seen': true }, [a]: { 'keywords/$seen': true }, none: {} },
    destroy: [a, 'e99', '#gone'],
  });
  assert.equal(set.notUpdated[a].type, 'willDestroy');
  assert.deepEqual(set.updated, { [set.created.n.id]: null });
  assert.equal(set.notUpdated.none.type, 'notFound');
  assert.deepEqual(
    [set.destroyed, set.notDestroyed.e99.type, set.notDestroyed['#gone'].type],
    [[a], 'notFound', 'notFound'],
  );
  assert.equal((await jmap.call('Email/set', { ifInState: 'old', destroy: [] })).type, 'stateMismatch');
  const many = Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [`e${i + 1}`, {}]));
  assert.equal((await jmap.call('Email/set', { update: many })).type, 'requestTooLarge');
  const { ids, queryState } = await jmap.call('Email/query');
  assert.deepEqual([ids, queryState], [[set.created.n.id], set.newState]);
});

test('threads have their emails by date, and change with them', async () => {
  await using jmap = await openTestJmap();
  const { state } = await jmap.call('Thread/get', { ids: [] });
  const a = await put(jmap, 'Subject: talk\nMessage-ID: <a@x>\n\nx\n');
  const b = await put(jmap, 'Subject: Re: talk\nMessage-ID: <b@x>\nIn-Reply-To: <a@x>\n\nx\n');
  const [{ threadId }] = (await jmap.call('Email/get', { ids: [b], properties: ['threadId'] })).list;
  const got = await jmap.call('Thread/get', { ids: [threadId, 't99'] });
  assert.deepEqual([got.list, got.notFound], [[{ id: threadId, emailIds: [a, b] }], ['t99']]);
  const made = await jmap.call('Thread/changes', { sinceState: state });
  assert.deepEqual([made.created, made.updated, made.destroyed], [[threadId], [], []]);
  await jmap.call('Email/set', { update: { [a]: { 'keywords/$seen': true } } });
  assert.deepEqual((await jmap.call('Thread/changes', { sinceState: made.newState })).updated, []);
  await jmap.call('Email/set', { destroy: [a] });
  assert.deepEqual((await jmap.call('Thread/changes', { sinceState: made.newState })).updated, [threadId]);
  await jmap.call('Email/set', { destroy: [b] });
  assert.deepEqual((await jmap.call('Thread/changes', { sinceState: made.newState })).destroyed, [threadId]);
  assert.equal((await jmap.call('Thread/changes', { sinceState: '999' })).type, 'cannotCalculateChanges');
});

test('all emails and threads are given where none are named', async () => {
  await using jmap = await openTestJmap();
  const id = await put(jmap, 'Subject: a\n\nx\n');
  assert.deepEqual((await jmap.call('Email/get', { ids: null, properties: [] })).list, [{ id }]);
  const { list } = await jmap.call('Thread/get', { ids: null });
  assert.deepEqual(list[0].emailIds, [id]);
});

test('changes come in pieces as small as one wants, and end at the state that is', async () => {
  await using jmap = await openTestJmap();
  const { inbox } = await mailboxIds(jmap);
  const { mailboxes } = jmap.api.parts;
  const { state } = await jmap.call('Email/get', { ids: [] });
  await mailboxes.append(
    jmap.account as AccountId,
    inbox!,
    ['a', 'b', 'c', 'd', 'e'].map((name) => simple(name)),
  );
  const all = (await jmap.call('Email/query')).ids as string[];
  await jmap.call('Email/set', {
    update: Object.fromEntries(all.map((id) => [id, { 'keywords/$seen': true }])),
  });
  const known = new Set<string>();
  let since = state;
  for (let round = 0; ; round++) {
    const changes = await jmap.call('Email/changes', { sinceState: since, maxChanges: 2 });
    const count = changes.created.length + changes.updated.length + changes.destroyed.length;
    assert.ok(count <= 2 && round < 10);
    assert.equal(changes.oldState, since);
    for (const id of changes.created) known.add(id);
    since = changes.newState;
    if (!changes.hasMoreChanges) break;
    assert.notEqual(count, 0);
  }
  assert.deepEqual([...known].toSorted(), all.toSorted());
  assert.equal(since, (await jmap.call('Email/get', { ids: [] })).state);
  assert.equal(
    (await jmap.call('Email/changes', { sinceState: since, maxChanges: 0 })).type,
    'invalidArguments',
  );
  assert.equal((await jmap.call('Email/changes', {})).type, 'invalidArguments');
});
