/** Mail libraries of Node.js against the whole program: nodemailer sends, imapflow reads and is told of what comes, node-pop3 fetches. */
import assert from 'node:assert/strict';
import { text as textOf, buffer as bufferOf } from 'node:stream/consumers';
import { after, before, suite, test } from 'node:test';
import type { ImapFlow } from 'imapflow';
import Pop3Command from 'node-pop3';
import { compose, composeJapanese } from './mail.ts';
import { eventually } from './programs.ts';
import { alice, bob, password, World } from './world.ts';

const hanako = '花子@飛脚.example';

suite('mail libraries of npm', { timeout: 180_000 }, () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  before(async () => {
    world = peers.use(await World.start({ domains: ['飛脚.example'], accounts: [hanako] }));
  });
  after(() => peers.disposeAsync());

  test('nodemailer: a mail with alternatives and attachments to an international address, over one pool of connections', async () => {
    const mailer = world.mailer(alice, { pool: true, maxConnections: 2 } as object);
    const names = ['一', '二', '三', '四'];
    await Promise.all(
      names.map((name) =>
        mailer.sendMail({
          from: { name: '有栖', address: alice },
          to: hanako,
          subject: `件名 ${name}`,
          text: '本文',
          html: '<p>本文 <img src="cid:logo"></p>',
          attachments: [
            { filename: '資料 1.txt', content: '資料\n'.repeat(100) },
            { filename: 'logo.png', content: Buffer.alloc(100_000, 7), cid: 'logo' },
          ],
        }),
      ),
    );
    mailer.close();
    const reader = await world.reader(hanako);
    await eventually('all have come', async () => (await countOf(reader)) === names.length);
    await reader.mailboxOpen('INBOX');
    const found = await reader.fetchAll('1:*', { envelope: true, bodyStructure: true });
    assert.deepEqual(
      found.map(({ envelope }) => envelope!.subject).toSorted(),
      names.map((name) => `件名 ${name}`).toSorted(),
    );
    const [{ envelope, bodyStructure, seq }] = found as [(typeof found)[0]];
    assert.deepEqual(envelope!.from, [{ name: '有栖', address: alice }]);
    const parts = [bodyStructure!, ...(bodyStructure!.childNodes ?? [])];
    assert(parts.some((part) => part.dispositionParameters?.['filename'] === '資料 1.txt'));
    const file = parts.find((part) => part.dispositionParameters?.['filename'] === '資料 1.txt')!;
    const { content } = await reader.download(String(seq), file.part);
    assert.equal(await textOf(content!), '資料\n'.repeat(100));
    await reader.logout();
  });

  test('nodemailer: STARTTLS or TLS, each login; refusals are told for each recipient', async () => {
    for (const method of ['PLAIN', 'LOGIN']) {
      for (const kind of ['submission', 'submissions'] as const) {
        const how = { port: world.port(kind), secure: kind === 'submissions', authMethod: method };
        const mailer = world.mailer(alice, how);
        assert.equal(await mailer.verify(), true);
        mailer.close();
      }
    }
    const mailer = world.mailer();
    const to = [bob, 'unknown@hikyaku.example'];
    const sent = await mailer.sendMail({
      envelope: { from: alice, to },
      raw: compose({ from: alice, to: bob, subject: 'some' }),
    });
    assert.deepEqual(sent.accepted, [bob]);
    assert.deepEqual(sent.rejected, to.slice(1));
    await assert.rejects(mailer.sendMail({ from: bob, to: bob, text: 'x' }), { responseCode: 550 });
    mailer.close();
    await assert.rejects(world.mailer(alice, { auth: { user: alice, pass: 'wrong' } }).verify(), {
      responseCode: 535,
    });
  });

  test('imapflow: lists, reads, flags, moves, appends, searches', async () => {
    const reader = await world.reader(alice, { qresync: true });
    const boxes = await reader.list({ statusQuery: { messages: true, unseen: true } });
    const uses = boxes.map(({ path, specialUse }) => `${path} ${specialUse}`).toSorted();
    const expected = ['Archive', 'Drafts', 'INBOX', 'Junk', 'Sent', 'Trash'];
    assert.deepEqual(
      uses,
      expected.map((name) => `${name} \\${name === 'INBOX' ? 'Inbox' : name}`),
    );
    await reader.mailboxCreate('仕事/資料');
    const japanese = composeJapanese(bob, alice);
    await reader.append('INBOX', japanese);
    for (const n of [2, 3])
      await reader.append(
        'INBOX',
        compose({ from: bob, to: alice, subject: `number ${n}`, body: `Body ${n}.\n` }),
      );
    await reader.mailboxOpen('INBOX');
    const first = await reader.fetchOne('1', { envelope: true, bodyStructure: true, source: true });
    assert(first);
    assert.equal(first.envelope!.subject, '打診');
    assert.equal(first.envelope!.from![0]!.name, '山田');
    assert.equal(first.bodyStructure!.childNodes![1]!.dispositionParameters!['filename'], '資料.csv');
    assert.deepEqual(first.source, japanese);
    assert.equal((await bufferOf((await reader.download('1', '2')).content!)).toString(), 'a,b\r\n');
    assert.deepEqual(await reader.search({ subject: '打診' }, { uid: true }), [1]);
    assert.deepEqual(await reader.search({ body: 'こんにちは' }, { uid: true }), [1]);
    assert.deepEqual(await reader.search({ body: 'body 3' }, { uid: true }), [3]);
    assert.equal(await reader.messageFlagsAdd('2', ['\\Seen', '$Label1']), true);
    const moved = await reader.messageMove('2', '仕事/資料');
    assert(moved && moved.uidMap?.get(2) === 1);
    const appended = await reader.append('仕事/資料', compose({ from: bob, to: alice, subject: 'draft' }), [
      '\\Draft',
    ]);
    assert(appended && appended.uid === 2);
    await reader.logout();
  });

  test('imapflow: who idles is told of new mail, of flags and of what goes', async () => {
    const reader = await world.reader(bob);
    await reader.mailboxOpen('INBOX');
    const told: string[] = [];
    reader.on('exists', ({ count }) => told.push(`exists ${count}`));
    reader.on('flags', ({ seq, flags }) => told.push(`flags ${seq} ${[...flags].join(' ')}`));
    reader.on('expunge', (event) => told.push(`expunge ${(event as { seq: number }).seq}`));
    const before = (reader.mailbox as { exists: number }).exists;
    const idling = reader.idle();
    const mailer = world.mailer();
    await mailer.sendMail({ from: alice, to: bob, subject: 'while idle', text: 'x' });
    mailer.close();
    const seq = before + 1;
    await eventually('told of new mail', () => told.includes(`exists ${seq}`));
    const other = await world.reader(bob);
    await other.mailboxOpen('INBOX');
    await other.messageFlagsAdd(String(seq), ['\\Flagged']);
    await eventually('told of flags', () =>
      told.some((line) => line.startsWith(`flags ${seq} `) && line.includes('\\Flagged')),
    );
    await other.messageDelete(String(seq));
    await eventually('told of what has gone', () => told.includes(`expunge ${seq}`));
    await other.logout();
    await reader.noop();
    await idling;
    await reader.logout();
  });

  test('node-pop3: reads and deletes over TLS', async () => {
    const owner = await world.reader(alice);
    await owner.mailboxOpen('INBOX');
    await owner.messageDelete('1:*');
    for (const subject of ['one', 'two'])
      await owner.append('INBOX', compose({ from: bob, to: alice, subject, body: 'Body.\nMore.\n' }));
    const client = new Pop3Command({
      user: alice,
      password,
      host: 'localhost',
      port: world.port('pop3s'),
      tls: true,
      tlsOptions: { rejectUnauthorized: false },
    });
    const uids = (await client.UIDL()) as unknown as [string, string][];
    assert.deepEqual(
      uids.map(([number]) => number),
      ['1', '2'],
    );
    assert.match(await client.RETR(1), /Subject: one\r\n[^]*\r\n\r\nBody\.\r\nMore\.(?:\r\n)?$/);
    assert.match(await client.TOP(2, 1), /Subject: two\r\n[^]*\r\n\r\nBody\.\r?\n?$/);
    await client.command('DELE', 2);
    await client.QUIT();
    await owner.noop();
    assert.equal(await countOf(owner), 1);
    await owner.logout();
  });
});

async function countOf(reader: ImapFlow): Promise<number | undefined> {
  const status = await reader.status('INBOX', { messages: true });
  return status === false ? undefined : status.messages;
}
