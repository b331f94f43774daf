import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { silentLog } from '../../src/base/log.ts';
import { demoAccounts, demoSettings, makeDemoOrganisation } from '../../src/app/demo.ts';
import { sendDemoMail } from '../../src/app/demo-mail.ts';
import { Supervisor } from '../../src/app/supervisor.ts';
import { ImapFlow } from 'imapflow';
import type { Settings } from '../../src/config/schema.ts';

const root = join(import.meta.dirname, '../..');

/** Runs the command line on these settings; gives its output, and fails the test with it when it fails. */
function hikyaku(settings: string, ...args: readonly string[]): string {
  const run = spawnSync(process.execPath, ['bin/hikyaku.ts', '--config', settings, ...args], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(run.status, 0, `${args.join(' ')}:\n${run.stdout}${run.stderr}`);
  return run.stdout;
}

async function withReader<T>(supervisor: Supervisor, use: (reader: ImapFlow) => Promise<T>): Promise<T> {
  const { host, port } = supervisor.listeners.find((one) => one.kind === 'imaps')!;
  const bob = demoAccounts[2]!;
  const reader = new ImapFlow({
    host,
    port,
    secure: true,
    tls: { rejectUnauthorized: false },
    auth: { user: bob.address, pass: bob.password },
    logger: false,
  });
  await reader.connect();
  try {
    return await use(reader);
  } finally {
    await reader.logout();
  }
}

/** Sends one mail and waits until Bob's INBOX has `count`; gives their UIDs. */
async function deliver(supervisor: Supervisor, count: number): Promise<number[]> {
  await sendDemoMail(supervisor.listeners.find((one) => one.kind === 'submissions')!);
  return withReader(supervisor, async (reader) => {
    await reader.mailboxOpen('INBOX');
    for (let tries = 0; tries < 500; tries++) {
      await reader.noop();
      const found = await reader.fetchAll('1:*', { uid: true });
      if (found.length >= count) return found.map((message) => message.uid);
    }
    throw new Error('the mail did not arrive');
  });
}

/** The UID of the next mail on a restored store that had one. */
async function nextUid(settings: Settings): Promise<number> {
  await using restored = await Supervisor.start(settings, silentLog);
  const [kept, next] = await deliver(restored, 2);
  assert.equal(kept, 1);
  return next!;
}

test('a backup taken while running restores to a sound store, where no UID a client saw comes again', {
  timeout: 120_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-restore-'));
  const file = (name: string): string => join(folder, `${name}.toml`);
  const at = (name: string): Settings => demoSettings(join(folder, name), true);
  for (const name of ['first', 'second', 'third'])
    writeFileSync(file(name), `hostname = "mail.hikyaku.example"\ndata = "${join(folder, name)}"\n`);
  try {
    {
      await using supervisor = await Supervisor.start(at('first'), silentLog);
      await makeDemoOrganisation(supervisor);
      assert.deepEqual(await deliver(supervisor, 1), [1]);
      assert.match(hikyaku(file('first'), 'backup', join(folder, 'backup')), /Backup complete/);
      assert.deepEqual(await deliver(supervisor, 2), [1, 2], 'this one is lost by the restore');
      assert.match(hikyaku(file('first'), 'check'), / 0 problems/);
    }
    assert.match(hikyaku(file('second'), 'restore', join(folder, 'backup')), /generation 2/);
    assert.match(hikyaku(file('second'), 'check'), / 0 problems/);
    const next = await nextUid(at('second'));
    assert(next > 2, `UID 2 was seen before the restore, got ${next}`);
    hikyaku(file('third'), 'restore', join(folder, 'backup'));
    const again = await nextUid(at('third'));
    assert(again > next, `UID ${next} was seen after the first restore of this backup, got ${again}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
