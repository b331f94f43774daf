import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import iconv from 'iconv-lite';
import { describePostgres } from '../../test/test-postgres.ts';
import type { MessageId } from '../base/ids.ts';
import { Refusal } from '../base/refusal.ts';
import type { MailEvent } from '../events/event.ts';
import { migrations as eventMigrations } from '../events/migrations.ts';
import { encodeIso2022Jp } from '../proto/mime/charset.ts';
import { openTestStore } from '../store/testing.ts';
import type { Store } from '../store/store.ts';
import { rows } from '../store/transaction.ts';
import { deedOf, type Deed } from './deeds.ts';
import { suppressionKey } from './entry.ts';
import { migrations as ownMigrations } from './migrations.ts';
import { noteDeeds, tidySuppressions } from './noting.ts';
import { operations } from './operations.ts';
import { suppressionDefaults } from './policy.ts';
import { Suppressions } from './suppressions.ts';

const migrations = [...eventMigrations, ...ownMigrations];
const dayMs = 86_400_000;

const openAt = (store: Store) => {
  const clock = { nowMs: () => 1000 * dayMs };
  return { clock, suppressions: new Suppressions({ store, clock, policy: suppressionDefaults }) };
};
const bulk = { org: 'a', stream: 'bulk', topic: '' } as const;
const transactional = { org: 'a', stream: 'transactional', topic: '' } as const;

const hard = (seq: number, recipient: string, org = 'a'): Deed => ({
  seq,
  atMs: 1000 * dayMs,
  org,
  recipient,
  message: `m${seq}`,
  is: 'hard',
  reason: 'noSuchUser',
  phase: 'rcpt',
  reply: '550 5.1.1 no',
});

