/** Moving in from files and out again, by the command line beside a running server: nothing twice, nothing lost, octet for octet. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openInbox } from '../inbox-reader.ts';
import { RunningServer } from '../running-server.ts';

const alice = 'alice@here.test';
const bob = 'bob@here.test';
const carol = 'carol@here.test';
const dora = 'dora@here.test';

const mail = (subject: string, body = 'Hello.\n'): string =>
  `From: bob@there.test\nTo: alice@here.test\nSubject: ${subject}\nDate: Mon, 2 Nov 2020 10:00:00 +0900\n\n${body}`;

/** More than can come in the time between two kills. */
const manyMails = 2000;

interface Told {
  readonly mailboxes: readonly {
    readonly mailbox: { readonly name: string };
    readonly taken: number;
    readonly known: number;
    readonly flagsChanged: number;
  }[];
  readonly failures: readonly { readonly label: string; readonly why: string }[];
}

suite('moving', () => {
  let server: RunningServer;
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-moving-'));
  const path = (...names: string[]): string => join(folder, ...names);

  before(async () => {
    server = await RunningServer.start({
      listeners: { imap: {}, pop3: {} },
      settings: { imap: { plainTextLogin: true }, pop3: { plainTextLogin: true } },
      accounts: [alice, bob, carol, dora],
    });
  });
  after(async () => {
    await server[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true, force: true });
  });

  const told = (...args: string[]): Told =>
    JSON.parse(server.tryCommand('import', ...args, '--json').said) as Told;
  const counts = (report: Told): Record<string, number[]> =>
    Object.fromEntries(
      report.mailboxes.map(({ mailbox, taken, known, flagsChanged }) => [
        mailbox.name,
        [taken, known, flagsChanged],
      ]),
    );

  test('a Maildir comes with uids in their order, dates, flags, keywords, names and subscriptions; and goes out as it came', async () => {
    makeMaildir(path('maildir'));
    const report = told('maildir', alice, path('maildir'), '--uidl', 'dovecot');
    assert.deepEqual(counts(report), {
      INBOX: [4, 0, 0],
      仕事: [0, 0, 0],
      '仕事/資料.v2': [1, 0, 0],
      'Sent Items': [1, 0, 0],
    });
    assert.deepEqual(
      report.failures.map(({ why }) => why),
      ['it is empty'],
    );
    const reader = await openInbox(server.port('imap'), alice);
    const found = await reader.fetchAll('1:*', { envelope: true, flags: true, internalDate: true });
    assert.deepEqual(
      found.map(({ envelope, flags, internalDate }) => [
        envelope!.subject,
        [...flags!].toSorted().join(' '),
        new Date(internalDate!).toISOString(),
      ]),
      [
        ['second', '\\Seen', '2021-01-02T00:00:00.000Z'],
        ['first', '$Forwarded \\Answered \\Flagged', '2021-01-01T00:00:00.000Z'],
        ['third', 'Work', '2021-01-03T00:00:00.000Z'],
        ['new', '', '2021-01-04T00:00:00.000Z'],
      ],
    );
    const tree = await reader.list();
    const of = (name: string) => tree.find((each) => each.path === name);
    assert.equal(of('Sent Items')?.specialUse, '\\Sent');
    assert.equal(of('Sent'), undefined, 'the empty one goes');
    assert.deepEqual(
      [of('仕事/資料.v2')?.subscribed === true, of('Sent Items')?.subscribed === true],
      [true, false],
    );
    await reader.logout();

    const checked = server.tryCommand('import', 'maildir', alice, path('maildir'), '--check');
    assert.equal(checked.status, 1);
    assert.match(checked.said, /not here: .*\.empty/);
    assert.match(checked.said, /6 of 7 messages agree; contents of 6 compared/);

    server.command('export', 'maildir', alice, path('out'));
    assert.deepEqual(
      contents(path('out')),
      contents(path('maildir')).filter((text) => text !== ''),
    );
    assert.deepEqual(counts(told('maildir', bob, path('out'))), {
      INBOX: [4, 0, 0],
      Archive: [0, 0, 0],
      Drafts: [0, 0, 0],
      Junk: [0, 0, 0],
      'Sent Items': [1, 0, 0],
      Trash: [0, 0, 0],
      仕事: [0, 0, 0],
      '仕事/資料.v2': [1, 0, 0],
    });
    server.command('export', 'maildir', bob, path('out2'));
    assert.deepEqual(names(path('out2')), names(path('out')));
    assert.match(
      server.command('export', 'maildir', bob, path('out2'), '--only', 'INBOX'),
      /INBOX +0 +0 B +4/,
    );
    assert.equal(
      server.command('import', 'maildir', bob, path('out'), '--check').trim(),
      '6 of 6 messages agree; contents of 6 compared',
    );
  });

  test('a second run takes what is new, and follows flags; what differs is named', async () => {
    makeMaildir(path('again'));
    rmSync(path('again', 'cur', '1609459205.empty:2,S'));
    told('maildir', carol, path('again'));
    writeFileSync(path('again', 'new', '1700000000.late'), mail('late'));
    const renamed = path('again', 'cur', '1609545600.b,S=5:2,FS');
    writeFileSync(renamed, readFileSync(path('again', 'cur', '1609545600.b,S=5:2,S')));
    rmSync(path('again', 'cur', '1609545600.b,S=5:2,S'));
    utimesSync(renamed, 1609545600, 1609545600);
    assert.deepEqual(counts(told('maildir', carol, path('again')))['INBOX'], [1, 4, 1]);
    const reader = await openInbox(server.port('imap'), carol);
    const found = await reader.fetchAll('1:*', { envelope: true, flags: true });
    assert.deepEqual([...found[0]!.flags!].toSorted(), ['\\Flagged', '\\Seen']);
    assert.equal(found.length, 5);
    await reader.messageDelete('3', { uid: true });
    await reader.messageFlagsAdd('2', ['Mine'], { uid: true });
    await reader.logout();
    rmSync(path('again', 'new', '1700000000.late'));
    const { said } = server.tryCommand('import', 'maildir', carol, path('again'), '--check');
    const kinds = said.split('\n').map((line) => line.split(':')[0]);
    assert.deepEqual(kinds.filter((kind) => !/agree|^$/.test(kind!)).toSorted(), [
      'came, and is gone here',
      'came, and is gone there',
      'differs in flags',
    ]);
    assert.deepEqual(
      counts(told('maildir', carol, path('again')))['INBOX'],
      [0, 4, 0],
      'what was deleted here does not come again',
    );
  });

  test('mbox and eml go out and come back octet for octet, with flags in mbox', async () => {
    const tricky = mail(
      'tricky',
      'From here on\n>From there\n\nFrom a@b Mon Jan  1 00:00:00 2024\n>>From\n\n',
    );
    writeFileSync(
      path('Old Mail.mbox'),
      `From x@y Mon Jan  1 10:00:00 2024\nStatus: RO\nX-Status: AF\n${mail('one')}\nFrom - \n${mail('two')}\n`,
    );
    writeFileSync(path('tricky.eml'), tricky.replaceAll('\n', '\r\n'));
    assert.deepEqual(counts(told('mbox', dora, path('Old Mail.mbox'))), { 'Old Mail': [2, 0, 0] });
    assert.deepEqual(counts(told('mbox', dora, path('Old Mail.mbox'))), { 'Old Mail': [0, 2, 0] });
    assert.deepEqual(counts(told('eml', dora, path('tricky.eml'), '--to', 'Old Mail')), {
      'Old Mail': [1, 0, 0],
    });
    server.command('export', 'mbox', dora, path('boxes'));
    server.command('export', 'eml', dora, path('emls'));
    const [, , eml] = readdirSync(path('emls', 'Old Mail')).toSorted();
    assert.equal(readFileSync(path('emls', 'Old Mail', eml!), 'latin1'), tricky.replaceAll('\n', '\r\n'));
    server.command('import', 'mbox', alice, path('boxes', 'Old Mail.mbox'));
    server.command('export', 'mbox', alice, path('boxes2'), '--only', 'Old Mail');
    assert.equal(
      readFileSync(path('boxes2', 'Old Mail.mbox'), 'latin1'),
      readFileSync(path('boxes', 'Old Mail.mbox'), 'latin1'),
    );
    server.command('export', 'eml', alice, path('emls2'), '--only', 'Old Mail');
    assert.deepEqual(counts(told('mbox', bob, path('boxes'))), { 'Old Mail': [3, 0, 0] }, 'a folder');
    const texts = (name: string): string[] =>
      readdirSync(path(name, 'Old Mail'))
        .toSorted()
        .map((file) => readFileSync(path(name, 'Old Mail', file), 'latin1'));
    assert.deepEqual(texts('emls2'), texts('emls'));
  });

  test('scripts come with the one that filters, and go out; one with errors says where', () => {
    mkdirSync(path('sieve'));
    writeFileSync(path('sieve', 'main.sieve'), 'keep;\n');
    writeFileSync(path('sieve', 'other.sieve'), 'discard;\n');
    symlinkSync('sieve/main.sieve', path('.dovecot.sieve'));
    assert.match(
      server.command('import', 'sieve', dora, path('sieve')),
      /main \(the one that filters\)\nother/,
    );
    server.command('export', 'sieve', dora, path('scripts'));
    assert.equal(readFileSync(path('scripts', 'main.sieve'), 'utf8'), 'keep;\n');
    writeFileSync(path('wrong.sieve'), 'keep;\nfrob;\n');
    const wrong = server.tryCommand('import', 'sieve', dora, path('wrong.sieve'));
    assert.equal(wrong.status, 1);
    assert.match(wrong.said, /2:1/);
  });

  test('killed at any moment and run again, an import takes every message once', {
    timeout: 120_000,
  }, async () => {
    makeMany(path('many'), manyMails);
    const args = [
      'bin/hikyaku.ts',
      '--config',
      server.settingsFile,
      'import',
      'maildir',
      dora,
      path('many'),
      '--only',
      'INBOX',
    ];
    for (const [delayMs, whom] of [
      [400, 'command'],
      [900, 'server'],
      [700, 'command'],
    ] as const) {
      const child = spawn(process.execPath, args, {
        cwd: join(import.meta.dirname, '../..'),
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      await wait(delayMs);
      if (whom === 'command') child.kill('SIGKILL');
      else await server.kill();
      await ended;
      if (whom === 'server') await server.begin();
    }
    told('maildir', dora, path('many'), '--only', 'INBOX');
    const reader = await openInbox(server.port('imap'), dora);
    const found = await reader.fetchAll('1:*', { envelope: true });
    assert.deepEqual(
      found.map(({ envelope }) => Number(envelope!.subject)),
      Array.from({ length: manyMails }, (_, i) => i),
    );
    await reader.logout();
    assert.match(
      server.command('import', 'maildir', dora, path('many'), '--check', '--only', 'INBOX'),
      new RegExp(`^${manyMails} of ${manyMails} messages agree`),
    );
  });
});

function makeMaildir(root: string): void {
  const put = (folder: string, file: string, text: string, time: number): void => {
    for (const sub of ['cur', 'new', 'tmp']) mkdirSync(join(root, folder, sub), { recursive: true });
    const at = join(root, folder, file);
    writeFileSync(at, text);
    utimesSync(at, time, time);
  };
  put('.', 'cur/1609459200.a:2,FPR', mail('first'), 1609459200);
  put('.', 'cur/1609545600.b,S=5:2,S', mail('second'), 1609545600);
  put('.', 'cur/1609632000.c:2,b', mail('third', 'ends without a line end'), 1609632000);
  put('.', 'cur/1609459205.empty:2,S', '', 1609459205);
  put('.', 'new/1609718400.d', mail('new'), 1609718400);
  put('.&TtVOiw-', 'cur/.hidden', '', 1);
  put('.&TtVOiw-.&jMdlmQ-&AC4-v2', 'cur/1.x:2,', mail('deep'), 1609459200);
  put('.Sent Items', 'cur/1.y:2,S', mail('sent'), 1609459200);
  writeFileSync(join(root, 'dovecot-keywords'), '0 Junk\n1 Work\n');
  writeFileSync(
    join(root, 'dovecot-uidlist'),
    '3 V1600000000 N20 Gabc\n7 :1609545600.b,S=5\n9 W100 :1609459200.a:2,S\n12 :1609632000.c\n',
  );
  writeFileSync(join(root, 'subscriptions'), 'V\t2\n\n&TtVOiw-\t&jMdlmQ-&AC4-v2\n');
}

function makeMany(root: string, count: number): void {
  for (const sub of ['cur', 'new', 'tmp']) mkdirSync(join(root, sub), { recursive: true });
  for (let i = 0; i < count; i++)
    writeFileSync(join(root, 'cur', `${1_600_000_000 + i}.m:2,S`), mail(String(i)));
}

function files(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (name) => /(?:^|\/)(?:cur|new)\/[^.]/.test(name) && statSync(join(root, name)).isFile(),
  );
}

/** What the messages hold, sorted. */
const contents = (root: string): string[] =>
  files(root)
    .map((name) => readFileSync(join(root, name), 'latin1'))
    .toSorted();
/** Folders and flags of files: their uids are those of each account. */
const names = (root: string): string[] =>
  files(root)
    .map((name) => name.replace(/U\d+V\d+/, ''))
    .toSorted();
