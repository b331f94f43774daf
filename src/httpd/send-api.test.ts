import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describePostgres } from '../../test/test-postgres.ts';
import { sleep, systemClock } from '../base/clock.ts';
import { systemActor } from '../directory/actor.ts';
import { all, delivered, refused } from '../queue/testing.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import { openTestStore } from '../store/testing.ts';
import { openTestSend, sendMigrations, sendOperations, type TestSendOptions } from './send-testing.ts';

const mail = {
  from: 'Shop <shop@here.test>',
  to: ['customer@there.test', { email: 'two@there.test', name: '山田 太郎' }],
  subject: 'ご注文ありがとうございます',
  text: 'Thank you.',
};
const hourMs = 3_600_000;

const openStore = (): Promise<Store> =>
  openTestStore({ migrations: sendMigrations, operations: sendOperations });
const open = async (options: Partial<TestSendOptions> = {}) =>
  openTestSend({ store: await openStore(), ...options });

test('a mail is durable when it is answered, and what became of it is told', async () => {
  await using s = await open({ deliver: async (attempt) => all(attempt, delivered) });
  const sent = await s.call('POST', '/v1/messages', {
    body: { ...mail, stream: 'bulk', tags: ['order'], metadata: { order: '42' } },
  });
  assert.equal(sent.status, 202);
  const { id, status, recipients, messageId } = sent.body;
  assert.match(id, /^[0-9a-z]{20}$/);
  assert.deepEqual(
    [status, recipients, messageId],
    ['queued', ['customer@there.test', 'two@there.test'], `<${id}@here.test>`],
  );
  let told = await s.call('GET', `/v1/messages/${id}`);
  for (
    let i = 0;
    i < 200 && told.body.recipients[0].status !== 'delivered';
    i++, await sleep(systemClock, 10)
  )
    told = await s.call('GET', `/v1/messages/${id}`);
  assert.equal(told.status, 200);
  assert.deepEqual(
    told.body.recipients.map(({ address, status }: Record<string, unknown>) => [address, status]),
    [
      ['customer@there.test', 'delivered'],
      ['two@there.test', 'delivered'],
    ],
  );
  assert.deepEqual(
    [told.body.stream, told.body.tags, told.body.metadata],
    ['bulk', ['order'], { order: '42' }],
  );
  assert.equal(told.body.journey[0].event, 'accepted');
  const list = await s.call('GET', '/v1/messages?tag=order');
  assert.deepEqual(
    list.body.items.map((item: { id: string }) => item.id),
    [id],
  );
  assert.deepEqual((await s.call('GET', '/v1/messages?tag=other')).body.items, []);
});

test('bounces are told with what the server said', async () => {
  await using s = await open({ deliver: async (attempt) => all(attempt, refused) });
  const { body } = await s.call('POST', '/v1/messages', { body: { ...mail, to: 'x@there.test' } });
  let told = await s.call('GET', `/v1/messages/${body.id}`);
  for (let i = 0; i < 200 && told.body.recipients[0].status === 'queued'; i++, await sleep(systemClock, 10))
    told = await s.call('GET', `/v1/messages/${body.id}`);
  assert.equal(told.body.recipients[0].status, 'bounced');
  assert.equal(told.body.recipients[0].reply, '550 5.1.1 No such user');
});

