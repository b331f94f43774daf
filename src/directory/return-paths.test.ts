import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { Directory } from './directory.ts';
import { openTestDirectory } from './testing.ts';

const dayMs = 86_400_000;

test('a sender from elsewhere gets an address of ours, which leads back to him and to nobody else', async () => {
  await using world = await openTestDirectory();
  const { directory, clock, org } = world;
  const path = await directory.returnPath('bob@there.test', 'info@here.test');
  assert.match(path, /^SRS0=.*=there\.test=bob@here\.test$/);
  const found = await directory.resolve(path);
  assert.ok(found.is === 'expanded');
  assert.deepEqual([found.to, found.why, found.org], [['bob@there.test'], 'returnPath', org.id]);
  for (const forged of [path.replace('=bob@', '=eve@'), path.replace('=there.test=', '=evil.test=')])
    assert.deepEqual(await directory.resolve(forged), { is: 'unknown' });
  // Of a domain elsewhere it is nothing to us.
  assert.equal((await directory.resolve(path.replace('@here.test', '@there.test'))).is, 'remote');
  clock.advance(30 * dayMs);
  assert.deepEqual(await directory.resolve(path), { is: 'unknown' });
});

test('all nodes know the same addresses', async () => {
  await using world = await openTestDirectory();
  const { store, clock } = world;
  using other = new Directory({ store, clock, log: silentLog, metrics: noMetrics });
  const paths = await Promise.all(
    [world.directory, other].map((one) => one.returnPath('bob@there.test', 'info@here.test')),
  );
  assert.equal(paths[0], paths[1]);
  assert.equal((await other.resolve(paths[0]!)).is, 'expanded');
});

test('our own senders stay as they are, and so does the null sender', async () => {
  await using world = await openTestDirectory();
  for (const sender of ['alice@here.test', '', 'no address'])
    assert.equal(await world.directory.returnPath(sender, 'info@here.test'), sender);
  assert.equal(await world.directory.returnPath('bob@there.test', 'x@elsewhere.test'), 'bob@there.test');
});
