import assert from 'node:assert/strict';
import { test } from 'node:test';
import { onPostgres, TestPostgres } from '../../test/test-postgres.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';
import {
  accountAt,
  allCertificates,
  allPlans,
  certificatesVersion,
  dropCertificates,
  keepCertificate,
  keepPlan,
  setAccountUrl,
  setRenewal,
  takeLease,
} from './rows/certificates.ts';
import { dropProof, findProof, keepProof } from './rows/proofs.ts';

test(
  'certificates, plans, accounts, proofs and the lease are kept on PostgreSQL as on SQLite',
  onPostgres,
  async () => {
    await using postgres = await TestPostgres.start();
    await using store = await postgres.open({ migrations, operations });
    const one = {
      name: 'a',
      names: ['a.test'],
      chain: 'chain',
      key: 'key',
      renewAtMs: 1,
      expiresAtMs: 2 ** 41,
    };
    const plan = { name: 'a', failures: 3, nextAtMs: 2 ** 41, problem: 'no' };
    await store.write(keepPlan, { ...plan, failures: 2 });
    await store.write(keepPlan, plan);
    assert.deepEqual(await store.read(() => allPlans()), [plan]);
    const before = await store.read(() => certificatesVersion());
    await store.write(keepCertificate, one);
    await store.write(keepCertificate, { ...one, chain: 'other chain' });
    await store.write(setRenewal, { name: 'a', renewAtMs: 7 });
    assert.deepEqual(await store.read(() => allCertificates()), [
      { ...one, chain: 'other chain', renewAtMs: 7 },
    ]);
    assert.deepEqual(await store.read(() => allPlans()), [], 'it worked out');
    await store.write(dropCertificates, ['a']);
    assert.deepEqual(await store.read(() => allCertificates()), []);
    assert.equal(await store.read(() => certificatesVersion()), before + 3);

    const lease = (keeper: string, nowMs: number) =>
      store.write(takeLease, { keeper, nowMs, untilMs: nowMs + 10 });
    assert.deepEqual(
      [await lease('one', 100), await lease('two', 105), await lease('one', 106), await lease('two', 117)],
      [true, false, true, true],
    );

    const directory = 'https://authority.test/directory';
    const first = { url: '', key: 'first' };
    assert.deepEqual(await store.write(accountAt, { directory, made: first }), first);
    await store.write(setAccountUrl, { directory, url: 'https://authority.test/1' });
    const found = await store.write(accountAt, { directory, made: { url: '', key: 'second' } });
    assert.deepEqual(found, { url: 'https://authority.test/1', key: 'first' });

    const proof = { kind: 'http', subject: 'token', answer: 'answer', untilMs: 50 } as const;
    await store.write(keepProof, { ...proof, answer: 'old' });
    await store.write(keepProof, proof);
    assert.equal(await store.read(() => findProof('http', 'token', 49)), 'answer');
    assert.equal(await store.read(() => findProof('http', 'token', 50)), undefined);
    await store.write(dropProof, proof);
    assert.equal(await store.read(() => findProof('http', 'token', 0)), undefined);
  },
);