function contract(open: () => Promise<Store>): void {
  test('an entry keeps back what its scope says, of its organisation alone', async () => {
    await using store = await open();
    const { suppressions } = openAt(store);
    await suppressions.put('a', 'x@a', [
      { address: 'Bob@There.test' },
      { address: 'ann@there.test', scope: 'stream:bulk' },
      { address: 'eve@there.test', scope: 'topic:news' },
    ]);
    assert.equal((await suppressions.find(bulk, 'bob@THERE.test'))?.cause, 'manual');
    assert.equal(await suppressions.find({ ...bulk, org: 'b' }, 'bob@there.test'), undefined);
    assert.equal((await suppressions.find(bulk, 'ann@there.test'))?.scope, 'stream:bulk');
    assert.equal(await suppressions.find(transactional, 'ann@there.test'), undefined);
    assert.equal(await suppressions.find(bulk, 'eve@there.test'), undefined);
    assert.equal(
      (await suppressions.find({ ...bulk, topic: 'news' }, 'eve@there.test'))?.scope,
      'topic:news',
    );
  });

  test("the server's list is for everybody; release takes away what one put there", async () => {
    await using store = await open();
    const { suppressions } = openAt(store);
    await suppressions.put('', 'operator', [{ address: 'trap@there.test', reason: 'trap' }]);
    assert.equal((await suppressions.find(bulk, 'trap@there.test'))?.org, '');
    assert.equal(await suppressions.release('a', ['trap@there.test']), 0);
    assert.equal(await suppressions.release('', ['Trap@there.test']), 1);
    assert.equal(await suppressions.find(bulk, 'trap@there.test'), undefined);
  });

  test('three errors for good in sequence, one for carriers; a delivery begins anew', async () => {
    await using store = await open();
    const { suppressions } = openAt(store);
    const note = (deeds: readonly Deed[]) =>
      store.write(noteDeeds, { deeds, upTo: deeds.at(-1)!.seq, policy: suppressionDefaults });
    assert.equal(await note([hard(1, 'pc@there.test'), hard(2, 'pc@there.test')]), 0);
    assert.equal(await note([{ ...hard(3, 'pc@there.test'), is: 'delivered' }]), 0);
    assert.equal(await note([hard(4, 'pc@there.test'), hard(5, 'pc@there.test')]), 0);
    assert.equal(await suppressions.find(bulk, 'pc@there.test'), undefined);
    assert.equal(await note([hard(6, 'pc@there.test'), hard(7, 'hanako@docomo.ne.jp')]), 2);
    const found = await suppressions.find(bulk, 'pc@there.test');
    assert.deepEqual(
      [found?.cause, found?.reason, found?.phase, found?.reply, found?.message],
      ['hard', 'noSuchUser', 'rcpt', '550 5.1.1 no', 'm6'],
    );
    assert.equal(found?.untilMs, (1000 + suppressionDefaults.hardDays) * dayMs);
    assert.equal((await suppressions.find(bulk, 'hanako@docomo.ne.jp'))?.message, 'm7');
    const told = await store.read(() =>
      rows<{ kind: string; recipient: string }>('select kind, recipient from outbox order by seq'),
    );
    assert.deepEqual(
      told.map(({ kind, recipient }) => [kind, recipient]),
      [
        ['suppressed', 'pc@there.test'],
        ['suppressed', 'hanako@docomo.ne.jp'],
      ],
    );
  });

  test('what was read once does not count again', async () => {
    await using store = await open();
    const { suppressions } = openAt(store);
    const deeds = [hard(1, 'pc@there.test'), hard(2, 'pc@there.test')];
    for (let i = 0; i < 3; i++) await store.write(noteDeeds, { deeds, upTo: 2, policy: suppressionDefaults });
    assert.equal(await suppressions.find(bulk, 'pc@there.test'), undefined);
  });

  test('a complaint counts at once, and a bounce does not take its place', async () => {
    await using store = await open();
    const { suppressions } = openAt(store);
    const deeds: Deed[] = [
      { ...hard(1, 'bob@there.test'), is: 'complaint', reason: 'abuse', phase: 'report' },
      hard(2, 'bob@there.test'),
      hard(3, 'bob@there.test'),
      hard(4, 'bob@there.test'),
    ];
    await store.write(noteDeeds, { deeds, upTo: 4, policy: suppressionDefaults });
    const found = await suppressions.find(transactional, 'bob@there.test');
    assert.deepEqual([found?.cause, found?.untilMs], ['complaint', 0]);
  });

  test('an organisation has its own policy', async () => {
    await using store = await open();
    const { suppressions } = openAt(store);
    await suppressions.setPolicy('a', { hardErrors: 1, complaintScope: 'stream:bulk', hardDays: 10 });
    assert.deepEqual(await suppressions.policy('a'), {
      ...suppressionDefaults,
      hardErrors: 1,
      complaintScope: 'stream:bulk',
      hardDays: 10,
    });
    assert.deepEqual(await suppressions.policy('b'), suppressionDefaults);
    const deeds: Deed[] = [
      hard(1, 'x@there.test'),
      hard(2, 'x@there.test', 'b'),
      { ...hard(3, 'y@there.test'), is: 'complaint' },
    ];
    await store.write(noteDeeds, { deeds, upTo: 3, policy: suppressionDefaults });
    assert.equal((await suppressions.find(bulk, 'x@there.test'))?.untilMs, 1010 * dayMs);
    assert.equal(await suppressions.find({ ...bulk, org: 'b' }, 'x@there.test'), undefined);
    assert.equal(await suppressions.find(transactional, 'y@there.test'), undefined);
    assert.equal((await suppressions.find(bulk, 'y@there.test'))?.cause, 'complaint');
    await assert.rejects(
      suppressions.setPolicy('a', { hardErrors: 1.5 }),
      (e) => e instanceof Refusal && e.reason === 'invalid',
    );
  });

  test('what is over counts no more, and goes', async () => {
    await using store = await open();
    const { suppressions } = openAt(store);
    await suppressions.put('a', 'x', [
      { address: 'old@there.test', untilMs: 999 * dayMs },
      { address: 'new@there.test' },
    ]);
    assert.equal(await suppressions.find(bulk, 'old@there.test'), undefined);
    assert.equal(await suppressions.count('a'), 1);
    assert.equal(await store.write(tidySuppressions, { nowMs: 1000 * dayMs, strikesBefore: 0, max: 10 }), 1);
  });

  test('pages, and bulk release by cause, reason and domain', async () => {
    await using store = await open();
    const { suppressions } = openAt(store);
    const names = Array.from({ length: 7 }, (_, i) => ({
      address: `u${i}@x.test`,
      cause: 'hard',
      reason: 'noSuchUser',
    }));
    await suppressions.put('a', 'x', [
      ...names,
      { address: 'u@y.test', cause: 'hard' },
      { address: 'a_b%@x.test' },
    ]);
    const first = await suppressions.list({ org: 'a', limit: 3, cause: 'hard' });
    assert.deepEqual(
      first.map((one) => one.address),
      ['u0@x.test', 'u1@x.test', 'u2@x.test'],
    );
    const next = await suppressions.list({ org: 'a', limit: 3, cause: 'hard', after: ['u2@x.test', 'org'] });
    assert.equal(next[0]?.address, 'u3@x.test');
    assert.equal((await suppressions.list({ org: 'a', limit: 9, contains: 'b%@' })).length, 1);
    assert.equal(
      await suppressions.releaseAll({
        org: 'a',
        cause: 'hard',
        reason: 'noSuchUser',
        domain: '',
        beforeMs: 0,
      }),
      7,
    );
    assert.equal(
      await suppressions.releaseAll({ org: 'a', cause: '', reason: '', domain: 'y.test', beforeMs: 0 }),
      1,
    );
    assert.equal(await suppressions.count('a'), 1);
  });

  test('a file in, and one out that can be taken in again', async () => {
    await using store = await open();
    const { suppressions } = openAt(store);
    const csv =
      '\ufeffEmail,Reason,Type\r\nbob@there.test,"moved, it seems",Hard Bounce\r\nno address,,\r\n"ann@there.test",,unsubscribed\r\n';
    const done = await suppressions.import('a', 'x', { bytes: Buffer.from(csv) });
    assert.deepEqual([done.added, done.wrong.map(({ line }) => line)], [2, [3]]);
    assert.deepEqual(
      (await suppressions.list({ org: 'a', limit: 9 })).map((one) => [one.address, one.cause, one.reason]),
      [
        ['ann@there.test', 'unsubscribe', ''],
        ['bob@there.test', 'hard', 'moved, it seems'],
      ],
    );
    const pieces: string[] = [];
    for await (const piece of suppressions.export('a')) pieces.push(piece);
    const again = await suppressions.import('b', 'x', { bytes: Buffer.from(pieces.join('')) });
    assert.deepEqual([again.added, again.wrong.length], [2, 0]);
    assert.equal((await suppressions.list({ org: 'b', limit: 9 }))[1]?.cause, 'hard');
    const sjis = iconv.encode('メールアドレス,理由\r\ntaro@there.test,退会\r\n', 'shift_jis');
    assert.equal((await suppressions.import('c', 'x', { bytes: sjis })).added, 1);
    assert.equal((await suppressions.list({ org: 'c', limit: 9 }))[0]?.reason, '退会');
    assert.equal(
      (await suppressions.import('c', 'x', { bytes: encodeIso2022Jp('宛先\nhanako@there.test\n')! })).added,
      1,
    );
  });
}

