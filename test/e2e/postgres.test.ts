/** The whole program on PostgreSQL: the way of a mail and its journey, backup and restore, the server's death, and servers that would lose mail. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { createTransport, type SentMessageInfo } from 'nodemailer';
import { decodeQuotedPrintable } from '../../src/proto/mime/decode-transfer.ts';
import { missingPostgres, startPostgres, type PostgresServer } from '../postgres-server.ts';
import { openInbox } from '../inbox-reader.ts';
import { password, RunningServer, type ServerPlan } from '../running-server.ts';

const alice = 'alice@here.test';
const bob = 'bob@far.test';
const farHost = '127.0.0.2';

/** Mail from Alice to Bob leaves by MX and comes in again at another listener. */
const plan = (url: string, accounts: readonly string[], more: object = {}): ServerPlan => ({
  listeners: { submission: {}, mx: { host: farHost, hostname: 'mx.far.test' }, imap: {}, http: {} },
  settings: (portOf) => ({
    store: { engine: 'postgres', url, ...more },
    threads: 2,
    submission: { plainTextLogin: true },
    imap: { plainTextLogin: true },
    delivery: { ownNetworksAllowed: true, port: portOf('mx'), byMx: ['far.test'] },
    dns: {
      zone: [
        { name: 'far.test', type: 'MX', data: '10 mx.far.test' },
        { name: 'mx.far.test', type: 'A', data: farHost },
      ],
    },
  }),
  accounts,
});

async function send(server: RunningServer, subject: string, text = 'Hello'): Promise<string> {
  const transport = createTransport({
    host: '127.0.0.1',
    port: server.port('submission'),
    secure: false,
    ignoreTLS: true,
    auth: { user: alice, pass: password },
  });
  const { response } = (await transport.sendMail({ from: alice, to: bob, subject, text })) as SentMessageInfo;
  return /as (\w+)/.exec(response as string)![1]!;
}

interface Read {
  readonly uid: number;
  readonly subject: string;
  readonly source: string;
}

/** Bob's INBOX once it has so many. */
async function inbox(server: RunningServer, count: number): Promise<Read[]> {
  const reader = await openInbox(server.port('imap'), bob);
  try {
    for (let i = 0; i < 400 && reader.mailbox !== false && reader.mailbox.exists < count; i++) {
      await wait(50);
      await reader.noop();
    }
    const all = await reader.fetchAll('1:*', { uid: true, envelope: true, source: true });
    return all.map(({ uid, envelope, source }) => ({
      uid,
      subject: envelope!.subject!,
      source: source!.toString('latin1'),
    }));
  } finally {
    await reader.logout();
  }
}

describe('the whole program on PostgreSQL', { skip: missingPostgres, timeout: 240_000 }, () => {
  let postgres: PostgresServer;
  let server: RunningServer;
  /** Larger than what is kept in rows. */
  const large = randomBytes(150_000).toString('base64').replaceAll(/.{76}/g, '$&\r\n');

  before(async () => {
    postgres = await startPostgres();
    server = await RunningServer.start(plan(postgres.database(), [alice, bob]));
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
    await postgres?.[Symbol.asyncDispose]();
  });

  test('a mail goes from submission over SMTP into a mailbox, with its journey', async () => {
    const id = await send(server, 'First');
    const [mail] = await inbox(server, 1);
    assert.equal(mail!.subject, 'First');
    const journey = server.command('journey', id);
    assert.match(journey, /Submitted by a mailer/);
    assert.match(journey, /Delivered for bob@far\.test: mx\.far\.test/);
    assert.match(server.command('queue'), /The queue is empty/);
    assert.match(server.command('check'), / 0 problems/);
    assert((await server.metric('hikyaku_queue_outcomes_total')) > 0);
  });

  test('a large body lies in a file and is read again', async () => {
    await send(server, 'Large', large);
    const mails = await inbox(server, 2);
    const { source } = mails[1]!;
    const text = source.slice(source.indexOf('\r\n\r\n'));
    assert(decodeQuotedPrintable(Buffer.from(text, 'latin1')).toString('latin1').includes(large.trimEnd()));
    assert.match(server.command('check'), /[1-9]\d* bodies in files/);
  });

  test('it goes on when the database server has died and come back', async () => {
    await postgres.crash();
    await send(server, 'After the crash');
    const mails = await inbox(server, 3);
    assert.equal(mails[2]!.subject, 'After the crash');
    // Each thread notices by its own next question that the database is back.
    const ready = async (): Promise<number> =>
      (await fetch(`http://127.0.0.1:${server.port('http')}/readyz`)).status;
    for (let tries = 0; tries < 200 && (await ready()) !== 200; tries++) await wait(50);
    assert.equal(await ready(), 200);
  });

  test('a backup taken while it runs is restored elsewhere, and no UID a client saw comes again', async () => {
    const folder = join(server.folder, 'backup');
    assert.match(server.command('backup', folder), /Backup complete .* [1-9]\d* bodies/);
    await send(server, 'Lost by the restore');
    const before = await inbox(server, 4);
    await using other = await RunningServer.prepare(plan(postgres.database(), []));
    assert.match(other.command('restore', folder), /generation 2/);
    assert.match(other.command('check'), / 0 problems/);
    await other.begin();
    const restored = await inbox(other, 3);
    assert.deepEqual(restored, before.slice(0, 3));
    await send(other, 'New');
    const after = await inbox(other, 4);
    assert(after[3]!.uid > before[3]!.uid + 1000, `UID ${after[3]!.uid} after ${before[3]!.uid} was seen`);
    const again = other.tryCommand('restore', folder);
    assert.notEqual(again.status, 0, 'not over what is there');
  });

  for (const setting of ['fsync', 'full_page_writes', 'synchronous_commit'] as const) {
    test(`a server that runs with ${setting}=off is refused, unless it is allowed by name`, async () => {
      await using unsafe = await startPostgres({ settings: [`${setting}=off`] });
      await using refused = await RunningServer.prepare(plan(unsafe.database(), []));
      const { status, said } = refused.tryCommand('serve');
      assert.equal(status, 1);
      assert.match(said, new RegExp(`${setting}=off.*acknowledged mail could be lost.*store\\.allowUnsafe`));
      assert(said.split('\n').length < 4, said);
      await using allowed = await RunningServer.prepare(
        plan(unsafe.database(), [], { allowUnsafe: [setting] }),
      );
      await allowed.begin();
      await allowed.stop();
    });
  }
});
