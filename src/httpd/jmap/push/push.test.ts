/** Push to real endpoints: a push service that decrypts, and event streams (RFC 8620, 7; RFC 8291, 8292). */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { test } from 'node:test';
import type { AccountId } from '../../../base/ids.ts';
import { simple } from '../../../mailbox/testing.ts';
import { onlyPublic } from '../../../net/dialer.ts';
import { TestReceiver } from '../../../proto/webpush/decrypt-testing.ts';
import { push } from './sender.ts';
import { openPushServer, type PushServer } from './testing.ts';

const soon = { timeout: 60_000 };

/** Mail comes in from a side that knows nothing of JMAP. */
async function mailComes({ jmap }: PushServer): Promise<void> {
  const { mailboxes } = jmap.api.parts;
  const account = jmap.account as AccountId;
  const inbox = (await mailboxes.find(account, 'INBOX'))!;
  await mailboxes.append(account, inbox.id, [simple('news')]);
}

async function verified(t: PushServer, more: object = {}): Promise<string> {
  const { created, notCreated } = await t.call('PushSubscription/set', {
    create: { p: { deviceClientId: 'd1', url: t.service, ...more } },
  });
  assert.ok(created?.p, JSON.stringify(notCreated));
  return created.p.id;
}

test(
  'a subscription is verified, then hears of mail that came by another way, encrypted and signed for',
  soon,
  async () => {
    await using t = await openPushServer();
    const receiver = new TestReceiver();
    await t.call('Mailbox/get', { accountId: t.jmap.account, ids: null });
    const id = await verified(t, { keys: receiver.keys, types: ['Email', 'EmailDelivery'] });
    const first = await t.next();
    assert.equal(first.path, '/for/me');
    assert.equal(first.headers['content-encoding'], 'aes128gcm');
    assert.match(String(first.headers['authorization']), /^vapid t=[\w-]+\.[\w-]+\.[\w-]+, k=[\w-]+$/);
    assert.ok(Number(first.headers['ttl']) > 0);
    const { verificationCode, ...rest } = JSON.parse(receiver.decrypt(first.body));
    assert.deepEqual(rest, { '@type': 'PushVerification', pushSubscriptionId: id });
    const set = (patch: object) => t.call('PushSubscription/set', { update: { [id]: patch } });
    assert.deepEqual((await set({ verificationCode: 'guessed' }))['notUpdated'][id].properties, [
      'verificationCode',
    ]);
    assert.deepEqual((await set({ verificationCode }))['updated'], { [id]: null });
    // The first message tells all states, so that nothing between is missed.
    const told = JSON.parse(receiver.decrypt((await t.next()).body));
    assert.equal(told['@type'], 'StateChange');
    assert.deepEqual(Object.keys(told.changed[t.jmap.account]).sort(), ['Email', 'EmailDelivery']);
    await mailComes(t);
    const { changed } = JSON.parse(receiver.decrypt((await t.next()).body));
    const { state } = await t.call('Email/get', { accountId: t.jmap.account, ids: [] });
    assert.equal(changed[t.jmap.account].Email, state);
    assert.notEqual(changed[t.jmap.account].EmailDelivery, told.changed[t.jmap.account].EmailDelivery);
    t.answer(410);
    await mailComes(t);
    await t.next();
    for (let i = 0; i < 400; i++) {
      const { list } = await t.call('PushSubscription/get');
      if (list.length === 0) return;
      await new Promise((resolve) => void setTimeout(resolve, 10));
    }
    assert.fail('a subscription that the service does not know any more stays');
  },
);

test('what a subscription may not be is told; its secrets are not; it expires', soon, async () => {
  await using t = await openPushServer();
  const create = async (more: object) =>
    await t.call('PushSubscription/set', {
      create: { p: { deviceClientId: 'd1', url: t.service, ...more } },
    });
  for (const [more, properties] of [
    [{ url: 'http://push.test/' }, ['url']],
    [{ url: 'https://user:pw@push.test/' }, ['url']],
    [{ url: 'ftp://push.test/' }, ['url']],
    [{ deviceClientId: '' }, ['deviceClientId']],
    [{ keys: { p256dh: 'x', auth: 'y' } }, ['keys']],
    [{ verificationCode: 'mine' }, ['verificationCode']],
    [{ expires: 'never' }, ['expires']],
    [{ types: ['Email', 3] }, ['types']],
    [{ colour: 'red' }, ['colour']],
  ] as const)
    assert.deepEqual((await create(more))['notCreated'].p.properties, properties, JSON.stringify(more));
  const long = await create({ expires: '2999-01-01T00:00:00Z' });
  assert.ok(Date.parse(long['created'].p.expires) < Date.now() + 31 * 86_400_000);
  const { id } = long['created'].p;
  await t.next();
  const get = (args: object) => t.call('PushSubscription/get', args);
  assert.equal((await get({ properties: ['url'] }))['type'], 'forbidden');
  assert.equal((await get({ properties: ['colour'] }))['type'], 'invalidArguments');
  const { list, notFound } = await get({ ids: [id, 'nope'] });
  assert.deepEqual(
    [Object.keys(list[0]).sort(), notFound],
    [['deviceClientId', 'expires', 'id', 'types', 'verificationCode'], ['nope']],
  );
  const set = (args: object) => t.call('PushSubscription/set', args);
  assert.deepEqual(
    (await set({ update: { [id]: { url: 'https://x.test/' } } }))['notUpdated'][id].properties,
    ['url'],
  );
  await set({ update: { [id]: { expires: '2001-01-01T00:00:00Z' } } });
  assert.deepEqual((await get({}))['list'], []);
  assert.equal((await set({ destroy: [id] }))['notDestroyed'][id].type, 'notFound');
});

