import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Outcome } from '../../queue/attempt.ts';
import type { RouteOption } from '../options.ts';
import { deliverTo, remoteTo, testAttempt, testServer } from '../testing.ts';

const told = (outcome: Outcome): string =>
  outcome.is === 'delivered'
    ? `delivered ${outcome.event?.host}`
    : 'answer' in outcome
      ? `${outcome.is} ${outcome.answer.reply}`
      : outcome.is;

/** A port of this machine that nobody listens on. */
async function closedPort(): Promise<number> {
  await using server = await testServer();
  return server.port;
}

test('a smart host takes what the servers of the domain cannot be reached for, and they are left alone for a while', async () => {
  await using smart = await testServer();
  const port = await closedPort();
  const routes: RouteOption[] = [
    { domains: ['*'], when: 'unreachable', hosts: [{ host: '127.0.0.1', port: smart.port }] },
  ];
  const remote = remoteTo(port, { routes, connectionIdleMs: 0 });
  const { outcomes } = await deliverTo(remote, ['a@there.test']);
  assert.deepEqual(outcomes.map(told), ['delivered 127.0.0.1']);
  assert.ok(outcomes[0]?.is === 'delivered' && outcomes[0].event?.dns?.some(({ type }) => type === 'MX'));
  assert.equal(outcomes[0].event?.detour, 'unreachable');
  remote.stop();
});

test('what a server of the domain says is its word: the smart host is not asked', async () => {
  await using smart = await testServer();
  await using server = await testServer({ banner: '421 4.3.2 Busy' });
  const routes: RouteOption[] = [
    { domains: ['*'], when: 'unreachable', hosts: [{ host: '127.0.0.1', port: smart.port }] },
  ];
  const remote = remoteTo(server.port, { routes });
  const { outcomes } = await deliverTo(remote, ['a@there.test']);
  assert.deepEqual(outcomes.map(told), ['deferred 421 4.3.2 Busy']);
  assert.equal(smart.connections, 0);
  remote.stop();
});

test('the second host of a route stands in for the first', async () => {
  await using second = await testServer();
  const hosts = [
    { host: '127.0.0.1', port: await closedPort() },
    { host: '127.0.0.1', port: second.port },
  ];
  const remote = remoteTo(25, { routes: [{ domains: ['there.test'], hosts }] });
  const { outcomes } = await deliverTo(remote, ['a@there.test']);
  assert.deepEqual(outcomes.map(told), ['delivered 127.0.0.1']);
  remote.stop();
});

test('mail leaves from the address that the route, or else all delivery, is told to use', async () => {
  const peers: string[] = [];
  await using server = await testServer({
    answer: (line, connection) => {
      if (line.startsWith('EHLO')) peers.push(connection.peer.ip);
      return undefined;
    },
  });
  const routes: RouteOption[] = [
    {
      domains: ['routed.test'],
      hosts: [{ host: '127.0.0.1', port: server.port }],
      localAddresses: ['127.0.0.3'],
    },
  ];
  const remote = remoteTo(server.port, { routes, localAddresses: ['127.0.0.2'] });
  await deliverTo(remote, ['a@there.test']);
  await deliverTo(remote, ['a@routed.test']);
  assert.deepEqual(peers, ['127.0.0.2', '127.0.0.3']);
  remote.stop();
});

test('two senders to one destination take two ways', async () => {
  await using shop = await testServer();
  await using others = await testServer();
  const routes: RouteOption[] = [
    { domains: ['*'], senders: ['shop.test'], hosts: [{ host: '127.0.0.1', port: shop.port }] },
  ];
  const remote = remoteTo(others.port, { routes });
  const send = async (sender: string): Promise<void> => {
    const { site } = await remote.route(remote.hopOf('there.test', sender));
    await remote.deliver(testAttempt(['a@there.test'], { site, sender }));
  };
  await send('a@shop.test');
  await send('b@here.test');
  await send('');
  const senders = (heard: readonly string[]) =>
    heard.filter((line) => line.startsWith('MAIL')).map((line) => line.split(' ')[1]);
  assert.deepEqual(senders(shop.heard), ['FROM:<a@shop.test>']);
  assert.deepEqual(senders(others.heard), ['FROM:<b@here.test>', 'FROM:<>']);
  remote.stop();
});

test('where port 25 is closed the smart host is taken at once, and the journey says why', async () => {
  await using smart = await testServer();
  await using server = await testServer();
  const routes: RouteOption[] = [
    { domains: ['*'], when: 'unreachable', hosts: [{ host: '127.0.0.1', port: smart.port }] },
  ];
  let closed = true;
  const remote = remoteTo(server.port, { routes, connectionIdleMs: 0, connectionMessagesMax: 1 }, [], {
    port25Closed: () => closed,
  });
  const first = await deliverTo(remote, ['a@there.test']);
  assert.ok(first.outcomes[0]?.is === 'delivered');
  assert.equal(first.outcomes[0].event?.detour, 'port25Closed');
  assert.deepEqual([smart.connections, server.connections], [1, 0]);
  closed = false;
  const second = await deliverTo(remote, ['b@there.test']);
  assert.ok(second.outcomes[0]?.is === 'delivered');
  assert.equal(second.outcomes[0].event?.detour, undefined);
  assert.deepEqual([smart.connections, server.connections], [1, 1]);
  remote.stop();
});
