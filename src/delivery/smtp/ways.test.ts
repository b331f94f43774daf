/** Ways out: connections are counted in and out, leave by the addresses of their source, and carry so many messages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Attempt, AttemptResult } from '../../queue/attempt.ts';
import type { Way } from '../../queue/gate.ts';
import { remoteTo, testAttempt, testServer } from '../testing.ts';

interface Counting extends Way {
  most: number;
  inUse: number;
  highest: number;
}

function counting(most: number, more: Partial<Way> = {}): Counting {
  const way: Counting = {
    source: 'one',
    localAddresses: [],
    connectionMessages: 100,
    most,
    inUse: 0,
    highest: 0,
    ...more,
    open: () => {
      if (way.inUse >= way.most) return false;
      way.inUse += 1;
      way.highest = Math.max(way.highest, way.inUse);
      return true;
    },
    closed: () => void (way.inUse -= 1),
  };
  return way;
}

async function until(isSo: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3000 && !isSo(); tries++)
    await new Promise((resolve) => setTimeout(resolve, 5));
  assert.ok(isSo());
}

const toldOf = ({ outcomes }: AttemptResult): string[] => outcomes.map((outcome) => outcome.is);
const by = (way: Way, attempt: Attempt): Attempt => ({ ...attempt, way });

test('no more connections than the way lets open, and each is counted out once', async () => {
  await using server = await testServer();
  const remote = remoteTo(server.port);
  const { site } = await remote.route('there.test');
  const way = counting(2);
  const sent = Array.from({ length: 30 }, (_, i) =>
    remote.deliver(by(way, testAttempt([`${i}@there.test`], { site, connectionsMax: 20 }))),
  );
  assert.deepEqual([...new Set((await Promise.all(sent)).flatMap(toldOf))], ['delivered']);
  assert.equal(way.highest, 2);
  remote.stop();
  await until(() => way.inUse === 0);
});

test('mail that is allowed no connection waits, and goes as soon as it is', async () => {
  await using server = await testServer();
  const remote = remoteTo(server.port);
  const { site } = await remote.route('there.test');
  const way = counting(0);
  const sent = remote.deliver(by(way, testAttempt(['a@there.test'], { site })));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(server.connections, 0);
  way.most = 1;
  assert.deepEqual(toldOf(await sent), ['delivered']);
  remote.stop();
  await until(() => way.inUse === 0);
});

test('connections that never stand, or break, are counted out too', async () => {
  const way = counting(5);
  {
    await using server = await testServer({
      answer: (line, connection) => {
        if (line.startsWith('RCPT')) connection.destroy('test');
        return undefined;
      },
    });
    const remote = remoteTo(server.port);
    const { site } = await remote.route('there.test');
    assert.deepEqual(toldOf(await remote.deliver(by(way, testAttempt(['a@there.test'], { site })))), [
      'deferred',
    ]);
    assert.equal(way.inUse, 0);
    remote.stop();
  }
  const closed = remoteTo(1);
  const { site } = await closed.route('there.test');
  assert.deepEqual(toldOf(await closed.deliver(by(way, testAttempt(['a@there.test'], { site })))), [
    'deferred',
  ]);
  assert.equal(way.inUse, 0);
  closed.stop();
});

test('each source has its own connections, from its address and under its name, with so many messages', async () => {
  const seen: string[] = [];
  await using server = await testServer({
    answer: (line, connection) => {
      if (line.startsWith('EHLO')) seen.push(`${connection.peer.ip} ${line}`);
      return undefined;
    },
  });
  const remote = remoteTo(server.port);
  const { site } = await remote.route('there.test');
  const one = counting(5, { localAddresses: ['127.0.0.5'], hostname: 'five.test', connectionMessages: 2 });
  const two = counting(5, { source: 'two', localAddresses: ['127.0.0.6'] });
  for (let i = 0; i < 4; i++) await remote.deliver(by(one, testAttempt(['a@there.test'], { site })));
  await remote.deliver(by(two, testAttempt(['a@there.test'], { site })));
  assert.deepEqual(seen, [
    '127.0.0.5 EHLO five.test',
    '127.0.0.5 EHLO five.test',
    '127.0.0.6 EHLO here.test',
  ]);
  remote.stop();
  await until(() => one.inUse + two.inUse === 0);
});
