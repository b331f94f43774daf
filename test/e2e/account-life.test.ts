/** An account through the whole program: its limit, another name, and its end with all its mail. On both engines. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { ImapFlow } from 'imapflow';
import { createTransport } from 'nodemailer';
import { bodyReferences } from '../../src/app/body-references.ts';
import { demoAccounts, demoSettings, makeDemoOrganisation, receiverDomain } from '../../src/app/demo.ts';
import { dataFolder } from '../../src/app/data-folder.ts';
import { Supervisor } from '../../src/app/supervisor.ts';
import { systemClock } from '../../src/base/clock.ts';
import type { AccountId } from '../../src/base/ids.ts';
import { silentLog } from '../../src/base/log.ts';
import type { Settings } from '../../src/config/schema.ts';
import type { Account } from '../../src/httpd/admin-api/contract-account.ts';
import { Scripts } from '../../src/sieve/scripts.ts';
import { Workshop } from '../../src/sieve/workshop.ts';
import { sweepBodies } from '../../src/store/sweep.ts';
import { rows } from '../../src/store/transaction.ts';
import { missingPostgres, startPostgres } from '../postgres-server.ts';

const [, alice, bob] = demoAccounts;
const password = bob!.password;
const dayMs = 24 * 60 * 60_000;

class World implements AsyncDisposable {
  readonly supervisor: Supervisor;
  readonly settings: Settings;
  readonly #apiKey: string;

  private constructor(supervisor: Supervisor, settings: Settings, apiKey: string) {
    this.supervisor = supervisor;
    this.settings = settings;
    this.#apiKey = apiKey;
  }

  static async open(settings: Settings): Promise<World> {
    const supervisor = await Supervisor.start(settings, silentLog);
    return new World(supervisor, settings, (await makeDemoOrganisation(supervisor)).apiKey);
  }

  listener(kind: string): { host: string; port: number } {
    return this.supervisor.listeners.find((one) => one.kind === kind)!;
  }

  async api<T = undefined>(method: string, path: string, body?: unknown): Promise<T> {
    const { host, port } = this.listener('http');
    const response = await fetch(`http://${host}:${port}/api/v1/admin${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.#apiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${text}`);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  }

  async send(to: string, subject: string, text = 'x'): Promise<void> {
    const transport = createTransport({
      ...this.listener('submissions'),
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user: alice!.address, pass: alice!.password },
    });
    await transport.sendMail({ from: alice!.address, to, subject, text });
    transport.close();
  }

  async reader(user: string): Promise<ImapFlow> {
    const reader = new ImapFlow({
      ...this.listener('imaps'),
      secure: true,
      tls: { rejectUnauthorized: false },
      auth: { user, pass: password },
      logger: false,
    });
    await reader.connect();
    return reader;
  }

  /** The tables that have a row with one of these texts in it. */
  async tablesNaming(...texts: string[]): Promise<string[]> {
    const { store } = this.supervisor;
    const list =
      this.settings.store.engine === 'sqlite'
        ? "select name from sqlite_master where type = 'table'"
        : "select table_name as name from information_schema.tables where table_schema = 'public'";
    const tables = await store.read(() => rows<{ name: string }>(list));
    const naming: string[] = [];
    for (const { name } of tables) {
      const found = await store.read(() => rows(`select * from ${name}`));
      const words = found.flatMap((row) => Object.values(row)).filter((value) => typeof value === 'string');
      if (words.some((word) => texts.some((text) => word.includes(text)))) naming.push(name);
    }
    return naming.toSorted();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.supervisor[Symbol.asyncDispose]();
  }
}

const triesMax = 1500;

/** Asks until it is so. */
async function until<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < triesMax; tries++) {
    const found = await ask();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`never: ${what}`);
}

/**
 * Kept on purpose: what was done, what happened to mail, guesses and hints for an hour, and for a day, or until placements are forgotten, what keeps
 * late writers out.
 */
const keptTables = [
  'account_store',
  'account_task',
  'audit',
  'event',
  'login_failure',
  'outbox',
  'placement',
  'store_hint',
];
/** In these the account has something before it goes. */
const filledTables = [
  'account_forward',
  'api_key',
  'classifier_head',
  'classifier_lesson',
  'credential',
  'directory_account',
  'email',
  'login_place',
  'mailbox',
  'membership',
  'send_as',
  'sending_limit',
  'sending_pause',
  'sieve_script',
];

