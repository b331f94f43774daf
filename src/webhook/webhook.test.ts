import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { forget, move } from '../events/ledger.ts';
import { operations as eventOperations, recordEvents } from '../events/operations.ts';
import type { MailEvent } from '../events/event.ts';
import type { MessageId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { systemClock } from '../base/clock.ts';
import { TestClock } from '../base/test-clock.ts';
import { onlyPublic } from '../net/dialer.ts';
import { createResolver } from '../net/resolver.ts';
import { WebPoster } from '../net/web-post.ts';
import { createZone } from '../net/zone.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { describePostgres } from '../../test/test-postgres.ts';
import { WebhookDesk } from './desk.ts';
import type { Endpoint, EndpointSettings } from './endpoint.ts';
import { migrations as own } from './migrations.ts';
import { operations as ownOperations } from './operations.ts';
import { SecretBox } from './secret-box.ts';
import { signatureHeaders } from './signature.ts';
import { Webhooks } from './webhooks.ts';

const migrations = [...eventMigrations, ...own];
const operations = [...eventOperations, ...ownOperations];
const resolver = createResolver({
  clock: systemClock,
  servers: [],
  zone: createZone({ records: [{ name: 'hooks.test', type: 'A', data: '127.0.0.1' }] }),
});

interface Heard {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Event {
  readonly id: string;
  readonly type: string;
  readonly data: { message: string; subject?: string; tags: string[]; recipient: string };
}

async function receiver(answer: (heard: Heard, response: ServerResponse) => void) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const one = { headers: request.headers, body: Buffer.concat(pieces).toString() };
      heard.push(one);
      answer(one, response);
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    heard,
    port: (server.address() as AddressInfo).port,
    events: (): Event[] =>
      heard.flatMap(({ body }) => {
        const told = JSON.parse(body) as Event & { data: Event[] };
        return told.type === 'batch' ? told.data : [told];
      }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

const settings = (port: number, more: Partial<EndpointSettings> = {}): EndpointSettings => ({
  url: `http://hooks.test:${port}/in`,
  description: '',
  events: [],
  streams: [],
  tags: [],
  batch: 1,
  ...more,
});

let number = 0;
const accepted = (message: string, org: string, tags: readonly string[] = [], stream = ''): MailEvent => ({
  is: 'accepted',
  atMs: systemClock.nowMs(),
  message: message as MessageId,
  org,
  recipient: '',
  data: {
    via: 'http',
    sender: 's@a.test',
    recipients: ['r@b.test'],
    sizeBytes: 1,
    headerMessageId: '<1@a.test>',
    subject: `Mail ${message}`,
    account: 's@a.test',
    login: { account: 'secret', credential: 'key:1' },
    labels: { tags, ...(stream === '' ? {} : { stream }) },
    peer: '',
    helo: '',
    tls: null,
    reply: '250',
  },
});
const delivered = (message: string, org: string, reply = `250 ${++number}`): MailEvent => ({
  is: 'delivered',
  atMs: systemClock.nowMs(),
  message: message as MessageId,
  org,
  recipient: 'r@b.test',
  data: { host: 'mx', ip: '', reply, ms: 1, tls: null, try: 1 },
});

async function put(store: Store, ...events: readonly MailEvent[]): Promise<void> {
  await store.write(recordEvents, events);
  await store.write(move, undefined);
  await store.write(forget, undefined);
}

async function until(what: string, done: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await done()) return;
    await wait(25);
  }
  assert.fail(what);
}

const box = new SecretBox('a master key');

class Lab implements AsyncDisposable {
  readonly store: Store;
  readonly clock = new TestClock(systemClock.nowMs());
  readonly poster = new WebPoster({ resolver, clock: systemClock, guard: () => true });
  readonly desk: WebhookDesk;
  readonly paused: string[] = [];
  #hooks: Webhooks | undefined;

  constructor(store: Store) {
    this.store = store;
    this.desk = new WebhookDesk({ store, clock: this.clock, box, poster: this.poster, plainHttp: true });
  }

  start(): Webhooks {
    const notify = async ({ id }: Endpoint, reason: string): Promise<void> =>
      void this.paused.push(`${id} ${reason}`);
    const { store, poster } = this;
    const clock = {
      nowMs: () => this.clock.nowMs(),
      monotonicMs: () => systemClock.monotonicMs(),
      after: systemClock.after.bind(systemClock),
    };
    this.#hooks = new Webhooks({ store, clock, log: silentLog, metrics: noMetrics, poster, box, notify });
    return this.#hooks;
  }

  async stop(): Promise<void> {
    await this.#hooks?.[Symbol.asyncDispose]();
    this.#hooks = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.poster[Symbol.dispose]();
    await this.store[Symbol.asyncDispose]();
  }
}

test('signatures are those of the Standard Webhooks', () => {
  const signed = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', timestamp: 1614265330, body: '{"test": 2432232314}' };
  const headers = signatureHeaders(signed, [
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  ]);
  const one = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  assert.equal(headers['webhook-signature'], `${one} ${one}`);
});

test('nothing is sent to a private address, however it is written or named, nor where a redirect leads', async () => {
  await using here = await receiver((_, response) =>
    response.writeHead(302, { location: 'http://127.0.0.1/' }).end(),
  );
  using guarded = new WebPoster({ resolver, clock: systemClock, guard: onlyPublic });
  const common = { headers: {}, body: '{}', timeoutMs: 5000, answerMaxBytes: 10 };
  for (const host of [
    'hooks.test',
    '127.0.0.1',
    '2130706433',
    '0x7f.1',
    '[::1]',
    '[::ffff:127.0.0.1]',
    '10.1.2.3',
    '169.254.169.254',
    '0.0.0.0',
    '[fd00::1]',
  ]) {
    const answer = await guarded.post({ ...common, url: new URL(`http://${host}:${here.port}/`) });
    assert.deepEqual([answer.is, 'reason' in answer && answer.reason], ['failure', 'notAllowed'], host);
  }
  assert.equal(here.heard.length, 0);
  using open = new WebPoster({ resolver, clock: systemClock, guard: () => true });
  const answer = await open.post({ ...common, url: new URL(`http://hooks.test:${here.port}/`) });
  assert.ok(answer.is === 'answer');
  assert.deepEqual([answer.status, here.heard.length], [302, 1]);
});

test('of a long answer the beginning is read, and a silent server is given up', async () => {
  await using long = await receiver((_, response) => response.end('x'.repeat(100_000)));
  await using silent = await receiver(() => {});
  using poster = new WebPoster({ resolver, clock: systemClock, guard: () => true });
  const common = { headers: {}, body: '{}', answerMaxBytes: 10 };
  const answer = await poster.post({
    ...common,
    timeoutMs: 5000,
    url: new URL(`http://hooks.test:${long.port}/`),
  });
  assert.equal(answer.is === 'answer' && answer.body.length, 10);
  const none = await poster.post({
    ...common,
    timeoutMs: 50,
    url: new URL(`http://hooks.test:${silent.port}/`),
  });
  assert.equal(none.is === 'failure' && none.reason, 'timeout');
});

function webhookContract(open: () => Promise<Store>): void {
  test('an endpoint is told what happens to its organisation’s mail, signed, with what is known of the message', async () => {
    await using lab = new Lab(await open());
    await using here = await receiver((_, response) => response.end('ok'));
    await put(lab.store, accepted('m0', 'a'));
    const { endpoint, secret } = await lab.desk.add('a', settings(here.port), { by: 'x' });
    void lab.start();
    await put(
      lab.store,
      accepted('m1', 'a', ['one'], 'receipts'),
      accepted('m2', 'b'),
      delivered('m0', 'a'),
      delivered('m1', 'a'),
    );
    await until('three events', () => here.heard.length === 3);
    const told = here.events();
    assert.deepEqual(told.map(({ type, data }) => `${type} ${data.message} ${data.subject}`).toSorted(), [
      'message.accepted m1 Mail m1',
      'message.delivered m0 Mail m0',
      'message.delivered m1 Mail m1',
    ]);
    const mine = here.heard.filter(({ body }) => body.includes('"m1"'));
    assert.deepEqual(
      mine.map(({ body }) => (JSON.parse(body) as Event).type),
      ['message.accepted', 'message.delivered'],
    );
    assert.deepEqual((JSON.parse(mine[1]!.body) as Event).data.tags, ['one']);
    assert.equal(
      here.heard.some(({ body }) => body.includes('secret')),
      false,
    );
    const { headers, body } = mine[0]!;
    const timestamp = Number(headers['webhook-timestamp']);
    const expected = signatureHeaders({ id: String(headers['webhook-id']), timestamp, body }, [secret]);
    assert.equal(headers['webhook-signature'], expected['webhook-signature']);
    assert.equal((JSON.parse(body) as Event).id, headers['webhook-id']);
    await until(
      'the history',
      async () => (await lab.desk.attempts('a', endpoint.id, 9e15, 10)).length === 3,
    );
    const [last] = await lab.desk.attempts('a', endpoint.id, 9e15, 10);
    assert.deepEqual([last?.status, last?.answer, last?.count], [200, 'ok', 1]);
  });

  test('kinds, streams and tags are chosen, and events come in batches', async () => {
    await using lab = new Lab(await open());
    await using here = await receiver((_, response) => response.end());
    const chosen = { events: ['message.delivered'], streams: ['receipts'], tags: ['yes'], batch: 10 };
    await lab.desk.add('a', settings(here.port, chosen), { by: 'x' });
    await put(
      lab.store,
      ...['n1', 'n2', 'n3'].flatMap((id) => [accepted(id, 'a', ['yes'], 'receipts'), delivered(id, 'a')]),
      accepted('n4', 'a', ['no'], 'receipts'),
      delivered('n4', 'a'),
      accepted('n5', 'a', ['yes'], 'other'),
      delivered('n5', 'a'),
    );
    void lab.start();
    await until('three events', () => here.events().length === 3);
    assert.deepEqual(
      here
        .events()
        .map(({ data }) => data.message)
        .toSorted(),
      ['n1', 'n2', 'n3'],
    );
    assert.equal(here.heard.length <= 3, true);
  });

  test('what is refused waits with all that follows of its message, others go on; later all comes in its order', async () => {
    await using lab = new Lab(await open());
    let bad = true;
    await using here = await receiver(({ body }, response) => {
      response.statusCode = bad && body.includes('"p1"') ? 422 : 200;
      response.end(bad ? 'no such column' : '');
    });
    const { endpoint } = await lab.desk.add('a', settings(here.port), { by: 'x' });
    await put(
      lab.store,
      accepted('p1', 'a'),
      delivered('p1', 'a', '250 first'),
      accepted('p2', 'a'),
      delivered('p2', 'a'),
    );
    void lab.start();
    await until('the others', () => here.events().filter(({ data }) => data.message === 'p2').length === 2);
    await put(lab.store, delivered('p1', 'a', '250 second'));
    await until('a try', () => here.events().some(({ data }) => data.message === 'p1'));
    await until('settled', async () => (await lab.desk.get('a', endpoint.id)).cursor === 5);
    const before = here.events().filter(({ data }) => data.message === 'p1');
    assert.deepEqual(
      before.map(({ type }) => type),
      ['message.accepted'],
    );
    bad = false;
    await lab.clock.advance(60_000);
    await until('all of it', () => here.events().filter(({ data }) => data.message === 'p1').length === 4);
    const replies = here
      .events()
      .filter(({ data }) => data.message === 'p1')
      .slice(1);
    assert.deepEqual(
      replies.map(({ data }) => (data as unknown as { reply: string }).reply),
      ['250', '250 first', '250 second'],
    );
    assert.equal(replies[0]?.id, before[0]?.id);
  });

  test('what is refused for three days is given up to a list, from which it can be told again', async () => {
    await using lab = new Lab(await open());
    let bad = true;
    await using here = await receiver((_, response) => {
      response.statusCode = bad ? 400 : 200;
      response.end('bad <\u0007>');
    });
    const { endpoint } = await lab.desk.add('a', settings(here.port), { by: 'x' });
    await put(lab.store, accepted('d1', 'a'));
    void lab.start();
    await until('parked', async () => (await lab.desk.get('a', endpoint.id)).cursor === 1);
    await lab.clock.advance(73 * 3_600_000);
    await until('dead', async () => (await lab.desk.dead('a', endpoint.id, 0, 10)).length === 1);
    assert.match((await lab.desk.dead('a', endpoint.id, 0, 10))[0]!.last, /^400 bad < >$/);
    bad = false;
    const count = here.heard.length;
    assert.equal(await lab.desk.revive('a', endpoint.id, []), 1);
    await until('told', () => here.heard.length > count);
    assert.deepEqual(await lab.desk.dead('a', endpoint.id, 0, 10), []);
  });

  test('an endpoint that is away loses nothing; away for three days it is paused and said so; resumed it goes on', async () => {
    await using lab = new Lab(await open());
    let bad = true;
    await using here = await receiver((_, response) => {
      response.statusCode = bad ? 503 : 200;
      response.end();
    });
    const { endpoint } = await lab.desk.add('a', settings(here.port), { by: 'x' });
    await put(lab.store, accepted('e1', 'a'), accepted('e2', 'a'));
    void lab.start();
    await until('failing', async () => (await lab.desk.get('a', endpoint.id)).failingSinceMs > 0);
    await lab.stop();
    await lab.clock.advance(73 * 3_600_000);
    void lab.start();
    await until('paused', async () => (await lab.desk.get('a', endpoint.id)).state === 'paused');
    assert.deepEqual(lab.paused, [`${endpoint.id} failing`]);
    bad = false;
    const before = here.heard.length;
    await lab.desk.resume('a', endpoint.id);
    await until('both', () => here.heard.length >= before + 2);
    assert.deepEqual(
      new Set(
        here
          .events()
          .slice(before)
          .map(({ data }) => data.message),
      ),
      new Set(['e1', 'e2']),
    );
    assert.equal((await lab.desk.get('a', endpoint.id)).reason, '');
  });

  test('all is told again from a time on, or single events, and only the own ones', async () => {
    await using lab = new Lab(await open());
    await using here = await receiver((_, response) => response.end());
    await put(lab.store, accepted('f1', 'a'), accepted('f2', 'b'), accepted('f3', 'a'));
    const { endpoint } = await lab.desk.add('a', settings(here.port), { by: 'x' });
    void lab.start();
    await lab.desk.replayFrom('a', endpoint.id, 0);
    await until('two', () => here.heard.length === 2);
    assert.equal(await lab.desk.replayEvents('a', endpoint.id, [1, 2]), 1);
    await until('one more', () => here.heard.length === 3);
    assert.equal(here.events()[2]?.data.message, 'f1');
    assert.equal(here.events()[2]?.id, here.events().find(({ data }) => data.message === 'f1')?.id);
  });

  test('a new secret signs beside the old one for a while', async () => {
    await using lab = new Lab(await open());
    await using here = await receiver((_, response) => response.end());
    const { endpoint, secret } = await lab.desk.add('a', settings(here.port), { by: 'x' });
    const next = await lab.desk.rotate('a', endpoint.id, 60_000);
    void lab.start();
    await put(lab.store, accepted('s1', 'a'));
    await until('told', () => here.heard.length === 1);
    const signatures = (index: number): string[] =>
      String(here.heard[index]!.headers['webhook-signature']).split(' ');
    assert.equal(signatures(0).length, 2);
    for (const one of [secret, next]) {
      const { headers, body } = here.heard[0]!;
      const signed = {
        id: String(headers['webhook-id']),
        timestamp: Number(headers['webhook-timestamp']),
        body,
      };
      assert.equal(signatures(0).includes(signatureHeaders(signed, [one])['webhook-signature']!), true);
    }
    await lab.clock.advance(61_000);
    await put(lab.store, accepted('s2', 'a'));
    await until('told', () => here.heard.length === 2);
    assert.equal(signatures(1).length, 1);
    const kept = await lab.desk.get('a', endpoint.id);
    assert.equal(JSON.stringify(kept).includes('whsec'), false);
  });

  test('an endpoint has one sender; another takes it when the first has gone', async () => {
    await using lab = new Lab(await open());
    await using here = await receiver((_, response) => response.end());
    await lab.desk.add('a', settings(here.port), { by: 'x' });
    const first = lab.start();
    await put(lab.store, accepted('g1', 'a'));
    await until('told', () => here.heard.length === 1);
    const second = lab.start();
    await put(lab.store, accepted('g2', 'a'));
    await until('told', () => here.heard.length === 2);
    await wait(500);
    assert.equal(here.heard.length, 2);
    await first[Symbol.asyncDispose]();
    await second[Symbol.asyncDispose]();
    void lab.start();
    await put(lab.store, accepted('g3', 'a'));
    await until('told', () => here.heard.length === 3);
  });

  test('endpoints are checked, and are nobody else’s', async () => {
    await using lab = new Lab(await open());
    const { desk } = lab;
    const bad = (more: Partial<EndpointSettings>) => desk.add('a', settings(1, more), { by: 'x' });
    for (const url of [
      'ftp://x.test/',
      'nothing',
      'https://u:p@x.test/',
      'https://x.test/#a',
      `https://x.test/${'a'.repeat(1000)}`,
    ])
      await assert.rejects(bad({ url }), { reason: 'invalid' });
    await assert.rejects(bad({ events: ['message.x y'] }), { reason: 'invalid' });
    await assert.rejects(desk.add('a', settings(1), { by: 'x', secret: 'whsec_short' }), {
      reason: 'invalid',
    });
    const { endpoint } = await desk.add('a', settings(1), { by: 'x' });
    for (const deed of [
      () => desk.get('b', endpoint.id),
      () => desk.edit('b', endpoint.id, { batch: 2 }),
      () => desk.pause('b', endpoint.id),
      () => desk.rotate('b', endpoint.id, 0),
      () => desk.attempts('b', endpoint.id, 1, 1),
      () => desk.replayEvents('b', endpoint.id, [1]),
      () => desk.drop('b', endpoint.id),
    ])
      await assert.rejects(deed, { reason: 'notFound' });
    assert.equal((await desk.edit('a', endpoint.id, { batch: 5 })).settings.batch, 5);
    await desk.drop('a', endpoint.id);
    assert.deepEqual(await desk.list('a'), []);
  });
}

describe('webhooks on SQLite', () => webhookContract(() => openTestStore({ migrations, operations })));
describePostgres('webhooks on PostgreSQL', (open) => webhookContract(() => open({ migrations, operations })));
