import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from '../base/log.ts';
import { TestClock } from '../base/test-clock.ts';
import { createResolver } from '../net/resolver.ts';
import { createZone } from '../net/zone.ts';
import { openTestStore } from '../store/testing.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import {
  tidyTls,
  tlsCounts,
  TlsResults,
  type ReportedPolicy,
  type TlsCounts,
  type TlsSessionFailure,
} from './tls-results.ts';

const zone = createZone({
  records: ['a.test', 'b.test', 'c.test'].map((domain) => ({
    name: `_smtp._tls.${domain}`,
    type: 'TXT',
    data: `v=TLSRPTv1; rua=mailto:tls@${domain}`,
  })),
  apexes: ['test'],
});
const policy: ReportedPolicy = { type: 'no-policy-found', domain: 'a.test', text: [], mxHosts: [] };
const sts: ReportedPolicy = {
  type: 'sts',
  domain: 'a.test',
  text: ['version: STSv1'],
  mxHosts: ['mx.a.test'],
};
const failure: TlsSessionFailure = {
  result: 'certificate-expired',
  sendingIp: '192.0.2.1',
  mxHost: 'mx.a.test',
  receivingIp: '192.0.2.2',
  code: 'CERT_HAS_EXPIRED',
};
const startMs = Date.UTC(2026, 10, 24, 23, 59);

async function setup() {
  const store = await openTestStore({ migrations, operations });
  const clock = new TestClock(startMs);
  const results = new TlsResults({
    store,
    clock,
    log: silentLog,
    resolver: createResolver({ clock, zone, servers: [] }),
  });
  const read = (day: string): Promise<readonly TlsCounts[]> => Array.fromAsync(tlsCounts(store, day));
  return { store, clock, results, read, [Symbol.asyncDispose]: () => store.close() };
}

const short = (counts: readonly TlsCounts[]): string[] =>
  counts.map(
    (one) =>
      `${one.domain} ${(JSON.parse(one.policy) as ReportedPolicy).type} ${one.successes}/${one.failed}`,
  );

test('sessions are added up by day, domain and policy; failures by what failed and where', async () => {
  await using world = await setup();
  const { results, read } = world;
  for (let i = 0; i < 3; i++) results.record({ domain: 'a.test', policy: sts });
  results.record({ domain: 'a.test', policy: sts, failure });
  results.record({ domain: 'a.test', policy });
  results.record({ domain: 'b.test', policy, failure });
  await results.flush();
  results.record({ domain: 'a.test', policy: sts, failure });
  results.record({ domain: 'a.test', policy: sts, failure: { ...failure, receivingIp: '192.0.2.3' } });
  await results.flush();
  const counts = await read('2026-11-24');
  assert.deepEqual(short(counts), [
    'a.test no-policy-found 1/0',
    'a.test sts 3/3',
    'b.test no-policy-found 0/1',
  ]);
  assert.deepEqual(
    counts[1]!.failures.map((one) => [one.receivingIp, one.sessions]),
    [
      ['192.0.2.2', 2],
      ['192.0.2.3', 1],
    ],
  );
  assert.deepEqual(counts[2]!.failures, [{ ...failure, sessions: 1 }]);
});

test('a day ends at midnight UTC; old days are forgotten', async () => {
  await using world = await setup();
  const { results, read, clock, store } = world;
  for (const domain of ['b.test', 'a.test', 'c.test']) results.record({ domain, policy });
  await clock.advance(60_000);
  results.record({ domain: 'a.test', policy });
  await results.flush();
  assert.deepEqual(
    short(await read('2026-11-24')),
    ['a', 'b', 'c'].map((name) => `${name}.test no-policy-found 1/0`),
  );
  assert.deepEqual(short(await read('2026-11-25')), ['a.test no-policy-found 1/0']);
  await tidyTls(store, clock.nowMs() + 14 * 86_400_000);
  assert.deepEqual(await read('2026-11-24'), []);
  assert.equal((await read('2026-11-25')).length, 1);
});

test('only domains that ask for reports are kept', async () => {
  await using world = await setup();
  const { results, read } = world;
  results.record({ domain: 'silent.test', policy });
  results.record({ domain: 'a.test', policy });
  await results.flush();
  assert.deepEqual(short(await read('2026-11-24')), ['a.test no-policy-found 1/0']);
});