test('nothing is sent into our own network, by address or by name', soon, async () => {
  await using open = await openPushServer();
  const { pushTarget } = open.jmap.api.parts;
  await using t = await openPushServer({ pushTarget: { ...pushTarget, guard: onlyPublic } });
  const create = async (url: string) =>
    await t.call('PushSubscription/set', { create: { p: { deviceClientId: 'd', url } } });
  for (const host of ['127.0.0.1', '[::1]', '10.0.0.1', '169.254.169.254'])
    assert.deepEqual((await create(`https://${host}/`))['notCreated'].p.properties, ['url'], host);
  // Where a name leads is seen when something is sent.
  assert.ok((await create(t.service)).created);
  const target = t.jmap.api.parts.pushTarget;
  assert.equal(await push(target, { url: t.service, keys: null }, {}), 'failed');
  assert.equal(await push(pushTarget, { url: t.service, keys: null }, {}), 'failed', 'not its certificate');
});

interface Stream {
  readonly response: IncomingMessage;
  next(): Promise<Record<string, string>>;
}

async function openStream(
  t: PushServer,
  query: string,
  headers: Record<string, string> = {},
): Promise<Stream> {
  const sent = request({
    host: '127.0.0.1',
    port: t.port,
    agent: false,
    path: `/jmap/eventsource?${query}`,
    headers: { authorization: t.jmap.as, ...headers },
  });
  sent.end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.setEncoding('utf8');
  const pieces = response[Symbol.asyncIterator]() as AsyncIterator<string>;
  let text = '';
  return {
    response,
    async next() {
      for (;;) {
        const end = text.indexOf('\n\n');
        if (end !== -1) {
          const lines = text.slice(0, end).split('\n');
          text = text.slice(end + 2);
          return Object.fromEntries(
            lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
          );
        }
        const { done, value } = await pieces.next();
        if (done) return { event: 'closed' };
        text += value;
      }
    },
  };
}

test(
  'an event stream tells changes of the types that were asked for, and what was missed while away',
  soon,
  async () => {
    await using t = await openPushServer();
    await t.call('Mailbox/get', { accountId: t.jmap.account, ids: null });
    const mail = await openStream(t, 'types=Email,Mailbox&closeafter=no&ping=0');
    assert.match(String(mail.response.headers['content-type']), /^text\/event-stream/);
    const contacts = await openStream(t, 'types=ContactCard&closeafter=state&ping=0');
    await mailComes(t);
    const event = await mail.next();
    assert.equal(event['event'], 'state');
    const { changed, '@type': type } = JSON.parse(event['data']!);
    assert.equal(type, 'StateChange');
    assert.deepEqual(Object.keys(changed[t.jmap.account]).sort(), ['Email', 'Mailbox']);
    await t.call('AddressBook/get', { accountId: t.jmap.account, ids: null });
    await t.call('ContactCard/set', {
      accountId: t.jmap.account,
      create: { c: { addressBookIds: { b1: true }, name: { full: 'x' } } },
    });
    const card = JSON.parse((await contacts.next())['data']!);
    assert.deepEqual(Object.keys(card.changed[t.jmap.account]), ['ContactCard']);
    assert.equal((await contacts.next())['event'], 'closed');
    mail.response.destroy();
    await mailComes(t);
    const again = await openStream(t, 'types=Email&closeafter=state&ping=0', {
      'last-event-id': event['id']!,
    });
    const missed = JSON.parse((await again.next())['data']!);
    assert.notEqual(missed.changed[t.jmap.account].Email, changed[t.jmap.account].Email);
  },
);

test(
  'pings come when they were asked for; a query that is none is refused, and so is whoever is not known',
  soon,
  async () => {
    await using t = await openPushServer();
    const stream = await openStream(t, 'types=*&closeafter=no&ping=1');
    const ping = await stream.next();
    assert.deepEqual([ping['event'], ping['data']], ['ping', '{"interval":5}']);
    stream.response.destroy();
    for (const query of [
      'types=&closeafter=no&ping=0',
      'types=*&closeafter=x&ping=0',
      'types=*&closeafter=no&ping=-1',
    ])
      assert.equal((await openStream(t, query)).response.statusCode, 422, query);
    assert.equal((await openStream(t, 'types=*', { authorization: 'Basic eDp5' })).response.statusCode, 401);
  },
);
