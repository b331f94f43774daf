import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { listen } from '../net/listener.ts';
import { probePort25, type Port25Parts } from './port25.ts';
import { testResolver, testServer } from './testing.ts';

const resolver = testResolver([
  { name: 'one.test', type: 'A', data: '127.0.0.1' },
  { name: 'two.test', type: 'A', data: '127.0.0.2' },
  { name: 'far.test', type: 'A', data: '127.0.0.3' },
]);

const parts = (port: number, hosts: readonly string[], more: Partial<Port25Parts> = {}): Port25Parts => ({
  clock: systemClock,
  resolver,
  port,
  hosts,
  localAddresses: [],
  timeoutMs: 2_000,
  // Nobody listens there: it refuses, so there is a network.
  controlPort: 1,
  ...more,
});

test('a server that greets: the port is open, and the others are left alone', async () => {
  await using server = await testServer();
  const verdict = await probePort25(parts(server.port, ['two.test', 'one.test', 'far.test']));
  assert.equal(verdict.is, 'open');
  assert.deepEqual(
    verdict.tries.map(({ host, came, said }) => `${host} ${came} ${said}`),
    ['two.test refused ECONNREFUSED', 'one.test greeted 220 mx.test ESMTP'],
  );
});

test('nobody lets us in, but the network is there: the port is closed', async () => {
  let port: number;
  {
    await using gone = await testServer();
    ({ port } = gone);
  }
  const verdict = await probePort25(parts(port, ['one.test', 'two.test']));
  assert.equal(verdict.is, 'closed');
  assert.equal(verdict.tries.length, 2);
});

test('something that greets otherwise, as a page of the provider, is no mail server', async () => {
  await using listener = await listen({ host: '127.0.0.1', port: 0, clock: systemClock }, (connection) => {
    connection.write('HTTP/1.1 403 Port 25 is blocked\r\n');
  });
  const verdict = await probePort25(parts(listener.address.port, ['one.test']));
  assert.deepEqual([verdict.is, verdict.tries[0]?.came], ['closed', 'odd']);
});

test('without names, without a network, without anything to try nothing is said', async () => {
  const nothing = await probePort25(parts(25, []));
  assert.ok(nothing.is === 'unknown' && nothing.why === 'nothingToTry');
  const nameless = await probePort25(parts(25, ['nobody.test']));
  assert.ok(nameless.is === 'unknown' && nameless.why === 'noNames');
  // An address that this machine cannot send from leads nowhere.
  const lost = await probePort25(parts(25, ['one.test'], { localAddresses: ['192.0.2.1'] }));
  assert.ok(lost.is === 'unknown' && lost.why === 'noNetwork');
});
