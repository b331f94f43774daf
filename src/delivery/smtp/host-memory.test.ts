import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TestClock } from '../../base/test-clock.ts';
import type { Place } from '../route/places.ts';
import { HostMemory } from './host-memory.ts';

const place = (ip: string): Place => ({ ip, host: ip, port: 25 }) as Place;
const order = (memory: HostMemory, ...ips: string[]): string[] =>
  memory.bestFirst(ips.map(place)).map(({ ip }) => ip);

test('a server that did not answer is tried behind the others for five minutes, or until it answers', async () => {
  const clock = new TestClock();
  const memory = new HostMemory(clock);
  memory.failed('192.0.2.1', false);
  assert.equal(memory.hasFailed('192.0.2.1'), true);
  assert.deepEqual(order(memory, '192.0.2.1', '192.0.2.2'), ['192.0.2.2', '192.0.2.1']);
  await clock.advance(300_001);
  assert.deepEqual(order(memory, '192.0.2.1', '192.0.2.2'), ['192.0.2.1', '192.0.2.2']);
  memory.failed('192.0.2.1', false);
  memory.answered('192.0.2.1');
  assert.deepEqual(order(memory, '192.0.2.1', '192.0.2.2'), ['192.0.2.1', '192.0.2.2']);
});

test('where IPv6 leads nowhere, IPv4 is tried first; an answer over IPv6 ends that', async () => {
  const clock = new TestClock();
  const memory = new HostMemory(clock);
  const fresh = () => order(memory, '2001:db8::9', '192.0.2.9');
  for (const ip of ['2001:db8::1', '2001:db8::2']) memory.failed(ip, true);
  memory.failed('2001:db8::3', false);
  assert.deepEqual(fresh(), ['2001:db8::9', '192.0.2.9'], 'one that refuses has been reached');
  memory.failed('2001:db8::4', true);
  assert.deepEqual(fresh(), ['192.0.2.9', '2001:db8::9']);
  memory.failed('192.0.2.9', true);
  assert.deepEqual(fresh(), ['2001:db8::9', '192.0.2.9'], 'a server that failed itself is last');
  memory.answered('192.0.2.9');
  memory.answered('2001:db8::1');
  assert.deepEqual(fresh(), ['2001:db8::9', '192.0.2.9']);
  for (const ip of ['2001:db8::1', '2001:db8::2', '2001:db8::3']) memory.failed(ip, true);
  assert.deepEqual(fresh(), ['192.0.2.9', '2001:db8::9']);
  await clock.advance(600_001);
  assert.deepEqual(fresh(), ['2001:db8::9', '192.0.2.9']);
});
