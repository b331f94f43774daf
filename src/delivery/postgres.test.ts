import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onPostgres, TestPostgres } from '../../test/test-postgres.ts';
import { silentLog } from '../base/log.ts';
import { TestClock } from '../base/test-clock.ts';
import { createResolver } from '../net/resolver.ts';
import { createZone } from '../net/zone.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import { tidyTls, tlsCounts, TlsResults, type ReportedPolicy } from './tls-results.ts';
import { findPolicy, keepPolicy, type KeptPolicy } from './tls/sts-rows.ts';

const day = 86_400_000;

test('TLS results and MTA-STS policies are kept on PostgreSQL as on SQLite', onPostgres, async () => {
  await using postgres = await TestPostgres.start();
  await using store = await postgres.open({ migrations, operations });
  const clock = new TestClock(Date.UTC(2026, 10, 24, 12));
  const zone = createZone({
    records: [{ name: '_smtp._tls.a.test', type: 'TXT', data: 'v=TLSRPTv1; rua=mailto:tls@a.test' }],
    apexes: ['test'],
  });
  const resolver = createResolver({ clock, zone, servers: [] });
  const results = new TlsResults({ store, clock, log: silentLog, resolver });
  const policy: ReportedPolicy = {
    type: 'sts',
    domain: 'a.test',
    text: ['version: STSv1'],
    mxHosts: ['mx.a.test'],
  };
  const failure = {
    result: 'certificate-expired',
    sendingIp: '192.0.2.1',
    mxHost: 'mx.a.test',
    receivingIp: '192.0.2.2',
    code: 'CERT_HAS_EXPIRED',
  } as const;
  for (let round = 0; round < 2; round++) {
    results.record({ domain: 'a.test', policy });
    results.record({ domain: 'a.test', policy, failure });
    await results.flush();
  }
  const [counts, ...more] = await Array.fromAsync(tlsCounts(store, '2026-11-24'));
  assert.deepEqual(more, []);
  assert.deepEqual(
    { ...counts, policy: JSON.parse(counts!.policy) as unknown },
    {
      day: '2026-11-24',
      domain: 'a.test',
      policy,
      successes: 2,
      failed: 2,
      failures: [{ ...failure, sessions: 2 }],
    },
  );

  const kept: KeptPolicy = {
    domain: 'a.test',
    id: '1',
    policy: { mode: 'enforce', mx: ['mx.a.test'], maxAgeSeconds: 86_400 },
    fetchedAtMs: clock.nowMs(),
    expiresAtMs: clock.nowMs() + day,
  };
  await store.write(keepPolicy, kept);
  await store.write(keepPolicy, { ...kept, id: '0', fetchedAtMs: kept.fetchedAtMs - 1 });
  assert.deepEqual(await store.read(() => findPolicy('a.test')), kept);

  await tidyTls(store, clock.nowMs() + 30 * day);
  assert.deepEqual(await Array.fromAsync(tlsCounts(store, '2026-11-24')), []);
  assert.equal(await store.read(() => findPolicy('a.test')), undefined);
});