/** One of everything that is kept for an account. */
async function furnish(world: World, org: string, id: string): Promise<void> {
  const account = `/orgs/${org}/accounts/${id}`;
  await world.api('POST', `${account}/app-passwords`, { name: 'phone' });
  await world.api('POST', `/orgs/${org}/api-keys`, { name: 'key', scopes: ['mail:imap'], account: id });
  await world.api('PUT', `${account}/send-as`, { addresses: [`sales@${receiverDomain}`] });
  await world.api('PUT', `${account}/forward`, { targets: [alice!.address], keepCopy: true });
  for (const credential of [undefined, 'password'])
    await world.api('PUT', `${account}/sending`, { perDay: 100, credential });
  await world.api('POST', `${account}/sending/pause`, { why: 'away' });
  await world.api('POST', `${account}/classifier`, { mailbox: 'INBOX', says: 'junk' });
  await using workshop = new Workshop({ clock: systemClock, log: silentLog });
  const scripts = new Scripts({ store: world.supervisor.store, clock: systemClock, workshop });
  await scripts.put({ is: 'account', id: id as AccountId }, 'mine', Buffer.from('keep;'));
}

async function subjects(reader: ImapFlow): Promise<Map<string, number>> {
  await reader.noop();
  const found = await reader.fetchAll('1:*', { envelope: true, uid: true });
  return new Map(found.map((message) => [message.envelope?.subject ?? '', message.uid]));
}

const arrived = (reader: ImapFlow, subject: string): Promise<Map<string, number>> =>
  until(`${subject} arrives`, async () => {
    const all = await subjects(reader);
    return all.has(subject) ? all : undefined;
  });

async function wholeLife(settings: Settings): Promise<void> {
  await using world = await World.open(settings);
  const [org] = (await world.api<{ items: { id: string }[] }>('GET', '/orgs')).items;
  const { items } = await world.api<{ items: Account[] }>('GET', `/orgs/${org!.id}/accounts?q=bob`);
  const { id } = items[0]!;
  const account = `/orgs/${org!.id}/accounts/${id}`;
  const robert = `robert@${receiverDomain}`;

  const first = await world.reader(bob!.address);
  await first.mailboxOpen('INBOX');
  await world.send(bob!.address, 'one', 'long enough for a file of its own\r\n'.repeat(4000));
  const before = await arrived(first, 'one');

  await world.api('PATCH', account, { quotaBytes: 3 * 1024 * 1024 });
  const limit = await until('the limit is told', async () => {
    const quota = await first.getQuota('INBOX');
    return quota !== false && quota.storage?.limit === 3 * 1024 * 1024 ? quota.storage : undefined;
  });
  assert.ok(limit.usage! > 100_000);

  await world.api('POST', `${account}/rename`, { name: robert });
  const second = await world.reader(robert);
  await second.mailboxOpen('INBOX');
  assert.deepEqual(await subjects(second), before, 'the mail keeps its place and its UIDs');
  await world.send(bob!.address, 'to the old name');
  await world.send(robert, 'to the new name');
  await arrived(second, 'to the old name');
  await arrived(second, 'to the new name');

  await furnish(world, org!.id, id);
  const named = [id, bob!.address, robert];
  const filled = await until('everything is filled', async () => {
    const tables = await world.tablesNaming(...named);
    return filledTables.every((table) => tables.includes(table)) ? tables : undefined;
  });
  assert.ok(filled.length > filledTables.length);

  const closed = new Promise<void>((resolve) => second.once('close', resolve));
  void second.idle();
  await world.api('DELETE', account);
  await closed;
  await assert.rejects(world.reader(robert));
  let left: string[] = [];
  await until('nothing names the account', async () => {
    left = (await world.tablesNaming(...named)).filter((table) => !keptTables.includes(table));
    return left.length === 0 ? true : undefined;
  }).catch(() => assert.deepEqual(left, []));
  const swept = await sweepBodies({
    store: world.supervisor.store,
    folder: join(dataFolder(settings.data).store, 'bodies'),
    references: bodyReferences,
    nowMs: Date.now() + 2 * dayMs,
  });
  assert.ok(swept.removed >= 1, 'the long body was released');
  assert.equal(swept.kept, 0);
  first.close();
}

async function inFolder(run: (settings: Settings) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-life-'));
  try {
    await run(demoSettings(join(folder, 'data'), true));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test(
  'an account keeps its mail under another name, heeds a new limit, and takes its mail along when it goes (SQLite)',
  {
    timeout: 120_000,
  },
  () => inFolder(wholeLife),
);

test('an account keeps its mail under another name, heeds a new limit, and takes its mail along when it goes (PostgreSQL)', {
  timeout: 120_000,
  skip: missingPostgres,
}, async () => {
  await using server = await startPostgres();
  await inFolder((settings) =>
    wholeLife({ ...settings, store: { ...settings.store, engine: 'postgres', url: server.database() } }),
  );
});
