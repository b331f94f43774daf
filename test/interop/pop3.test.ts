/** POP3 as real clients speak it: curl and fetchmail from the system, node-pop3 from npm. */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import Pop3Command from 'node-pop3';
import { systemClock } from '../../src/base/clock.ts';
import { noFlags } from '../../src/mailbox/flags.ts';
import { alice, mailboxesOf, message, openMailStore } from '../../src/mailbox/testing.ts';
import type { Mailboxes } from '../../src/mailbox/mailboxes.ts';
import { listen } from '../../src/net/listener.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { TlsContexts } from '../../src/net/tls-contexts.ts';
import { testServer } from '../../src/pop3d/testing.ts';

const run = promisify(execFile);

const first =
  'From: bob@there.test\nTo: alice@here.test\nSubject: =?UTF-8?B?5pel5pys6Kqe?=\nMessage-ID: <1@there.test>\nDate: Mon, 1 Jun 2026 10:00:00 +0900\n\nFirst\n.\n..dots\n';
const second =
  'From: carol@there.test\nTo: alice@here.test\nSubject: two\nMessage-ID: <2@there.test>\nDate: Mon, 1 Jun 2026 11:00:00 +0900\n\nSecond, no end';

interface Lab {
  readonly port: number;
  readonly securePort: number;
  readonly mailboxes: Mailboxes;
  readonly folder: string;
}

function has(program: string): boolean {
  try {
    execFileSync('which', [program], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function withServer(name: string, program: string | undefined, body: (lab: Lab) => Promise<void>): void {
  const skip = program !== undefined && !has(program) ? `${program} is not installed` : false;
  test(name, { skip, timeout: 60_000 }, async () => {
    await using store = await openMailStore();
    using mailboxes = mailboxesOf(store);
    const inbox = (await mailboxes.find(alice, 'INBOX'))!;
    const large = message(`Subject: large\n\n${'A line of some text.\n'.repeat(10_000)}`);
    const writer = mailboxes.bodyWriter();
    await writer.write(large.body.is === 'inline' ? large.body.bytes : new Uint8Array(0));
    const body3 = await writer.finish();
    const third = { flags: noFlags, receivedAtMs: 1, body: body3, email: await mailboxes.prepare(body3) };
    await mailboxes.append(alice, inbox.id, [message(first), message(second), third]);
    const tls = new TlsContexts({ certificates: [await makeSelfSigned(['localhost'], systemClock)] });
    const { server } = testServer({ mailboxes, tls, options: { plaintextLogin: false } });
    const base = { host: '127.0.0.1', port: 0, clock: systemClock };
    await using plain = await listen(base, (connection) => server.serve(connection));
    await using secure = await listen({ ...base, tls }, (connection) => server.serve(connection));
    const folder = mkdtempSync(join(tmpdir(), 'hikyaku-pop3-'));
    try {
      await body({ port: plain.address.port, securePort: secure.address.port, mailboxes, folder });
    } finally {
      rmSync(folder, { recursive: true, force: true });
      await server.stop();
    }
  });
}

const total = async ({ mailboxes }: Lab): Promise<number> => (await mailboxes.find(alice, 'INBOX'))!.total;

async function curl(url: string, ...more: string[]): Promise<string> {
  const options = [
    '-s',
    '-S',
    '-k',
    '--ssl-reqd',
    '-u',
    'alice:secret',
    '--login-options',
    'AUTH=PLAIN',
    '--max-time',
    '20',
  ];
  return (await run('curl', [...options, ...more, url], { maxBuffer: 2 ** 24 })).stdout;
}

withServer('curl lists, reads, and deletes, over STLS and over TLS', 'curl', async (lab) => {
  const upgraded = `pop3://127.0.0.1:${lab.port}`;
  const secure = `pop3s://127.0.0.1:${lab.securePort}`;
  assert.match(await curl(upgraded), /^1 \d+\r\n2 \d+\r\n3 220018\r\n$/);
  assert.equal(await curl(`${upgraded}/1`), first.replaceAll('\n', '\r\n'));
  assert.equal(await curl(`${secure}/2`), `${second.replaceAll('\n', '\r\n')}\r\n`);
  assert.equal((await curl(`${secure}/3`)).length, 220_018);
  assert.match(await curl(secure, '-X', 'UIDL'), /^1 \d+\.1\r\n2 \d+\.2\r\n3 \d+\.3\r\n$/);
  await curl(`${secure}/2`, '-X', 'DELE', '--head');
  assert.equal(await total(lab), 2);
});

withServer('fetchmail fetches all once, keeps and then deletes', 'fetchmail', async (lab) => {
  const mailbox = join(lab.folder, 'mbox');
  const settings = join(lab.folder, 'fetchmailrc');
  writeFileSync(
    settings,
    `poll 127.0.0.1 protocol POP3 service ${lab.port} uidl user "alice" password "secret" sslproto "TLS1.2+" no sslcertck
     mda "/bin/cat >> ${mailbox}"\n`,
  );
  chmodSync(settings, 0o600);
  const env = { ...process.env, HOME: lab.folder, FETCHMAILHOME: lab.folder };
  const fetchmail = async (...more: string[]): Promise<string> => {
    const options = [
      '-f',
      settings,
      '-v',
      '-i',
      join(lab.folder, 'ids'),
      '--pidfile',
      join(lab.folder, 'pid'),
    ];
    // Exit code 1 is "no new mail".
    const done = await run('fetchmail', [...options, ...more], { env, timeout: 40_000 }).catch(
      (error: { code?: number; stdout?: string; stderr?: string }) => {
        if (error.code !== 1) throw new Error(`fetchmail: ${error.code} ${error.stdout} ${error.stderr}`);
        return { stdout: error.stdout ?? '' };
      },
    );
    return done.stdout;
  };
  await fetchmail('--keep');
  const fetched = readFileSync(mailbox, 'utf8');
  assert.match(fetched, /First\n\.\n\.\.dots\n/);
  assert.match(fetched, /Second, no end/);
  assert.equal(fetched.match(/^Subject:/gm)!.length, 3);
  assert.equal(await total(lab), 3);
  await fetchmail('--keep');
  assert.equal(readFileSync(mailbox, 'utf8').length, fetched.length, 'nothing is fetched twice');
  await fetchmail('--nokeep', '--fetchall');
  assert.equal(await total(lab), 0);
});

withServer('node-pop3 reads over TLS', undefined, async (lab) => {
  const client = new Pop3Command({
    user: 'alice',
    password: 'secret',
    host: 'localhost',
    port: lab.securePort,
    tls: true,
    tlsOptions: { rejectUnauthorized: false },
  });
  const uids = (await client.UIDL()) as unknown as [string, string][];
  assert.deepEqual(
    uids.map(([number]) => number),
    ['1', '2', '3'],
  );
  assert.match(await client.RETR(1), /Subject: =\?UTF-8\?B\?5pel5pys6Kqe\?=/);
  assert.match(await client.TOP(3, 1), /^Subject: large\r\n\r\nA line of some text\.\r?\n?$/);
  await client.command('DELE', 2);
  await client.QUIT();
  assert.equal(await total(lab), 2);
});
