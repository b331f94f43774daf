/** Real mailers against the whole server: imapflow, curl, openssl, mbsync, mutt, Python's imaplib. */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { promisify } from 'node:util';
import { ImapFlow } from 'imapflow';
import { message } from '../../src/mailbox/testing.ts';
import { openImapWorld, password, type ImapWorld } from './imap-world.ts';

const run = promisify(execFile);

/** The `skip` option for a program that may not be here. */
const without = (program: string): { skip?: string } =>
  spawnSync('which', [program]).status === 0 ? {} : { skip: `${program} is not installed` };

/** A Japanese mail, as one would come: ISO-2022-JP, encoded subject, attachment with a Japanese name. */
const japanese = `From: =?iso-2022-jp?B?GyRCOzNFRBsoQg==?= <yamada@there.test>
To: alice@here.test
Subject: =?iso-2022-jp?B?GyRCQkc/RxsoQg==?=
Date: Tue, 24 Nov 2026 10:00:00 +0900
Message-ID: <jp1@there.test>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=iso-2022-jp

\u001b$BFnLn\u001b(B
--x
Content-Type: text/csv; name="=?utf-8?B?6LOH5paZLmNzdg==?="
Content-Disposition: attachment; filename*=utf-8''%E8%B3%87%E6%96%99.csv
Content-Transfer-Encoding: base64

YSxiDQo=
--x--
`;

async function fill(world: ImapWorld, texts: readonly string[]): Promise<void> {
  const account = world.accounts.get('alice')!;
  const [inbox] = await world.mailboxes.list(account);
  await world.mailboxes.append(
    account,
    inbox!.id,
    texts.map((text) => message(text)),
  );
}

const curl = async (...args: readonly string[]): Promise<string> =>
  (await run('curl', ['-sSk', '--max-time', '20', '-u', `alice@here.test:${password}`, ...args])).stdout;

const plain = (n: number): string =>
  `From: bob@there.test\nSubject: number ${n}\nMessage-ID: <${n}@there.test>\n\nBody ${n}.\n`;

