/** What every engine keeps of placements. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../base/refusal.ts';
import type { MessageId } from '../../base/ids.ts';
import { seen } from '../flags.ts';
import { createAccountStore, setQuota } from '../operations.ts';
import { place, placeAll } from '../place.ts';
import { alice, bob, mailboxesOf, placement, problemsOf } from '../testing.ts';
import type { Engine } from './engine.ts';

const refused = (reason: string) => (error: unknown) => error instanceof Refusal && error.reason === reason;

export function placeContract(engine: Engine): void {
  test('a placement gives uids and modseqs that rise, and counts', async () => {
    await using store = await engine.open();
    using mailboxes = mailboxesOf(store);
    const first = await store.write(place, placement('k1'));
    const second = await store.write(place, placement('k2', { flags: seen, keywords: ['$Forwarded'] }));
    assert.equal(first.uid, 1);
    assert.equal(second.uid, 2);
    assert.ok(second.modseq > first.modseq);
    assert.notEqual(first.emailId, second.emailId);
    const inbox = (await mailboxes.find(alice, 'inbox'))!;
    assert.equal(inbox.total, 2);
    assert.equal(inbox.unseen, 1);
    assert.equal(inbox.uidNext, 3);
    assert.equal(inbox.modseq, second.modseq);
    assert.deepEqual(inbox.keywords, ['$Forwarded']);
    const usage = await mailboxes.usage([alice, bob]);
    assert.deepEqual([...usage], [[alice, await mailboxes.quota(alice)]]);
    assert.deepEqual(await problemsOf(store), []);
  });

  test('the same key again gives the first result and changes nothing', async () => {
    await using store = await engine.open();
    using mailboxes = mailboxesOf(store);
    const first = await store.write(place, placement('k1'));
    const [second, third] = await Promise.all([
      store.write(place, placement('k1')),
      store.write(place, placement('k1', { mailbox: { role: 'junk' } })),
    ]);
    assert.deepEqual(second, { ...first, duplicate: true });
    assert.deepEqual(third, { ...first, duplicate: true });
    assert.equal((await mailboxes.find(alice, 'INBOX'))!.total, 1);
    assert.deepEqual(await problemsOf(store), []);
  });

  test('a placement over quota is refused and leaves no trace', async () => {
    await using store = await engine.open();
    const size = placement('x').email.sizeBytes;
    await store.write(createAccountStore, { account: alice, nowMs: 1, quotaBytes: size * 2 });
    await store.write(place, placement('a'));
    await store.write(place, placement('b'));
    await assert.rejects(store.write(place, placement('c')), refused('mailboxFull'));
    assert.deepEqual(await problemsOf(store), []);
    await store.write(setQuota, { account: alice, quotaBytes: 0, nowMs: 1 });
    assert.equal((await store.write(place, placement('c'))).uid, 3);
  });

  test('a quota that comes with a placement is taken over', async () => {
    await using store = await engine.open();
    using mailboxes = mailboxesOf(store);
    const size = placement('x').email.sizeBytes;
    await store.write(place, placement('a', { quotaBytes: size }));
    await assert.rejects(store.write(place, placement('b')), refused('mailboxFull'));
    await assert.rejects(
      store.write(place, placement('b', { quotaBytes: size + 1 })),
      refused('mailboxFull'),
    );
    await store.write(place, placement('b', { quotaBytes: size * 2 }));
    assert.equal((await mailboxes.quota(alice)).limitBytes, size * 2);
    await store.write(place, placement('c', { quotaBytes: 0 }));
    assert.equal((await mailboxes.quota(alice)).limitBytes, 0);
  });

  test('a role that is missing is created, and a mailbox of its name takes it', async () => {
    await using store = await engine.open();
    using mailboxes = mailboxesOf(store);
    await store.write(createAccountStore, { account: alice, nowMs: 1, quotaBytes: 0 });
    await mailboxes.delete(alice, 'Junk');
    const placed = await store.write(place, placement('a', { mailbox: { role: 'junk' } }));
    const junk = (await mailboxes.find(alice, 'Junk'))!;
    assert.equal(junk.id, placed.mailbox);
    assert.equal(junk.role, 'junk');
    await mailboxes.create(alice, 'Important');
    await store.write(place, placement('b', { mailbox: { role: 'important' } }));
    assert.equal((await mailboxes.find(alice, 'Important'))!.role, 'important');
    assert.deepEqual(await problemsOf(store), []);
  });

  test('placing by name needs the mailbox, or leave to create it', async () => {
    await using store = await engine.open();
    using mailboxes = mailboxesOf(store);
    await assert.rejects(
      store.write(place, placement('a', { mailbox: { name: 'Lists/ops' } })),
      refused('mailboxNotFound'),
    );
    await store.write(place, placement('a', { mailbox: { name: 'Lists/ops', create: true } }));
    assert.equal((await mailboxes.find(alice, 'Lists/ops'))!.total, 1);
    assert.ok(await mailboxes.find(alice, 'Lists'));
  });

  test('several placements are all or none', async () => {
    await using store = await engine.open();
    const size = placement('x').email.sizeBytes;
    await store.write(createAccountStore, { account: alice, nowMs: 1, quotaBytes: size * 2 });
    await assert.rejects(
      store.write(placeAll, [placement('a'), placement('b'), placement('c')]),
      refused('mailboxFull'),
    );
    const placed = await store.write(placeAll, [placement('a'), placement('b'), placement('a')]);
    assert.deepEqual(
      placed.map(({ uid, duplicate }) => [uid, duplicate]),
      [
        [1, false],
        [2, false],
        [1, true],
      ],
    );
    assert.deepEqual(await problemsOf(store), []);
  });

  test('the event of a placement tells mailbox and uid, in the same commit', async () => {
    await using store = await engine.open();
    const message = 'm1' as MessageId;
    const data = { account: alice, mailbox: '', uid: 0, ms: 1 };
    const event = { is: 'stored', atMs: 1, message, org: 'o', recipient: 'alice@here.test', data } as const;
    await store.write(place, placement('a', { events: [event] }));
    const rows = await store.read(function* () {
      return (yield { sql: 'select data from outbox', params: [] }) as readonly { data: string }[];
    });
    assert.deepEqual(
      rows.map((row) => JSON.parse(row.data) as unknown),
      [{ ...data, mailbox: 'INBOX', uid: 1 }],
    );
  });
}