test('text, HTML, inline pictures and files are nested as they should be', async () => {
  await using s = await open();
  s.links.set('https://files.test/a.pdf', {
    bytes: Buffer.from('%PDF'),
    contentType: 'application/pdf',
    filename: 'a.pdf',
  });
  const sent = await s.call('POST', '/v1/messages', {
    body: {
      ...mail,
      html: '<p>Hi <img src="cid:logo"></p>',
      cc: 'cc@there.test',
      bcc: 'secret@there.test',
      replyTo: 'reply@here.test',
      headers: { 'X-Order': '42', References: '<a@b.test>' },
      attachments: [
        { filename: 'logo.png', content: Buffer.from('png').toString('base64'), contentId: 'logo' },
        { url: 'https://files.test/a.pdf' },
      ],
      unsubscribe: { url: 'https://here.test/u?x=1', mailto: 'u@here.test' },
    },
  });
  assert.equal(sent.status, 202, sent.text);
  const [stored] = await s.queued();
  const { text } = stored!;
  for (const part of [
    'multipart/mixed',
    'multipart/alternative',
    'multipart/related',
    'image/png',
    'application/pdf',
  ])
    assert(text.includes(`Content-Type: ${part}`), part);
  assert.match(text, /\r\nContent-ID: <logo>\r\n/);
  assert.match(
    text,
    /\r\nList-Unsubscribe: <mailto:u@here.test>,\r\n <https:\/\/here.test\/u\?x=1>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n/,
  );
  assert.match(text, /\r\nX-Order: 42\r\nReferences: <a@b.test>\r\n/);
  assert.doesNotMatch(text, /secret@/);
  assert.match(text, /^Received: /);
  assert.equal(sent.body.recipients.length, 4);
});

test('ISO-2022-JP is used where it is asked for and can carry the text', async () => {
  await using s = await open();
  await s.call('POST', '/v1/messages', { body: { ...mail, text: '日本語', charset: 'iso-2022-jp' } });
  const [stored] = await s.queued();
  assert.match(stored!.text, /Subject: =\?ISO-2022-JP\?B\?/);
  assert.match(stored!.text, /charset=ISO-2022-JP\r\nContent-Transfer-Encoding: 7bit/);
});

test('a raw message goes as it is, and its Bcc stays here', async () => {
  await using s = await open();
  const raw = Buffer.from(
    'From: shop@here.test\nBcc: secret@there.test\nSubject: raw\nMessage-ID: <r@here.test>\n\nHello\n',
  );
  const body = { from: 'shop@here.test', to: 'a@there.test', raw: raw.toString('base64') };
  const sent = await s.call('POST', '/v1/messages', { body });
  assert.deepEqual([sent.status, sent.body.messageId], [202, '<r@here.test>']);
  const [stored] = await s.queued();
  assert.match(stored!.text, /\r\nSubject: raw\r\n/);
  assert.doesNotMatch(stored!.text, /secret/);
  const both = await s.call('POST', '/v1/messages', { body: { ...body, subject: 'too' } });
  assert.deepEqual([both.status, both.body.errors[0].at], [422, 'subject']);
  const foreign = { ...body, raw: Buffer.from('From: x@there.test\r\n\r\nHello').toString('base64') };
  assert.equal((await s.call('POST', '/v1/messages', { body: foreign })).status, 403);
});

test('the same key is the same mail, whatever happens: answered to the letter, refused with other content', async () => {
  await using s = await open();
  const headers = { 'idempotency-key': 'order-42' };
  const all = await Promise.all(
    Array.from({ length: 8 }, () => s.call('POST', '/v1/messages', { body: mail, headers })),
  );
  assert.deepEqual(new Set(all.map(({ status }) => status)), new Set([202]));
  assert.equal(new Set(all.map(({ text }) => text)).size, 1);
  assert.equal((await s.queued()).length, 1);
  const again = await s.call('POST', '/v1/messages', {
    body: { text: mail.text, subject: mail.subject, to: mail.to, from: mail.from },
    headers,
  });
  assert.deepEqual([again.text, again.headers['idempotent-replayed']], [all[0]!.text, 'true']);
  const other = await s.call('POST', '/v1/messages', { body: { ...mail, text: 'other' }, headers });
  assert.deepEqual([other.status, other.body.type], [409, 'urn:hikyaku:problem:keyUsed']);
  s.t.clock.advance(73 * hourMs);
  const later = await s.call('POST', '/v1/messages', { body: mail, headers });
  assert.notEqual(later.body.id, again.body.id);
  assert.equal(
    (await s.call('POST', '/v1/messages', { body: mail, headers: { 'idempotency-key': 'x'.repeat(257) } }))
      .status,
    422,
  );
});

