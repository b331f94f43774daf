import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { RunningServer } from '../../../test/running-server.ts';
import { Hikyaku, HikyakuError } from '../src/client.ts';

describe('against the server', () => {
  let server: RunningServer;
  let hikyaku: Hikyaku;

  before(async () => {
    server = await RunningServer.start({
      listeners: { http: {} },
      accounts: ['alice@here.test'],
    });
    const org = (JSON.parse(server.api('GET', '/api/v1/admin/orgs')) as { items: { id: string }[] }).items[0]!
      .id;
    const body = JSON.stringify({ name: 'client', scopes: ['send', 'messages:read', 'messages:manage'] });
    const made = JSON.parse(server.command('api', 'POST', `/api/v1/admin/orgs/${org}/api-keys`, body)) as {
      key: string;
    };
    hikyaku = new Hikyaku({ baseUrl: `http://127.0.0.1:${server.port('http')}`, apiKey: made.key });
  });
  after(() => server[Symbol.asyncDispose]());

  const mail = {
    from: 'Shop <shop@here.test>',
    to: 'delivered@simulator.test',
    subject: 'こんにちは',
    text: 'Hello',
  };

  async function until(id: string, status: string): Promise<string | undefined> {
    for (let i = 0; i < 300; i++) {
      const { recipients } = await hikyaku.message(id);
      if (recipients[0]?.status === status) return recipients[0].reply;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return assert.fail(`${id} is not ${status}: ${JSON.stringify(await hikyaku.message(id))}`);
  }

  test('mail is sent, and told of until it is delivered or not', async () => {
    const good = await hikyaku.send(mail);
    assert.equal(good.status, 'queued');
    await until(good.id, 'delivered');
    const gone = await hikyaku.send({ ...mail, to: 'docomo-unknown-user@simulator.test' });
    assert.equal(await until(gone.id, 'bounced'), '550 Unknown user docomo-unknown-user@simulator.test');
    const later = await hikyaku.send({ ...mail, to: 'mailbox-full@simulator.test' });
    assert.match((await until(later.id, 'deferred')) ?? '', /^452 4\.2\.2/);
    const seen = [];
    for await (const item of hikyaku.everyMessage({ limit: 1 })) seen.push(item.id);
    assert.deepEqual(seen, [later.id, gone.id, good.id]);
  });

  test('the same key is the same mail', async () => {
    const key = { idempotencyKey: 'order-1' };
    const [one, two] = await Promise.all([hikyaku.send(mail, key), hikyaku.send(mail, key)]);
    assert.deepEqual(one, two);
    await assert.rejects(
      hikyaku.send({ ...mail, text: 'else' }, key),
      (error: unknown) => error instanceof HikyakuError && error.type === 'urn:hikyaku:problem:keyUsed',
    );
  });

  test('batches, templates and mail for later', async () => {
    await hikyaku.putTemplate('welcome', { subject: 'Hi {{ name }}', html: '<p>{{ name }}</p>' });
    assert.deepEqual(await hikyaku.render('welcome', { data: { name: 'A&B' } }), {
      subject: 'Hi A&B',
      html: '<p>A&amp;B</p>',
    });
    const sent = await hikyaku.sendBatch({
      message: { from: mail.from, template: { name: 'welcome' } },
      items: [
        { to: 'a@simulator.test', data: { name: 'A' } },
        { to: 'b@', data: { name: 'B' } },
      ],
    });
    assert.deepEqual([sent.accepted, sent.refused], [1, 1]);
    const several = await hikyaku.sendAll([mail, { ...mail, to: 'b@' }]);
    assert.deepEqual([several.accepted, several.refused], [1, 1]);
    const inAnHour = new Date(Date.now() + 3_600_000);
    const later = await hikyaku.send({ ...mail, sendAt: inAnHour.toISOString() });
    const moved = await hikyaku.reschedule(later.id, new Date(inAnHour.getTime() + 60_000));
    assert.equal(moved.recipients[0]!.status, 'scheduled');
    await hikyaku.cancel(later.id);
    assert.equal((await hikyaku.message(later.id)).recipients[0]!.status, 'cancelled');
    assert.equal((await hikyaku.preview(mail)).subject, mail.subject);
    await hikyaku.deleteTemplate('welcome');
    await assert.rejects(hikyaku.template('welcome'), HikyakuError);
    await hikyaku.putStream('news', { kind: 'bulk' });
    assert.equal((await hikyaku.streams()).items.length, 3);
  });

  test('what is wrong is told with its place', async () => {
    const wrong = await hikyaku.send({ ...mail, to: ['a@there.test', 'b@'] }).then(
      () => assert.fail('it was sent'),
      (error: unknown) => error as HikyakuError,
    );
    assert.deepEqual([wrong.status, wrong.errors[0]!.at], [422, 'to.1']);
  });
});

describe('against a server that stumbles', () => {
  const seen: IncomingMessage[] = [];
  const answers: ((response: ServerResponse) => void)[] = [];
  const server = createServer((request, response) => {
    seen.push(request);
    request.resume().on('end', () => (answers.shift() ?? ((r) => r.end('{}')))(response));
  });
  let hikyaku: Hikyaku;

  before(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const baseUrl = `http://127.0.0.1:${port}/`;
    hikyaku = new Hikyaku({ baseUrl, apiKey: 'k', retries: 3, retryDelayMs: 1, timeoutMs: 2000 });
  });
  after(() => server.close());

  const mail = { from: 'a@here.test', to: 'b@there.test', text: '' };
  const no =
    (status: number, headers: Record<string, string> = {}) =>
    (response: ServerResponse) =>
      void response.writeHead(status, headers).end('busy');

  test('it is tried again with the same key: after lost connections, 429 and 5xx', async () => {
    seen.length = 0;
    answers.push((response) => response.destroy(), no(503), no(429, { 'retry-after': '0' }));
    await hikyaku.send(mail);
    const keys = new Set(seen.map(({ headers }) => headers['idempotency-key']));
    assert.deepEqual([seen.length, keys.size], [4, 1]);
    assert.match([...keys][0] as string, /^[0-9a-f-]{36}$/);
  });

  test('what the request is at fault for is not tried again, and at last it is told', async () => {
    seen.length = 0;
    answers.push(no(422));
    await assert.rejects(hikyaku.send(mail), HikyakuError);
    assert.equal(seen.length, 1);
    answers.push(no(500), no(500), no(500), no(502));
    await assert.rejects(
      hikyaku.send(mail),
      (error: unknown) => error instanceof HikyakuError && error.status === 502,
    );
    assert.equal(seen.length, 5);
  });

  test('a redirect does not get the key', async () => {
    answers.push(no(302, { location: 'http://127.0.0.1:1/' }), no(302), no(302), no(302));
    await assert.rejects(hikyaku.messages());
    answers.length = 0;
  });
});
