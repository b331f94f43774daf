import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import type { AccountId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { noMetrics } from '../base/metrics.ts';
import { systemActor } from '../directory/actor.ts';
import { openTestDirectory, type TestDirectory } from '../directory/testing.ts';
import { emptiedTables as contactTables } from '../contact/care.ts';
import { emptiedTables as mailTables } from '../mailbox/care.ts';
import { emptiedTables as parcelTables } from '../parcel/care.ts';
import { emptiedTables as profileTables } from '../profile/rows.ts';
import { emptiedTables as sendingTables } from '../policy/sending.ts';
import { emptiedTables as scriptTables } from '../sieve/care.ts';
import { Mailboxes } from '../mailbox/mailboxes.ts';
import { simple } from '../mailbox/testing.ts';
import { openTestStore, type TestStore } from '../store/testing.ts';
import { rows } from '../store/transaction.ts';
import { AccountCare } from './account-care.ts';
import { migrations } from './migrations.ts';
import { operations } from './operations.ts';

const emptiedTables = [
  ...mailTables,
  ...scriptTables,
  ...sendingTables,
  ...contactTables,
  ...parcelTables,
  ...profileTables,
];

interface World extends AsyncDisposable {
  readonly t: TestDirectory;
  readonly store: TestStore;
  readonly mailboxes: Mailboxes;
}

async function openWorld(): Promise<World> {
  const store = await openTestStore({ migrations, operations });
  const t = await openTestDirectory(store);
  const mailboxes = new Mailboxes({ store, clock: systemClock, log: silentLog, metrics: noMetrics });
  return {
    t,
    store,
    mailboxes,
    async [Symbol.asyncDispose]() {
      mailboxes[Symbol.dispose]();
      await t[Symbol.asyncDispose]();
    },
  };
}

async function accountWithMail({ t, mailboxes }: World, name: string, count: number): Promise<AccountId> {
  const { id } = await t.office.accounts.create(systemActor, t.org.id, { name: `${name}@here.test` });
  const [inbox] = await mailboxes.list(id);
  await mailboxes.append(
    id,
    inbox!.id,
    Array.from({ length: count }, (_, i) => simple(`${name}${i}`)),
  );
  return id;
}

/** Everything that is stored under the account, by table. */
async function stored(store: TestStore, account: AccountId): Promise<string[]> {
  const left: string[] = [];
  for (const table of [...emptiedTables, 'account_store']) {
    const found = await store.read(() => rows(`select account from ${table} where account = ?`, account));
    if (found.length > 0) left.push(table);
  }
  return left;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setImmediate(resolve));
}

const careFor = ({ store }: World): AccountCare =>
  new AccountCare({ store, clock: systemClock, log: silentLog });

test('a new limit reaches the mailboxes of an account, also one that has none yet', async () => {
  await using world = await openWorld();
  const { t, mailboxes } = world;
  await using care = careFor(world);
  void care;
  const { id } = await t.office.accounts.create(systemActor, t.org.id, {
    name: 'a@here.test',
    quotaBytes: 5000,
  });
  await until(async () => (await mailboxes.quota(id)).limitBytes === 5000);
  await t.office.accounts.update(systemActor, { org: t.org.id, id }, { quotaBytes: 0 });
  await until(async () => (await mailboxes.quota(id)).limitBytes === 0);
});

test('the mail of a deleted account goes, of that one only', async () => {
  await using world = await openWorld();
  const { t, store } = world;
  await using care = careFor(world);
  void care;
  const alice = await accountWithMail(world, 'alice', 3);
  const bob = await accountWithMail(world, 'bob', 3);
  await t.office.accounts.delete(systemActor, { org: t.org.id, id: alice });
  await until(async () => (await stored(store, alice)).length === 1);
  assert.deepEqual(await stored(store, alice), ['account_store'], 'the head row stays for a while');
  assert.equal((await world.mailboxes.quota(bob)).emails, 3);
});

test('what a stop or a crash cut short is done at the next start, and the last trace goes a day later', async () => {
  await using world = await openWorld();
  const { t, store } = world;
  const alice = await accountWithMail(world, 'alice', 1200);
  await t.office.accounts.delete(systemActor, { org: t.org.id, id: alice });
  {
    await using care = careFor(world);
    void care;
    await until(async () => !(await stored(store, alice)).includes('mailbox'));
  }
  assert.ok((await stored(store, alice)).includes('email'), 'it was stopped before the end');
  await using again = careFor(world);
  void again;
  await until(async () => (await stored(store, alice)).length === 1);
  const later = {
    nowMs: () => systemClock.nowMs() + 25 * 60 * 60_000,
    monotonicMs: () => systemClock.monotonicMs(),
    after: (delayMs: number, run: () => void) => systemClock.after(delayMs, run),
  };
  await using nextDay = new AccountCare({ store, clock: later, log: silentLog });
  void nextDay;
  await until(async () => (await stored(store, alice)).length === 0);
});

test('every table that is kept by account is emptied when the account goes, or is known to stay', async () => {
  await using store = await openTestStore({ migrations, operations });
  const tables = await store.read(() =>
    rows<{ name: string; sql: string }>("select name, sql from sqlite_master where type = 'table'"),
  );
  const byAccount = tables.filter(({ sql }) => /\baccount text\b/.test(sql)).map(({ name }) => name);
  const byDirectory = [
    'account_forward',
    'account_task',
    'address',
    'api_key',
    'credential',
    'passkey',
    'recovery_code',
    'send_as',
    'totp',
    'web_session',
  ];
  // The head row goes a day later, keys of placements when they are old.
  const later = ['account_store', 'placement'];
  assert.deepEqual(byAccount.sort(), [...emptiedTables, ...byDirectory, ...later].sort());
});