test('a dry run checks everything and keeps nothing', async () => {
  await using s = await open();
  const shown = await s.call('POST', '/v1/messages?dryRun=true', {
    body: { ...mail, subject: 'Hi {{ name }}', data: { name: '太郎' } },
  });
  assert.deepEqual([shown.status, shown.body.subject, shown.body.dryRun], [200, 'Hi 太郎', true]);
  assert.match(Buffer.from(shown.body.raw, 'base64').toString(), /^From: Shop <shop@here.test>\r\n/);
  assert.equal(
    (await s.call('POST', '/v1/messages?dryRun=true', { body: { ...mail, from: 'x@there.test' } })).status,
    403,
  );
  assert.deepEqual(await s.queued(), []);
});

test('a batch has a result for each item, and sends none twice when it comes again', async () => {
  await using s = await open();
  const body = {
    message: { from: mail.from, subject: 'Hi {{ name }}', text: '{{ name }}: {{ n }}', data: { n: 7 } },
    items: [
      { to: 'a@there.test', data: { name: 'A' } },
      { to: 'not an address', data: { name: 'B' } },
      { to: 'c@there.test', data: {} },
      { to: 'd@there.test', data: { name: 'D' }, subject: 'Own' },
    ],
  };
  const headers = { 'idempotency-key': 'b1' };
  const sent = await s.call('POST', '/v1/batches', { body, headers });
  assert.equal(sent.status, 200, sent.text);
  assert.deepEqual([sent.body.accepted, sent.body.refused], [2, 2]);
  assert.deepEqual(
    sent.body.items.map((item: Record<string, unknown>) => item['accepted']),
    [true, false, false, true],
  );
  assert.equal(sent.body.items[1].problem.errors[0].at, 'to');
  assert.match(sent.body.items[2].problem.detail, /name/);
  const texts = (await s.queued()).map(({ text }) => text).join('');
  assert.match(texts, /Subject: Hi A\r\n[^]*\r\nA: 7\r\n/);
  assert.match(texts, /Subject: Own\r\n/);
  const again = await s.call('POST', '/v1/batches', { body, headers });
  assert.deepEqual([again.text, (await s.queued()).length], [sent.text, 2]);
});

test('templates have versions, are tried, and are used by name', async () => {
  await using s = await open();
  const put = (body: object) => s.call('PUT', '/v1/templates/welcome', { body });
  assert.equal((await put({ subject: 'Hi {{ name }}', text: 'one' })).body.version, 1);
  assert.equal(
    (await put({ subject: 'Hello {{ name }}', html: '<b>{{ name }}</b>', strict: true })).body.version,
    2,
  );
  const broken = await put({ text: '{% if %}' });
  assert.deepEqual([broken.status, broken.body.errors[0].at], [422, 'text']);
  const tried = await s.call('POST', '/v1/templates/welcome/render', { body: { data: { name: '<x>' } } });
  assert.deepEqual(tried.body, { subject: 'Hello <x>', html: '<b>&lt;x&gt;</b>' });
  const use = (template: object, data: object) =>
    s.call('POST', '/v1/messages?dryRun=true', {
      body: { from: mail.from, to: 'a@there.test', template, data },
    });
  assert.equal((await use({ name: 'welcome' }, { name: 'A' })).body.subject, 'Hello A');
  assert.equal((await use({ name: 'welcome', version: 1 }, { name: 'A' })).body.subject, 'Hi A');
  assert.equal((await use({ name: 'welcome' }, { name: '' })).status, 422);
  assert.equal((await use({ name: 'none' }, {})).status, 404);
  assert.equal((await s.call('GET', '/v1/templates')).body.items.length, 1);
  assert.equal((await s.call('DELETE', '/v1/templates/welcome')).status, 204);
  assert.equal((await s.call('GET', '/v1/templates/welcome')).status, 404);
});

