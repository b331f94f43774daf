/** Two servers on one PostgreSQL: mail flows through both, and when one dies the other takes its queue. Nothing is lost, and nothing comes twice. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { testServer, type TestServer } from '../../src/delivery/testing.ts';
import { missingPostgres, startPostgres, type PostgresServer } from '../postgres-server.ts';
import { RunningServer } from '../running-server.ts';

const farHost = '127.0.0.2';
const mails = 20;
/** Far beyond a lease, for slow machines. */
const withinMs = 180_000;

const plan = (url: string, port: number) => ({
  listeners: { relay: { trustedNetworks: ['127.0.0.0/8'] }, http: {} },
  settings: {
    hostname: 'mx.here.test',
    store: { engine: 'postgres', url },
    threads: 1,
    delivery: { ownNetworksAllowed: true, port, mtaSts: false },
    dns: {
      zone: [
        { name: 'far.test', type: 'MX', data: '10 mx.far.test' },
        { name: 'mx.far.test', type: 'A', data: farHost },
      ],
    },
  },
});

async function send(server: RunningServer, name: string): Promise<void> {
  const transport = createTransport({
    host: '127.0.0.1',
    port: server.port('relay'),
    secure: false,
    ignoreTLS: true,
  });
  for (let i = 0; i < mails; i++)
    await transport.sendMail({
      from: 'alice@here.test',
      to: 'bob@far.test',
      subject: `${name}-${i}`,
      text: 'Hello',
    });
  transport.close();
}

async function until(what: string, done: () => boolean): Promise<void> {
  const endMs = performance.now() + withinMs;
  while (!done()) {
    assert.ok(performance.now() < endMs, what);
    await wait(50);
  }
}

describe('two nodes on one PostgreSQL', { skip: missingPostgres, timeout: 600_000 }, () => {
  let postgres: PostgresServer;
  let far: TestServer;
  let one: RunningServer;
  let two: RunningServer;
  /** While true, whoever names a recipient hears nothing. */
  let mute = false;

  before(async () => {
    postgres = await startPostgres();
    far = await testServer({
      host: farHost,
      answer: (line) => (mute && line.startsWith('RCPT') ? '' : undefined),
    });
    const url = postgres.database();
    // They are made one after the other, as a second node comes to a first; both have the same host name.
    one = await RunningServer.start(plan(url, far.port));
    two = await RunningServer.start(plan(url, far.port));
  });

  after(async () => {
    await one?.[Symbol.asyncDispose]();
    await two?.[Symbol.asyncDispose]();
    await far?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  });

  const subjects = (name: string): string[] =>
    far.texts
      .map((text) => /^Subject: (\S+)/m.exec(text)?.[1] ?? '')
      .filter((subject) => subject.startsWith(`${name}-`))
      .sort();
  const whole = (name: string): string[] => Array.from({ length: mails }, (_, i) => `${name}-${i}`).sort();

  test('mail goes through both', async () => {
    await Promise.all([send(one, 'first'), send(two, 'second')]);
    await until(
      'mail of both arrives',
      () => subjects('first').length + subjects('second').length >= 2 * mails,
    );
    assert.deepEqual(subjects('first'), whole('first'));
    assert.deepEqual(subjects('second'), whole('second'));
  });

  test('the queue of one that was killed goes on at the other, each mail once', async () => {
    mute = true;
    await send(one, 'orphan');
    await one.kill();
    mute = false;
    await send(two, 'meanwhile');
    await until('the other takes the queue of the dead one', () => subjects('orphan').length >= mails);
    await until('and goes on with its own', () => subjects('meanwhile').length >= mails);
    assert.deepEqual(subjects('orphan'), whole('orphan'));
    assert.deepEqual(subjects('meanwhile'), whole('meanwhile'));
  });

  test('one that comes back has its part of the queue again', async () => {
    await one.begin();
    await Promise.all([send(one, 'back'), send(two, 'still')]);
    await until(
      'mail of both arrives',
      () => subjects('back').length + subjects('still').length >= 2 * mails,
    );
    await two.stop();
    await send(one, 'alone');
    await until('mail of the only one arrives', () => subjects('alone').length >= mails);
    for (const name of ['back', 'still', 'alone', 'first', 'second', 'orphan', 'meanwhile'])
      assert.deepEqual(subjects(name), whole(name));
  });
});
