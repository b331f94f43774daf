/** Mail that goes from one account to another: never lost, never half there, and no transaction of both. */
import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { AccountId } from '../../base/ids.ts';
import type { Operation } from '../../store/operation.ts';
import type { Store } from '../../store/store.ts';
import type { MailboxInfo } from '../mailbox.ts';
import type { Mailboxes } from '../mailboxes.ts';
import { alice, bob, mailboxesOf, openMailStore, problemsOf, simple } from '../testing.ts';

interface Write {
  readonly name: string;
  readonly args: { readonly account: AccountId };
}

/** A store that tells of each write before it begins: throwing there is a crash that comes just before. */
function told(store: Store, tell: (write: Write) => void): Store {
  const write = (operation: Operation<Write['args'], unknown>, args: Write['args']): Promise<unknown> => {
    tell({ name: operation.name, args });
    return store.write(operation, args);
  };
  return new Proxy(store, {
    get(target, name) {
      if (name === 'write') return write;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

const inboxOf = async (mailboxes: Mailboxes, account: AccountId): Promise<MailboxInfo> =>
  (await mailboxes.list(account))[0]!;

/** Moves or copies all of alice's INBOX to bob's. */
async function send(mailboxes: Mailboxes, move: boolean): Promise<unknown> {
  const from = await inboxOf(mailboxes, alice);
  const to = await inboxOf(mailboxes, bob);
  const uids = Array.from({ length: from.uidNext - 1 }, (_, i) => i + 1);
  return mailboxes.copyAcross(
    { account: alice, mailbox: from.id, uids },
    { account: bob, mailbox: to.id },
    { move, flags: (flags) => flags },
  );
}

async function totals(mailboxes: Mailboxes): Promise<readonly number[]> {
  return [(await inboxOf(mailboxes, alice)).total, (await inboxOf(mailboxes, bob)).total];
}

async function fill(mailboxes: Mailboxes, count: number): Promise<void> {
  const inbox = await inboxOf(mailboxes, alice);
  const messages = Array.from({ length: count }, (_, i) => simple(`m${i}`));
  await mailboxes.append(alice, inbox.id, messages);
}

suite('from one account to another', () => {
  test('a move that ends before the source is expunged leaves the mail in both', async () => {
    await using store = await openMailStore();
    const crashing = told(store, ({ name, args }) => {
      if (name === 'mailbox.expunge' && args.account === alice) throw new Error('crash');
    });
    using mailboxes = mailboxesOf(crashing);
    await fill(mailboxes, 3);
    await assert.rejects(send(mailboxes, true), /crash/);
    assert.deepEqual(await totals(mailboxes), [3, 3]);
  });

  test('a move that ends before anything is stored leaves the mail where it was', async () => {
    await using store = await openMailStore();
    const crashing = told(store, ({ name, args }) => {
      if (name === 'mailbox.append' && args.account === bob) throw new Error('crash');
    });
    using mailboxes = mailboxesOf(crashing);
    await fill(mailboxes, 3);
    await assert.rejects(send(mailboxes, true), /crash/);
    assert.deepEqual(await totals(mailboxes), [3, 0]);
  });

  test('a copy that fails under way takes back what was stored already', async () => {
    await using store = await openMailStore();
    let pieces = 0;
    const failing = told(store, ({ name, args }) => {
      if (name === 'mailbox.append' && args.account === bob && ++pieces > 1) throw new Error('no room');
    });
    using mailboxes = mailboxesOf(failing);
    await fill(mailboxes, 150);
    await assert.rejects(send(mailboxes, false), /no room/);
    assert.equal(pieces, 2);
    assert.deepEqual(await totals(mailboxes), [150, 0]);
    assert.deepEqual([...(await problemsOf(store, alice)), ...(await problemsOf(store, bob))], []);
  });

  test('a move writes to the one account, then to the other, and never to both at once', async () => {
    await using store = await openMailStore();
    const writes: Write[] = [];
    using mailboxes = mailboxesOf(told(store, (write) => void writes.push(write)));
    await fill(mailboxes, 150);
    await inboxOf(mailboxes, bob);
    writes.length = 0;
    await send(mailboxes, true);
    assert.deepEqual(
      writes.map(({ name, args }) => `${name} ${args.account}`),
      ['mailbox.append bob', 'mailbox.append bob', 'mailbox.expunge alice'],
    );
    for (const { args } of writes) assert.doesNotMatch(JSON.stringify(args), /"alice".*"bob"|"bob".*"alice"/);
    assert.deepEqual(await totals(mailboxes), [0, 150]);
  });
});
