import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { readSettings } from '../config/read.ts';
import type { Settings } from '../config/schema.ts';
import { createResolver } from '../net/resolver.ts';
import { createZone } from '../net/zone.ts';
import { Port25Watch } from './port25-watch.ts';

const zone = createZone({
  records: [{ name: 'known.test', type: 'A', data: '127.0.0.1' }],
  apexes: ['test'],
});
const resolver = createResolver({ clock: systemClock, zone, servers: [] });

function settingsOf(port: number, when: string): Settings {
  const routes = [{ domain: '*', when, hosts: ['smart.test'] }];
  const read = readSettings(
    { hostname: 'mx.here.test', routes, delivery: { port, probeHosts: ['known.test'] } },
    {},
  );
  assert.equal(read.is, 'settings', JSON.stringify(read));
  return (read as { settings: Settings }).settings;
}

/** What is told first by a watch that begins with `closed`. */
async function told(port: number, closed: boolean): Promise<boolean> {
  const heard = Promise.withResolvers<boolean>();
  const settings = settingsOf(port, 'unreachable');
  const parts = { settings, resolver, log: silentLog, metrics: noMetrics, closed, onChange: heard.resolve };
  using watch = new Port25Watch(parts);
  assert.equal(watch.closed, closed);
  const now = await heard.promise;
  assert.equal(watch.closed, now);
  return now;
}

test('a port that is closed, and one that is open again, are told', async () => {
  const server = createServer((socket) => void socket.end('220 known.test\r\n'));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  assert.equal(await told(port, true), false);
  server.close();
  await once(server, 'close');
  assert.equal(await told(port, false), true);
});

test('without a route for it nobody looks', () => {
  const settings = settingsOf(1, 'always');
  const onChange = (): void => assert.fail('looked');
  const parts = { settings, resolver, log: silentLog, metrics: noMetrics, closed: false, onChange };
  using watch = new Port25Watch(parts);
  assert.equal(watch.closed, false);
});
