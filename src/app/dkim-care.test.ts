import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { silentLog } from '../base/log.ts';
import { systemClock } from '../base/clock.ts';
import { TestClock } from '../base/test-clock.ts';
import { systemActor } from '../directory/actor.ts';
import { Administration } from '../directory/administration.ts';
import type { DkimKey } from '../directory/dkim-key.ts';
import { KeyBox } from '../directory/key-box.ts';
import { openTestDirectory } from '../directory/testing.ts';
import { startDnsTestServer, type DnsTestServer } from '../net/dns-test-server.ts';
import { createResolver } from '../net/resolver.ts';
import type { ZoneRecord } from '../net/zone.ts';
import { Authorities } from '../records/authorities.ts';
import type { Store } from '../store/store.ts';
import { openTestStore } from '../store/testing.ts';
import { rows } from '../store/transaction.ts';
import { DkimCare } from './dkim-care.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const options = { rotateAfterMs: 180 * dayMs, settleMs: 24 * hourMs, retireMs: 14 * dayMs };

const zone: readonly ZoneRecord[] = [
  { name: 'here.test', type: 'NS', data: 'ns1.here.test.' },
  { name: 'here.test', type: 'NS', data: 'ns2.here.test.' },
  { name: 'ns1.here.test', type: 'A', data: '127.0.0.1' },
  { name: 'ns2.here.test', type: 'A', data: '127.0.0.2' },
];

interface World extends AsyncDisposable {
  readonly clock: TestClock;
  readonly store: Store;
  readonly care: DkimCare;
  readonly office: Administration;
  readonly ref: { readonly org: DkimKey['org']; readonly domain: string };
  /** Publishes the records of these keys at one of the two name servers. */
  readonly publish: (at: 0 | 1, keys: readonly DkimKey[]) => void;
  /** As they are, the newest first: `algorithm state`. */
  states(): Promise<string[]>;
}

