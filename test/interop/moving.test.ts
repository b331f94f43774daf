/** A Dovecot account moves over by IMAP, POP3 and its Maildir, while it is still in use; and goes back into a Maildir that Dovecot takes as its own. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

import { after, before, suite, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import type { ImapFlow } from 'imapflow';
import { Dovecot } from './dovecot.ts';
import { compose, composeJapanese } from './mail.ts';
import { needingRoot } from './programs.ts';
import { alice, bob, password, World } from './world.ts';

const carol = 'carol@hikyaku.example';
const dora = 'dora@hikyaku.example';
const needs = needingRoot('dovecot', 'doveadm');

interface Told {
  readonly mailboxes: readonly {
    readonly mailbox: { readonly name: string };
    readonly taken: number;
    readonly known: number;
    readonly adopted: number;
    readonly flagsChanged: number;
  }[];
  readonly failures: readonly unknown[];
}

suite('moving from Dovecot', needs, () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  let dovecot: Dovecot;
  let passwordFile: string;

  before(async () => {
    dovecot = peers.use(await Dovecot.start(['alice', 'bob', 'back'], { separator: '.', prefix: 'INBOX.' }));
    world = peers.use(await World.start({ accounts: [carol, dora] }));
    passwordFile = join(world.folder, 'old-password');
    writeFileSync(passwordFile, `${password}\n`);
    await fill(await dovecot.reader('alice'));
  });
  after(() => peers.disposeAsync());

  const from = (kind: 'imap' | 'pop3', user: string): string[] => {
    const port = String(kind === 'imap' ? dovecot.imapPort : dovecot.pop3Port);
    const login = ['--user', `${user}@dovecot.example`, '--password-file', passwordFile];
    return ['--host', '127.0.0.1', '--port', port, '--starttls', '--any-certificate', ...login];
  };
  const move = async (kind: 'imap' | 'pop3', address: string, ...more: string[]): Promise<Told> =>
    JSON.parse(await world.cli('import', kind, address, ...from(kind, 'alice'), '--json', ...more)) as Told;
  const counts = ({ mailboxes }: Told): Record<string, string> =>
    Object.fromEntries(
      mailboxes
        .filter(({ taken, known, adopted }) => taken + known + adopted > 0)
        .map(({ mailbox, taken, known, adopted, flagsChanged }) => [
          mailbox.name,
          `${taken} ${known} ${adopted} ${flagsChanged}`,
        ]),
    );

  test('by IMAP: names, order, flags, keywords, dates, special use, subscriptions, contents; compared both ways', async () => {
    const told = await move('imap', alice, '--uidl', 'dovecot');
    assert.deepEqual(counts(told), { INBOX: '150 0 0 0', Sent: '1 0 0 0', '仕事/資料 & R_D': '2 0 0 0' });
    assert.deepEqual(told.failures, []);
    const here = await treeOf(await world.reader(alice), '');
    const there = await treeOf(await dovecot.reader('alice'), 'INBOX.');
    assert.deepEqual(here, there);
    assert.match(
      await world.cli('import', 'imap', alice, ...from('imap', 'alice'), '--check', '--contents'),
      /^153 of 153 messages agree; contents of 153 compared/,
    );
    assert.deepEqual(
      await uidls(
        connectTls({ host: '127.0.0.1', port: world.port('pop3s'), rejectUnauthorized: false }),
        alice,
      ),
      await uidls(connect(dovecot.pop3Port, '127.0.0.1'), 'alice@dovecot.example'),
    );
  });

  test('a later run follows what happened there meanwhile', async () => {
    const old = await dovecot.reader('alice');
    await old.mailboxOpen('INBOX');
    await old.messageFlagsAdd('3', ['\\Answered', '$Label2']);
    await old.messageDelete('5');
    await old.append('INBOX', compose({ from: bob, to: alice, subject: 'late' }));
    await old.logout();
    assert.deepEqual(counts(await move('imap', alice))['INBOX'], '1 149 0 1');
    assert.deepEqual(counts(await move('imap', alice))['INBOX'], '0 150 0 0');
    const reader = await world.reader(alice);
    await reader.mailboxOpen('INBOX');
    const [third] = await reader.fetchAll('3', { flags: true });
    assert.equal(third!.flags!.has('\\Answered') && third!.flags!.has('$Label2'), true);
    await reader.logout();
  });

  test('by POP3: mail that came by Maildir gets the unique ids, the rest comes with them', async () => {
    const told = JSON.parse(
      await world.cli(
        'import',
        'maildir',
        carol,
        dovecot.maildir('alice'),
        '--only',
        '仕事',
        'Sent',
        '--json',
      ),
    ) as Told;
    assert.deepEqual(counts(told), { Sent: '1 0 0 0', '仕事/資料 & R_D': '2 0 0 0' });
    await world.cli('import', 'maildir', carol, dovecot.maildir('alice'), '--only', 'INBOX');
    assert.deepEqual(counts(await move('pop3', carol)), { INBOX: '0 0 150 0' });
    assert.deepEqual(counts(await move('pop3', dora)), { INBOX: '150 0 0 0' });
    const ids = await uidls(connect(dovecot.pop3Port, '127.0.0.1'), 'alice@dovecot.example');
    assert.deepEqual(
      await uidls(
        connectTls({ host: '127.0.0.1', port: world.port('pop3s'), rejectUnauthorized: false }),
        carol,
      ),
      ids,
    );
    assert.deepEqual(
      await uidls(
        connectTls({ host: '127.0.0.1', port: world.port('pop3s'), rejectUnauthorized: false }),
        dora,
      ),
      ids,
    );
    assert.match(
      await world.cli('import', 'pop3', dora, ...from('pop3', 'alice'), '--check', '--contents'),
      /^150 of 150 messages agree/,
    );
  });

  test('back into a Maildir: Dovecot finds the same mailboxes, uids, flags and contents', async () => {
    const folder = dovecot.maildir('back');
    mkdirSync(folder, { recursive: true });
    await world.cli('export', 'maildir', alice, folder);
    dovecot.own(join(folder, '..'));
    const here = await world.reader(alice);
    const back = await dovecot.reader('back');
    assert.deepEqual(await treeOf(back, 'INBOX.'), await treeOf(here, ''));
    const uids = async (reader: ImapFlow): Promise<number[]> => {
      await reader.mailboxOpen('INBOX');
      return (await reader.fetchAll('1:*', { uid: true })).map(({ uid }) => uid);
    };
    const again = [await dovecot.reader('back'), await world.reader(alice)] as const;
    assert.deepEqual(await uids(again[0]), await uids(again[1]));
    for (const reader of again) await reader.logout();
  });

  test('a wrong password, a certificate that does not hold and a server that is not there are said', async () => {
    const wrong = join(world.folder, 'wrong');
    writeFileSync(wrong, 'wrong\n');
    const at = ['--host', '127.0.0.1', '--port', String(dovecot.imapPort), '--user', 'alice@dovecot.example'];
    await assert.rejects(
      world.cli('import', 'imap', bob, ...at, '--starttls', '--any-certificate', '--password-file', wrong),
      /the server says: NO/,
    );
    await assert.rejects(
      world.cli('import', 'imap', bob, ...at, '--starttls', '--password-file', passwordFile),
      /certificate of 127\.0\.0\.1 does not hold/,
    );
  });
});

async function fill(reader: ImapFlow): Promise<void> {
  const day = (n: number): Date => new Date(Date.UTC(2020, 0, 1, n));
  const mail = (subject: string): Buffer => compose({ from: bob, to: alice, subject });
  for (let i = 0; i < 150; i++)
    await reader.append('INBOX', mail(`mail ${i}`), i % 2 ? ['\\Seen'] : ['\\Flagged', 'Work'], day(i));
  const deep = 'INBOX.仕事.資料 & R_D';
  await reader.mailboxCreate(deep);
  await reader.mailboxSubscribe(deep);
  await reader.append(deep, composeJapanese(bob, alice), ['\\Seen'], day(1));
  await reader.append(deep, mail('large').subarray(0, 200), [], day(2));
  await reader.append(
    'INBOX.Sent',
    Buffer.concat([mail('sent'), Buffer.alloc(300_000, 'line\r\n')]),
    ['\\Seen'],
    day(3),
  );
  await reader.logout();
}

/** Of each mailbox with mail: its role, whether it is subscribed, and its messages in their order. */
async function treeOf(reader: ImapFlow, prefix: string): Promise<Record<string, unknown>> {
  const tree: Record<string, unknown> = {};
  for (const { path, specialUse, subscribed, flags: attributes } of await reader.list()) {
    if (attributes.has('\\Noselect') || attributes.has('\\NonExistent')) continue;
    const box = await reader.mailboxOpen(path);
    if (box.exists === 0) continue;
    const found = await reader.fetchAll('1:*', { flags: true, internalDate: true, source: true, size: true });
    const name = path
      .slice(path.startsWith(prefix) && path !== 'INBOX' ? prefix.length : 0)

      .replaceAll('.', '/');
    tree[name] = {
      role: name === 'INBOX' ? '' : specialUse,
      subscribed: subscribed || name === 'INBOX' || name === 'Sent',
      messages: found.map(({ flags, internalDate, source, size }) => [
        [...flags!]
          .filter((flag) => flag !== '\\Recent')
          .toSorted()
          .join(' '),
        new Date(internalDate!).toISOString(),
        size,
        source!.toString('latin1'),
      ]),
    };
  }
  await reader.logout();
  return tree;
}

/** Unique ids as a POP3 mailer sees them. */
function uidls(socket: Socket, user: string): Promise<string[]> {
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => (text += chunk));
  socket.write(`USER ${user}\r\nPASS ${password}\r\nUIDL\r\nQUIT\r\n`);
  return new Promise((resolve, reject) => {
    socket
      .on('error', reject)
      .on('close', () => resolve([...text.matchAll(/^\d+ (\S+)\r$/gm)].map(([, id]) => id!)));
  });
}
