/**
 * SIGKILL at random moments under load: after each restart nothing that was answered with 250 is missing, nothing is in a mailbox twice, and UIDs keep their promise.
 * On PostgreSQL its server is killed now and then as well.
 *
 * The client keeps its own ledger of every 250 it saw. `HIKYAKU_KILLS` sets how often (default 100; a quarter of that on PostgreSQL).
 */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { check } from '../../src/app/storage-care.ts';
import { missingPostgres, startPostgres } from '../postgres-server.ts';
import { openInbox } from '../inbox-reader.ts';
import { RunningServer } from '../running-server.ts';

const kills = Number(process.env['HIKYAKU_KILLS'] ?? 100);
const senders = 8;
const users = ['a', 'b', 'c'].map((name) => `${name}@crash.example`);

const prepare = (store: Record<string, unknown>): Promise<RunningServer> =>
  RunningServer.prepare({
    listeners: { relay: { trustedNetworks: ['127.0.0.0/8'] }, imap: {} },
    settings: { store, imap: { plainTextLogin: true }, log: { level: 'error' } },
    accounts: users,
  });

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

interface Seen {
  /** Subject by UID: what was ever shown. */
  readonly subjects: Map<number, string>;
}

/** Looks into a mailbox: every token once at most, and no UID that ever meant another message. */
async function observe(port: number, user: string, seen: Seen): Promise<string[]> {
  const reader = await openInbox(port, user);
  const { mailbox } = reader;
  assert(mailbox !== false);
  const found = mailbox.exists === 0 ? [] : await reader.fetchAll('1:*', { uid: true, envelope: true });
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

interface World {
  readonly server: RunningServer;
  readonly kills: number;
  /** It lives for up to this long under load. */
  readonly lifeMs: number;
  /** Something else that dies, after every so many kills. */
  readonly also?: () => Promise<void>;
}

async function killOften({ server, kills: count, lifeMs, also }: World): Promise<void> {
  const ledger = new Map<string, string>();
  const seen = new Map(users.map((user) => [user, { subjects: new Map<number, string>() }]));
  const [smtp, imap] = [server.port('relay'), server.port('imap')];
  for (let kill = 0; kill < count; kill++) {
    await server.begin();
    const sending = Array.from({ length: senders }, (_, i) => sendUntilCut(smtp, `k${kill}-s${i}`, ledger));
    if (kill % 10 === 9)
      await observe(imap, users[kill % users.length]!, seen.get(users[kill % users.length]!)!);
    await wait(Math.random() * lifeMs);
    if (kill % 5 === 4) await also?.();
    await server.kill();
    await Promise.all(sending);
  }
  await server.begin();
  // What could not be delivered while the store was away waits for its next try.
  server.command('queue', 'retry', '--all');
  const missing = await waitForAll(imap, ledger, seen);
  if (missing.length > 0) console.log(server.command('queue', 'list'));
  await server.stop();
  console.log(`${ledger.size} mails accepted, ${count} kills`);
  assert.deepEqual(missing, [], 'accepted, and in no mailbox');
  assert(ledger.size > count, 'the load was real');
  const report = await check(server.settings, { repair: false });
  assert(report.sound, report.lines.join('\n'));
}

test(`nothing accepted is lost or shown twice over ${kills} kills`, {
  timeout: 900_000 + kills * 10_000,
}, async () => {
  await using server = await prepare({ engine: 'sqlite' });
  await killOften({ server, kills, lifeMs: 500 });
});

describe('with PostgreSQL', { skip: missingPostgres }, () => {
  const fewer = Math.ceil(kills / 4);

  test(`nothing accepted is lost or shown twice over ${fewer} kills, also when its server dies`, {
    timeout: 900_000 + fewer * 10_000,
  }, async () => {
    await using postgres = await startPostgres();
    await using server = await prepare({ engine: 'postgres', url: postgres.database() });
    await killOften({ server, kills: fewer, lifeMs: 1500, also: () => postgres.crash() });
  });
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