test('mail for later can be moved and taken back until it goes', async () => {
  await using s = await open({ deliver: async (attempt) => all(attempt, delivered) });
  const startMs = systemClock.nowMs();
  const at = (hours: number) => new Date(startMs + hours * hourMs).toISOString();
  const sent = await s.call('POST', '/v1/messages', { body: { ...mail, sendAt: at(5) } });
  assert.equal(sent.body.status, 'scheduled');
  const url = `/v1/messages/${sent.body.id}`;
  assert.equal((await s.call('GET', url)).body.recipients[0].status, 'scheduled');
  const moved = await s.call('PATCH', url, { body: { sendAt: at(48) } });
  assert.equal(moved.status, 200, moved.text);
  assert.equal(moved.body.sendAt, at(48));
  assert.equal((await s.call('PATCH', url, { body: { sendAt: at(24 * 31) } })).status, 422);
  assert.equal((await s.call('PATCH', url, { body: { sendAt: 'tomorrow' } })).status, 422);
  assert.equal((await s.call('DELETE', url)).status, 204);
  assert.equal((await s.call('GET', url)).body.recipients[0].status, 'cancelled');
  assert.equal((await s.call('DELETE', url)).status, 409);
  assert.equal((await s.call('DELETE', '/v1/messages/00000000000000000000')).status, 404);
  assert.equal(
    (await s.call('POST', '/v1/messages', { body: { ...mail, sendAt: at(24 * 31) } })).status,
    422,
  );
});