suite('real mailers', { concurrency: 1 }, () => {
  test('imapflow: lists, reads, flags, moves, appends, searches and is told of new mail', async () => {
    await using world = await openImapWorld({ tls: true });
    await fill(world, [japanese, plain(2), plain(3)]);
    const client = new ImapFlow({
      host: '127.0.0.1',
      port: await world.listen(),
      secure: false,
      doSTARTTLS: true,
      tls: { rejectUnauthorized: false },
      auth: { user: 'alice@here.test', pass: password },
      qresync: true,
      logger: false,
    });
    await client.connect();
    const boxes = await client.list({ statusQuery: { messages: true, unseen: true } });
    assert.deepEqual(boxes.map((box) => `${box.path} ${box.specialUse}`).sort(), [
      'Archive \\Archive',
      'Drafts \\Drafts',
      'INBOX \\Inbox',
      'Junk \\Junk',
      'Sent \\Sent',
      'Trash \\Trash',
    ]);
    assert.equal(boxes.find((box) => box.path === 'INBOX')?.status?.messages, 3);
    await client.mailboxCreate('仕事/資料');
    const lock = await client.getMailboxLock('INBOX');
    try {
      const first = await client.fetchOne('1', {
        envelope: true,
        bodyStructure: true,
        source: true,
        flags: true,
      });
      assert(first);
      assert.equal(first.envelope?.subject, '打診');
      assert.equal(first.envelope?.from?.[0]?.name, '山田');
      assert.equal(first.bodyStructure?.childNodes?.[1]?.dispositionParameters?.['filename'], '資料.csv');
      assert.equal(
        first.source?.toString('latin1'),
        Buffer.from(japanese.replaceAll('\n', '\r\n')).toString('latin1'),
      );
      const { content } = await client.download('1', '2');
      assert(content);
      const pieces: Buffer[] = [];
      for await (const piece of content) pieces.push(piece as Buffer);
      assert.equal(Buffer.concat(pieces).toString(), 'a,b\r\n');
      assert.deepEqual(await client.search({ subject: '打診' }, { uid: true }), [1]);
      assert.deepEqual(await client.search({ body: '南野' }, { uid: true }), [1]);
      assert.deepEqual(await client.search({ body: 'body 3' }, { uid: true }), [3]);
      assert.equal(await client.messageFlagsAdd('2', ['\\Seen', '$Label1']), true);
      const moved = await client.messageMove('2', '仕事/資料');
      assert(moved && moved.uidMap?.get(2) === 1);
      const appended = await client.append('仕事/資料', Buffer.from(plain(9).replaceAll('\n', '\r\n')), [
        '\\Draft',
      ]);
      assert(appended && appended.uid === 2);
      const arrived = new Promise<number>((resolve) => client.once('exists', ({ count }) => resolve(count)));
      const idling = client.idle();
      await fill(world, [plain(4)]);
      assert.equal(await arrived, 3);
      await client.noop();
      await idling;
    } finally {
      lock.release();
    }
    await client.logout();
  });

  test('curl: lists, fetches, appends and searches over implicit TLS', without('curl'), async () => {
    await using world = await openImapWorld({ tls: true });
    await fill(world, [plain(1)]);
    const base = `imaps://127.0.0.1:${await world.listen({ implicitTls: true })}`;
    assert.match(await curl(`${base}/`), /\* LIST \(\\HasNoChildren\) "\/" INBOX\r\n/);
    assert.equal(await curl(`${base}/INBOX;UID=1`), plain(1).replaceAll('\n', '\r\n'));
    const folder = mkdtempSync(join(tmpdir(), 'imap-curl-'));
    writeFileSync(join(folder, 'mail'), plain(2).replaceAll('\n', '\r\n'));
    await curl('-T', join(folder, 'mail'), `${base}/Drafts`);
    rmSync(folder, { recursive: true });
    assert.match(await curl(`${base}/Drafts?ALL`), /\* SEARCH 1\r\n/);
    assert.match(await curl(`${base}/INBOX`, '-X', 'FETCH 1 ENVELOPE'), /"number 1"/);
  });

  test('openssl s_client: STARTTLS', without('openssl'), async () => {
    await using world = await openImapWorld({ tls: true, options: { plaintextLogin: false } });
    const port = await world.listen();
    const child = spawn('openssl', [
      's_client',
      '-quiet',
      '-crlf',
      '-starttls',
      'imap',
      '-connect',
      `127.0.0.1:${port}`,
    ]);
    const out: string[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk.toString()));
    child.stdin.write(`a LOGIN alice@here.test "${password}"\nb LOGOUT\n`);
    await new Promise((resolve) => child.once('close', resolve));
    assert.match(out.join(''), /a OK \[CAPABILITY[^]*\* BYE[^]*b OK/);
  });

  test(
    'mbsync: a two-way sync, with Japanese mailbox names, settles and loses nothing',
    without('mbsync'),
    async () => {
      await using world = await openImapWorld();
      await fill(world, [japanese, plain(2), plain(3)]);
      const account = world.accounts.get('alice')!;
      await world.mailboxes.create(account, '仕事/資料');
      const folder = mkdtempSync(join(tmpdir(), 'imap-mbsync-'));
      const port = await world.listen();
      writeFileSync(
        join(folder, 'rc'),
        `IMAPAccount a\nHost 127.0.0.1\nPort ${port}\nUser alice@here.test\nPass "${password}"\nSSLType None\nAuthMechs LOGIN\n\n` +
          `IMAPStore far\nAccount a\n\nMaildirStore near\nPath ${folder}/mail/\nInbox ${folder}/mail/INBOX\nSubFolders Verbatim\n\n` +
          'Channel c\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nExpunge Both\nSyncState *\n',
      );
      mkdirSync(join(folder, 'mail'));
      const sync = async (): Promise<string> => {
        const { stdout, stderr } = await run('mbsync', ['-c', join(folder, 'rc'), '-a', '-V'], {
          timeout: 30_000,
        });
        return stdout + stderr;
      };
      await sync();
      const inbox = join(folder, 'mail/INBOX');
      const files = (): string[] =>
        ['new', 'cur'].flatMap((sub) => readdirSync(join(inbox, sub)).map((name) => join(sub, name)));
      assert.equal(files().length, 3);
      const here = readdirSync(join(folder, 'mail'));
      assert(here.includes('仕事') || here.includes('&TtVOiw-'), String(here));
      // A message made here, one deleted here, one flagged there.
      writeFileSync(join(inbox, 'cur/1700000000.1.here:2,S'), plain(7));
      const gone = files().find((name) => readFileSync(join(inbox, name), 'latin1').includes('number 2'));
      assert(gone);
      rmSync(join(inbox, gone));
      const [box] = await world.mailboxes.list(account);
      await world.mailboxes.storeFlags(account, box!.id, [3], {
        how: 'add',
        flags: { system: 4, keywords: [] },
      });
      await sync();
      const now = (await world.mailboxes.list(account))[0]!;
      assert.equal(now.total, 3);
      assert(files().some((name) => /,.*F/.test(name)));
      const before = now.modseq;
      await sync();
      assert.equal(
        (await world.mailboxes.list(account))[0]!.modseq,
        before,
        'a sync with nothing to do changes nothing',
      );
      rmSync(folder, { recursive: true });
    },
  );

  test('mutt: opens INBOX and saves a message', without('mutt'), async () => {
    await using world = await openImapWorld();
    await fill(world, [plain(1), plain(2)]);
    const folder = mkdtempSync(join(tmpdir(), 'imap-mutt-'));
    const url = `imap://127.0.0.1:${await world.listen()}/INBOX`;
    const push = `push "<tag-pattern>~A<enter><tag-prefix><copy-message><kill-line>${folder}/out<enter><quit>"`;
    writeFileSync(
      join(folder, 'rc'),
      `set imap_user="alice@here.test"\nset imap_pass="${password}"\nset ssl_starttls=no\nset ssl_force_tls=no\nset copy=no\nset confirmappend=no\nset confirmcreate=no\nset quit=yes\n` +
        `set folder="${folder}"\nset mbox_type=mbox\nset header_cache=\nset wait_key=no\n${push}\n`,
    );
    const command = `mutt -n -F '${folder}/rc' -f '${url}'`;
    await run('script', ['-qec', command, '/dev/null'], {
      env: { ...process.env, TERM: 'xterm', HOME: folder },
      timeout: 20_000,
    });
    const saved = readFileSync(join(folder, 'out'), 'latin1');
    assert.equal(saved.match(/^Subject: number/gm)?.length, 2);
    rmSync(folder, { recursive: true });
  });

  test("Python's imaplib: the classic commands", without('python3'), async () => {
    await using world = await openImapWorld();
    await fill(world, [japanese, plain(2)]);
    const script = `
import imaplib, sys
m = imaplib.IMAP4('127.0.0.1', int(sys.argv[1]))
m.login('alice@here.test', ${JSON.stringify(password)})
assert m.select('INBOX')[1] == [b'2']
typ, data = m.search(None, 'ALL')
assert data == [b'1 2'], data
m.literal = '打診'.encode('iso-2022-jp')
assert m.search('ISO-2022-JP', 'SUBJECT') == ('OK', [b'1'])
m.literal = '打診'.encode('shift_jis')
assert m.uid('SEARCH', 'CHARSET', 'SHIFT_JIS', 'SUBJECT') == ('OK', [b'1'])
typ, data = m.fetch('1:2', '(RFC822.SIZE RFC822.HEADER)')
assert typ == 'OK' and len(data) == 4, data
typ, data = m.fetch('2', '(RFC822)')
assert data[0][1].endswith(b'Body 2.\\r\\n')
assert m.store('2', '+FLAGS', r'(\\Deleted)')[0] == 'OK'
assert m.expunge()[1] == [b'2']
assert m.append('Drafts', r'(\\Draft)', imaplib.Time2Internaldate(1700000000), b'Subject: d\\r\\n\\r\\nx\\r\\n')[0] == 'OK'
assert m.status('Drafts', '(MESSAGES)')[1] == [b'"Drafts" (MESSAGES 1)']
assert m.getquotaroot('INBOX')[0] == 'OK'
m.close(); m.logout()
print('done')
`;
    const { stdout } = await run('python3', ['-c', script, String(await world.listen())], {
      timeout: 20_000,
    });
    assert.equal(stdout.trim(), 'done');
  });
});
