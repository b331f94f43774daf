/**
 * SIGKILL at random moments under load: after each restart nothing that was answered with 250 is missing, nothing is in a mailbox twice, and UIDs keep their promise.
 *
 * The client keeps its own ledger of every 250 it saw. `HIKYAKU_KILLS` sets how often (default 100).
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { silentLog } from '../../src/base/log.ts';
import { systemClock } from '../../src/base/clock.ts';
import { systemActor } from '../../src/directory/actor.ts';
import { Administration } from '../../src/directory/administration.ts';
import { readSettings } from '../../src/config/read.ts';
import { check } from '../../src/app/storage-care.ts';
import { Supervisor } from '../../src/app/supervisor.ts';
import { ImapFlow } from 'imapflow';
import type { Settings } from '../../src/config/schema.ts';

const kills = Number(process.env['HIKYAKU_KILLS'] ?? 100);
const senders = 8;
const password = 'crash-test';
const users = ['a', 'b', 'c'].map((name) => `${name}@crash.example`);
const root = join(import.meta.dirname, '../..');

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  assert(address !== null && typeof address === 'object');
  return address.port;
}

async function settingsIn(folder: string): Promise<{ path: string; settings: Settings }> {
  const raw = {
    hostname: 'mx.crash.example',
    data: join(folder, 'data'),
    listeners: [
      { kind: 'relay', host: '127.0.0.1', port: await freePort(), trustedNetworks: ['127.0.0.0/8'] },
      { kind: 'imap', host: '127.0.0.1', port: await freePort() },
    ],
    imap: { plainTextLogin: true },
    log: { level: 'error' },
  };
  const read = readSettings(raw);
  assert(read.is === 'settings');
  const path = join(folder, 'h.toml');
  const lists = raw.listeners.map((one) =>
    Object.entries(one).map(([key, value]) => `${key} = ${JSON.stringify(value)}`),
  );
  writeFileSync(
    path,
    [
      `hostname = "${raw.hostname}"`,
      `data = "${raw.data}"`,
      ...lists.flatMap((lines) => ['[[listeners]]', ...lines]),
      '[imap]\nplainTextLogin = true\n[log]\nlevel = "error"',
    ].join('\n'),
  );
  return { path, settings: read.settings };
}

/** Sends mails one after another over one connection, and notes each token when its 250 has come. Ends when the connection does. */
async function sendUntilCut(port: number, prefix: string, ledger: Map<string, string>): Promise<void> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  let step = 0;
  let count = 0;
  let rest = '';
  const token = (): string => `${prefix}-${count}`;
  const user = (): string => users[count % users.length]!;
  const body = (): string =>
    `Subject: ${token()}\r\nMessage-ID: <${token()}@crash.example>\r\n\r\n${'x'.repeat(500)}\r\n.\r\n`;
  const steps = [
    () => 'EHLO crash.test\r\n',
    () => 'MAIL FROM:<s@outside.example>\r\n',
    () => `RCPT TO:<${user()}>\r\n`,
    () => 'DATA\r\n',
    body,
  ];
  socket.setEncoding('latin1').on('data', (text: string) => {
    const lines = (rest + text).split('\r\n');
    rest = lines.pop()!;
    for (const line of lines.filter((one) => /^\d{3} /.test(one))) {
      if (step === 5) {
        if (line.startsWith('250 ')) ledger.set(token(), user());
        count += 1;
        step = 1;
      }
      socket.write(steps[step]!());
      step += 1;
    }
  });
  await new Promise((resolve) => socket.once('close', resolve));
}

async function startServer(path: string, port: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, ['bin/hikyaku.ts', '--config', path, 'serve'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  for (let tries = 0; tries < 1000; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1');
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return child;
    assert.equal(child.exitCode, null, 'the server did not start');
    await wait(20);
  }
  throw new Error('the server does not listen');
}

interface Seen {
  /** Subject by UID: what was ever shown. */
  readonly subjects: Map<number, string>;
}

/** Looks into a mailbox: every token once at most, and no UID that ever meant another message. */
async function observe(port: number, user: string, seen: Seen): Promise<string[]> {
  const reader = new ImapFlow({
    host: '127.0.0.1',
    port,
    secure: false,
    doSTARTTLS: false,
    auth: { user, pass: password },
    logger: false,
  });
  await reader.connect();
  const box = await reader.mailboxOpen('INBOX');
  const found = box.exists === 0 ? [] : await reader.fetchAll('1:*', { uid: true, envelope: true });
  await reader.logout();
  const subjects = found.map((message) => message.envelope!.subject!);
  assert.equal(new Set(subjects).size, subjects.length, `a mail is in the mailbox of ${user} twice`);
  for (const { uid, envelope } of found) {
    assert.equal(
      seen.subjects.get(uid) ?? envelope!.subject,
      envelope!.subject,
      `UID ${uid} of ${user} named another message before`,
    );
    seen.subjects.set(uid, envelope!.subject!);
  }
  return subjects;
}

test(`nothing accepted is lost or shown twice over ${kills} kills`, {
  timeout: 900_000 + kills * 10_000,
}, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-crash-'));
  const ledger = new Map<string, string>();
  const seen = new Map(users.map((user) => [user, { subjects: new Map<number, string>() }]));
  try {
    const { path, settings } = await settingsIn(folder);
    const [smtp, imap] = settings.listeners.map((one) => one.port) as [number, number];
    {
      await using supervisor = await Supervisor.start(settings, silentLog);
      const office = new Administration({ store: supervisor.store, clock: systemClock });
      const org = await office.orgs.create(systemActor, { name: 'Crash' });
      await office.domains.create(systemActor, org.id, { name: 'crash.example' });
      for (const name of users) await office.accounts.create(systemActor, org.id, { name, password });
    }
    for (let kill = 0; kill < kills; kill++) {
      const server = await startServer(path, smtp);
      const sending = Array.from({ length: senders }, (_, i) => sendUntilCut(smtp, `k${kill}-s${i}`, ledger));
      if (kill % 10 === 9)
        await observe(imap, users[kill % users.length]!, seen.get(users[kill % users.length]!)!);
      await wait(Math.random() * 500);
      server.kill('SIGKILL');
      await Promise.all([once(server, 'exit'), ...sending]);
    }
    const server = await startServer(path, smtp);
    const missing = await waitForAll(imap, ledger, seen);
    server.kill('SIGTERM');
    await once(server, 'exit');
    console.log(`${ledger.size} mails accepted, ${kills} kills`);
    assert.deepEqual(missing, [], 'accepted, and in no mailbox');
    assert(ledger.size > kills, 'the load was real');
    const report = await check(settings, { repair: false });
    assert(report.sound, report.lines.join('\n'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

/** Tokens that are in no mailbox when the queue has had time to empty. */
async function waitForAll(
  port: number,
  ledger: ReadonlyMap<string, string>,
  seen: ReadonlyMap<string, Seen>,
): Promise<string[]> {
  let missing: string[] = [];
  for (let tries = 0; tries < 100; tries++) {
    const there = new Set<string>();
    for (const user of users)
      for (const subject of await observe(port, user, seen.get(user)!)) there.add(subject);
    missing = [...ledger.keys()].filter((token) => !there.has(token));
    if (missing.length === 0) return [];
    await wait(500);
  }
  return missing;
}