/** A domain with two name servers and no keys yet. */
async function openWorld({ masterKey = '', reachable = true } = {}): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const first: DnsTestServer = stack.use(await startDnsTestServer(zone));
  const { port } = first.address;
  const second = stack.use(await startDnsTestServer(zone, { ip: '127.0.0.2', port }));
  const t = stack.use(await openTestDirectory(await openTestStore({ migrations, operations })));
  const clock = new TestClock(t.clock.nowMs());
  const keyBox = new KeyBox(masterKey);
  const ref = { org: t.org.id, domain: 'here.test' };
  await t.office.dkim.ensure(systemActor, ref);
  const office = new Administration({ store: t.store, clock, keyBox });
  const resolver = createResolver({ clock: systemClock, servers: [first.address], cacheEntriesMax: 0 });
  const guard = (): boolean => reachable;
  const authorities = () => new Authorities({ resolver, clock: systemClock, port, timeoutMs: 2000, guard });
  const parts = { store: t.store, clock, log: silentLog, administration: office, keyBox };
  const care = stack.use(new DkimCare({ ...parts, resolver, authorities, options }));
  await care.moveAll();
  const world = stack.move();
  return {
    clock,
    store: t.store,
    care,
    office,
    ref,
    publish(at, keys) {
      const records = keys.map(({ selector, record }) => ({
        name: `${selector}._domainkey.here.test`,
        type: 'TXT' as const,
        data: record,
      }));
      [first, second][at]!.serve([...zone, ...records]);
    },
    states: async () => (await office.dkim.list(ref)).map(({ algorithm, state }) => `${algorithm} ${state}`),
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

test('the first keys sign at once, and their records are noted when every name server has them', async () => {
  await using world = await openWorld();
  const { care, office, ref, publish } = world;
  assert.deepEqual((await world.states()).toSorted(), ['ed25519-sha256 active', 'rsa-sha256 active']);
  const seen = async () => {
    await care.moveAll();
    return (await office.dkim.list(ref)).filter(({ seenAtMs }) => seenAtMs > 0).length;
  };
  const keys = await office.dkim.list(ref);
  assert.equal(await seen(), 0);
  publish(0, keys);
  assert.equal(await seen(), 0, 'the second server was forgotten');
  publish(1, keys);
  assert.equal(await seen(), 2);
});

test('rotation: a successor waits for its record, settles, takes over; the old key stays in DNS and goes', async () => {
  await using world = await openWorld();
  const { care, office, ref, publish, clock } = world;
  const step = async (ms: number): Promise<string[]> => {
    await clock.advance(ms);
    await care.moveAll();
    return (await world.states()).filter((text) => text.startsWith('ed25519')).map((text) => text.slice(15));
  };
  publish(0, await office.dkim.list(ref));
  publish(1, await office.dkim.list(ref));
  assert.deepEqual(await step(0), ['active']);
  assert.deepEqual(await step(181 * dayMs), ['prepared', 'active'], 'old enough for a successor');
  assert.deepEqual(await step(dayMs), ['prepared', 'active'], 'but its record is not in DNS');
  publish(0, await office.dkim.list(ref));
  assert.deepEqual(await step(hourMs), ['prepared', 'active'], 'nor at every name server');
  publish(1, await office.dkim.list(ref));
  assert.deepEqual(await step(hourMs), ['published', 'active']);
  assert.deepEqual(await step(23 * hourMs), ['published', 'active'], 'caches may know of no record');
  publish(1, []);
  assert.deepEqual(await step(2 * hourMs), ['published', 'active'], 'it has gone again');
  publish(1, await office.dkim.list(ref));
  assert.deepEqual(await step(hourMs), ['active', 'retiring']);
  assert.deepEqual(await step(13 * dayMs), ['active', 'retiring'], 'its mail may be on its way');
  const records = (await office.dkim.list(ref)).length;
  assert.equal(records, 4);
  assert.deepEqual(await step(2 * dayMs), ['active', 'removed']);
  const [old] = (await office.dkim.list(ref)).filter(({ state }) => state === 'removed');
  await assert.rejects(office.dkim.export(systemActor, ref, old!.selector), /private half is gone/);
});

test('where no name server of the domain can be asked, the resolver’s word counts', async () => {
  await using world = await openWorld({ reachable: false });
  const { care, office, ref, publish } = world;
  publish(0, await office.dkim.list(ref));
  await care.moveAll();
  assert.ok((await office.dkim.list(ref)).every(({ seenAtMs }) => seenAtMs > 0));
});

test('a domain made later gets keys by itself; a master key set later encrypts what lies there', async () => {
  await using world = await openWorld({ masterKey: 'a long secret' });
  const { office, ref, care, store } = world;
  await office.domains.create(systemActor, ref.org, { name: 'new.test' });
  await care.round();
  assert.equal((await office.dkim.list({ ...ref, domain: 'new.test' })).length, 2);
  const privates = await store.read(() => rows<{ private: string }>('select private from dkim_key'));
  assert.equal(privates.length, 4);
  for (const { private: kept } of privates) assert.match(kept, /^sealed:/);
  // Readable all the same, to whoever has the master key.
  const [key] = await office.dkim.list(ref);
  assert.match(await office.dkim.export(systemActor, ref, key!.selector), /BEGIN PRIVATE KEY/);
  const without = new Administration({ store, clock: world.clock, keyBox: new KeyBox('') });
  await assert.rejects(without.dkim.export(systemActor, ref, key!.selector), /no master key/);
});

test('the record of a new key is looked for every few minutes, without anybody asking', async () => {
  await using world = await openWorld();
  const { office, ref, publish, clock } = world;
  const keys = await office.dkim.list(ref);
  publish(0, keys);
  publish(1, keys);
  const seen = async (): Promise<number> =>
    (await office.dkim.list(ref)).filter(({ seenAtMs }) => seenAtMs > 0).length;
  await clock.advance(11 * 60_000);
  for (let tries = 0; tries < 600 && (await seen()) < 2; tries++) await wait(10);
  assert.equal(await seen(), 2);
});
