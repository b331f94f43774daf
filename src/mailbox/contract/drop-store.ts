/** What every engine keeps of accounts that are gone. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Refusal } from '../../base/refusal.ts';
import type { Store } from '../../store/store.ts';
import { rows } from '../../store/transaction.ts';
import { forgetMail, removeMail } from '../care.ts';
import type { Mailboxes } from '../mailboxes.ts';
import { place } from '../place.ts';
import { dropStore, emptiedTables, forgetStore } from '../rules/drop-store.ts';
import { alice, bob, mailboxesOf, placement, problemsOf, simple } from '../testing.ts';
import type { Engine } from './engine.ts';

/** Some of everything: messages in two mailboxes, a thread, expunged and flagged ones, a subscription to nothing. */
async function live(mailboxes: Mailboxes, account: typeof alice): Promise<void> {
  const box = await mailboxes.create(account, 'Work/Old');
  const inbox = (await mailboxes.find(account, 'INBOX'))!;
  await mailboxes.append(
    account,
    inbox.id,
    ['a', 'b', 'c', 'd', 'e'].map((subject) => simple(subject)),
  );
  await mailboxes.copy(account, inbox.id, [1, 2], box.id);
  await mailboxes.expunge(account, inbox.id, [3], true);
  await mailboxes.subscribe(account, 'Nowhere', true);
}

async function rowsLeft(store: Store, account: string): Promise<Record<string, number>> {
  const left: Record<string, number> = {};
  for (const table of [...emptiedTables, 'account_store']) {
    const found = await store.read(() => rows(`select account from ${table} where account = ?`, account));
    if (found.length > 0) left[table] = found.length;
  }
  return left;
}

export function dropStoreContract(engine: Engine): void {
  test('an account that is gone leaves nothing, whatever piece its removal was stopped at; others keep all', async () => {
    await using store = await engine.open();
    using mailboxes = mailboxesOf(store);
    await live(mailboxes, alice);
    await live(mailboxes, bob);
    const before = await rowsLeft(store, bob);
    for (let pieces = 0; await store.write(dropStore, { account: alice, limit: 2 }); pieces++) {
      assert.deepEqual(await problemsOf(store, alice), [], `after ${pieces} pieces`);
      assert.ok(pieces < 50, 'the work comes to an end');
    }
    assert.deepEqual(await rowsLeft(store, alice), { account_store: 1 });
    assert.equal((await mailboxes.quota(alice)).usedBytes, 0);
    assert.equal(await store.write(forgetStore, { account: alice }), true);
    assert.deepEqual(await rowsLeft(store, alice), {});
    assert.deepEqual(await rowsLeft(store, bob), before);
    assert.deepEqual(await problemsOf(store, bob), []);
  });

  test('whoever has a mailbox of the account open is told that it is gone, and a delivery under way finds none', async () => {
    await using store = await engine.open();
    using mailboxes = mailboxesOf(store);
    await live(mailboxes, alice);
    const inbox = (await mailboxes.find(alice, 'INBOX'))!;
    using session = await mailboxes.open(alice, inbox.id);
    await removeMail(store, alice);
    await mailboxes.refresh(alice);
    session.sync({ expunge: true });
    assert.equal(session.gone, true);
    assert.deepEqual(await mailboxes.list(alice), []);
    await assert.rejects(store.write(place, placement('late')), (error: unknown) => error instanceof Refusal);
    assert.deepEqual(await rowsLeft(store, alice), { account_store: 1 });
  });

  test('what a straggler made meanwhile goes too, and forgetting twice is fine', async () => {
    await using store = await engine.open();
    using mailboxes = mailboxesOf(store);
    await live(mailboxes, alice);
    await removeMail(store, alice);
    await store.write(place, placement('late', { mailbox: { role: 'junk' } }));
    assert.equal(await store.write(forgetStore, { account: alice }), false);
    await forgetMail(store, alice);
    await forgetMail(store, alice);
    assert.deepEqual(await rowsLeft(store, alice), {});
  });
}