describe('suppression on SQLite', () => contract(() => openTestStore({ migrations, operations })));
describePostgres('suppression on PostgreSQL', (openStore) =>
  contract(() => openStore({ migrations, operations })),
);

test('only errors about the address count: blocks of ours, full mailboxes and temporary refusals do not', () => {
  const bounced = (reply: string, phase = 'rcpt', why = 'refused', host = 'mx.there.test'): MailEvent =>
    ({
      is: 'bounced',
      atMs: 1,
      message: 'm' as MessageId,
      org: 'a',
      recipient: 'bob@there.test',
      data: { phase, host, reply, why },
    }) as MailEvent;
  assert.equal(deedOf(bounced('550 5.1.1 User unknown'), 1)?.is, 'hard');
  assert.equal(deedOf(bounced('554 5.7.1 blocked using zen.spamhaus.org'), 1), undefined);
  assert.equal(deedOf(bounced('550 5.7.26 unauthenticated', 'dot'), 1), undefined);
  assert.equal(deedOf(bounced('552 5.2.2 Mailbox full'), 1), undefined);
  assert.equal(deedOf(bounced('450 4.1.1 User unknown', 'rcpt', 'expired'), 1), undefined);
  assert.equal(deedOf(bounced('550 5.7.1 Not tried', 'dns', 'suppressed'), 1), undefined);
  assert.equal(
    deedOf(bounced('550 Unknown user bob', 'dot', 'refused', 'mfsmax.docomo.ne.jp'), 1),
    undefined,
  );
});

test('one address has one key, however it is written', () => {
  assert.equal(suppressionKey('"a..b."@DOCOMO.ne.jp'), 'a..b.@docomo.ne.jp');
  assert.equal(suppressionKey('a..b.@docomo.ne.jp'), 'a..b.@docomo.ne.jp');
  assert.equal(suppressionKey('<Bob@Exämple.test>'), 'bob@xn--exmple-cua.test');
  assert.equal(suppressionKey('no address'), undefined);
});