test('keys do what their scopes say, from their domains, streams and networks', async () => {
  await using s = await open();
  const { t } = s;
  await t.office.domains.create(systemActor, t.org.id, { name: 'news.test' });
  assert.equal((await s.call('PUT', '/v1/streams/newsletter', { body: { kind: 'bulk' } })).status, 200);
  const reader = await s.makeKey(['messages:read']);
  const narrow = await s.makeKey(['send'], {
    domains: ['news.test'],
    streams: ['newsletter'],
    networks: ['192.0.2.0/24'],
  });
  const send = (key: string, more: object = {}, headers = {}) =>
    s.call('POST', '/v1/messages', { key, headers, body: { ...mail, from: 'a@news.test', ...more } });
  assert.equal((await send(reader)).status, 403);
  assert.equal((await s.call('GET', '/v1/messages', { key: narrow })).status, 403);
  const sent = await send(narrow);
  assert.deepEqual([sent.status, sent.body.stream], [202, 'newsletter']);
  assert.match((await s.queued())[0]!.data, /^\[1,"[^"]+",1,/, 'as bulk');
  assert.equal((await send(narrow, { stream: 'transactional' })).status, 403);
  assert.equal((await send(narrow, { from: 'a@here.test' })).status, 403);
  assert.equal((await send(narrow, {}, { 'x-from': '198.51.100.1' })).status, 401);
  assert.equal((await send(s.key, { stream: 'none' })).status, 422);
  assert.equal((await send('')).status, 401);
  assert.equal((await send(s.key, {}, { 'x-plain': '1' })).status, 403);
  assert.equal((await send(s.key, { from: 'a@there.test' })).status, 403);
  assert.equal((await send(s.key, {}, { 'sec-fetch-site': 'cross-site' })).status, 403);
});

test('another organisation sees nothing of it', async () => {
  await using s = await open();
  const { body } = await s.call('POST', '/v1/messages', { body: mail });
  const other = await s.t.office.orgs.create(systemActor, { name: 'Other' });
  const { key } = await s.t.office.keys.create(systemActor, other.id, { name: 'k', scopes: ['all'] });
  assert.equal((await s.call('GET', `/v1/messages/${body.id}`, { key })).status, 404);
  assert.equal((await s.call('DELETE', `/v1/messages/${body.id}`, { key })).status, 404);
  assert.deepEqual((await s.call('GET', '/v1/messages', { key })).body.items, []);
  assert.equal((await s.call('POST', '/v1/messages', { key, body: mail })).status, 403);
});

test('what is wrong is told with its place', async () => {
  await using s = await open();
  const wrong: [object, number, string][] = [
    [{ ...mail, to: [] }, 422, 'to'],
    [{ ...mail, to: ['a@there.test', 'b@'] }, 422, 'to.1'],
    [{ ...mail, to: 'a@there.test, b@there.test' }, 422, 'to'],
    [{ ...mail, subject: 'a\r\nBcc: x@there.test' }, 422, 'subject'],
    [{ ...mail, headers: { Bcc: 'x@there.test' } }, 422, 'headers.Bcc'],
    [{ ...mail, headers: { 'X-A': 'a\r\nB: c' } }, 422, 'headers.X-A'],
    [{ ...mail, headers: { 'X A': 'a' } }, 422, 'headers.X A'],
    [{ ...mail, attachments: [{ filename: 'a', content: '§' }] }, 422, 'attachments.0.content'],
    [{ ...mail, attachments: [{ filename: 'a' }] }, 422, 'attachments.0'],
    [{ ...mail, attachments: [{ url: 'https://10.0.0.1/' }] }, 422, 'attachments.0.url'],
    [{ ...mail, unsubscribe: { url: 'http://here.test/' } }, 422, 'unsubscribe.url'],
    [{ ...mail, text: undefined }, 422, 'text'],
    [{ ...mail, colour: 'red' }, 422, 'colour'],
  ];
  for (const [body, status, at] of wrong) {
    const answer = await s.call('POST', '/v1/messages', { body });
    assert.equal(answer.status, status, answer.text);
    assert.equal(answer.body.errors[0].at, at, answer.text);
    assert.equal(answer.headers['content-type'], 'application/problem+json; charset=utf-8');
  }
  assert.deepEqual(await s.queued(), []);
});

test('routes to programs and domains of bounces are of the organisation', async () => {
  await using s = await open();
  const body = { address: 'support@here.test', url: 'https://app.test/in' };
  const made = await s.call('POST', '/v1/inbound-routes', { body });
  assert.deepEqual(
    [made.status, made.body.address, made.body.attachmentsMaxBytes],
    [201, body.address, 10_485_760],
  );
  assert.match(made.body.secret, /^whsec_/);
  const listed = await s.call('GET', '/v1/inbound-routes');
  assert.equal(listed.body.items.length, 1);
  const rotated = await s.call('POST', `/v1/inbound-routes/${made.body.id}/rotate`, { body: {} });
  assert.match(rotated.body.secret, /^whsec_/);
  assert.notEqual(rotated.body.secret, made.body.secret);
  const after = await s.call('GET', '/v1/inbound-routes');
  assert.doesNotMatch(listed.text + after.text, /whsec_|previous/, 'secrets are told once');
  assert.equal(
    (await s.call('POST', '/v1/inbound-routes', { body: { ...body, url: 'http://a/' } })).status,
    422,
  );
  const other = await s.t.office.orgs.create(systemActor, { name: 'Other' });
  const { key } = await s.t.office.keys.create(systemActor, other.id, { name: 'k', scopes: ['all'] });
  assert.deepEqual((await s.call('GET', '/v1/inbound-routes', { key })).body.items, []);
  assert.equal((await s.call('POST', '/v1/inbound-routes', { key, body })).status, 422);
  const url = `/v1/inbound-routes/${made.body.id}`;
  assert.equal((await s.call('DELETE', url, { key })).status, 404);
  assert.equal((await s.call('POST', `${url}/rotate`, { key, body: {} })).status, 404);
  assert.equal((await s.call('DELETE', url)).status, 204);
  const put = await s.call('PUT', '/v1/sending-domains/returnPath', { body: { name: 'bounce.here.test' } });
  assert.deepEqual([put.status, put.body.records[0].state], [200, 'missing']);
  assert.equal((await s.call('GET', '/v1/sending-domains')).body.items[0].name, 'bounce.here.test');
  const taken = await s.call('PUT', '/v1/sending-domains/tracking', {
    key,
    body: { name: 'bounce.here.test' },
  });
  assert.equal(taken.status, 409);
  assert.equal((await s.call('DELETE', '/v1/sending-domains/returnPath')).status, 204);
});

test('who asks too often is told when to come again', async () => {
  let left = 2;
  const fullAtUs = (1_800_000_000_000 + 3_600_000) * 1000;
  await using s = await open({
    requestsPerMinute: 12,
    drawRequests: async () => ({ granted: left-- > 0 ? 1 : 0, fullAtUs }),
  });
  const first = await s.call('GET', '/v1/messages');
  assert.equal(first.headers['ratelimit-policy'], '"requests";q=2;w=10');
  assert.match(String(first.headers['ratelimit']), /^"requests";r=\d+;t=\d+$/);
  await s.call('GET', '/v1/messages');
  const third = await s.call('GET', '/v1/messages');
  assert.equal(third.status, 429);
  assert.match(String(third.headers['retry-after']), /^[1-9]\d*$/);
});

test('a test key sends to the simulator alone', async () => {
  await using s = await open();
  const key = await s.makeKey(['send'], { test: true });
  const sent = await s.call('POST', '/v1/messages', { key, body: mail });
  assert.equal(sent.body.test, true);
  const { t } = s;
  const items = await t.store.read(() =>
    rows<{ destination: string }>('select distinct destination from queue_entry'),
  );
  assert.deepEqual(
    items.map(({ destination }) => destination),
    ['simulator.test'],
  );
});

test('an account sends as itself by its password', async () => {
  await using s = await open();
  await s.t.office.accounts.create(systemActor, s.t.org.id, {
    name: 'alice@here.test',
    password: 'correct horse',
  });
  const headers = {
    authorization: `Basic ${Buffer.from('alice@here.test:correct horse').toString('base64')}`,
  };
  const send = (from: string) =>
    s.call('POST', '/v1/messages', { key: '', headers, body: { ...mail, from } });
  assert.equal((await send('alice@here.test')).status, 202);
  assert.equal((await send('bob@here.test')).status, 403);
  assert.equal((await s.call('GET', '/v1/messages', { key: '', headers })).status, 403);
});

describePostgres('the send API on PostgreSQL', (openPostgres) => {
  test('keys of idempotency, batches, templates and lists are as on SQLite', async () => {
    await using s = await openTestSend({
      store: await openPostgres({ migrations: sendMigrations, operations: sendOperations }),
      deliver: async (attempt) => all(attempt, delivered),
    });
    const headers = { 'idempotency-key': 'k' };
    const answers = await Promise.all(
      [1, 2, 3, 4].map(() => s.call('POST', '/v1/messages', { body: mail, headers })),
    );
    assert.deepEqual(
      new Set(answers.map(({ text }) => text)).size,
      1,
      answers.map(({ text }) => text).join('\n'),
    );
    assert.equal(answers[0]!.status, 202, answers[0]!.text);
    assert.equal((await s.call('PUT', '/v1/templates/t', { body: { text: '{{ a }}' } })).body.version, 1);
    const items = ['1', '2'].map((a) => ({ to: 'a@there.test', data: { a } }));
    const body = { message: { from: mail.from, template: { name: 't' } }, items };
    assert.equal(
      (await s.call('POST', '/v1/batches', { body, headers: { 'idempotency-key': 'b' } })).body.accepted,
      2,
    );
    const page = await s.call('GET', '/v1/messages?limit=2');
    const rest = await s.call('GET', `/v1/messages?limit=2&cursor=${page.body.next}`);
    assert.deepEqual([page.body.items.length, rest.body.items.length], [2, 1]);
  });
});
