/** Two IMAP servers brought into step by other programs: mbsync between Hikyaku and Dovecot both ways, doveadm from Hikyaku to Dovecot. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { ImapFlow } from 'imapflow';
import { Dovecot } from './dovecot.ts';
import { compose, composeJapanese } from './mail.ts';
import { needing, needingRoot, newFolder, run } from './programs.ts';
import { alice, bob, password, World } from './world.ts';

const needs = { ...needing('mbsync'), ...needingRoot('dovecot', 'doveadm') };

suite('Hikyaku and Dovecot in step', needs, () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  let dovecot: Dovecot;

  before(async () => {
    dovecot = peers.use(await Dovecot.start(['alice', 'bob']));
    world = peers.use(await World.start());
  });
  after(() => peers.disposeAsync());

  const mail = (subject: string): Buffer => compose({ from: bob, to: alice, subject });

  test('mbsync: mails, flags, deletions and Japanese mailboxes go both ways, and then nothing is left to do', async () => {
    const here = await world.reader(alice);
    const there = await dovecot.reader('alice');
    using folder = newFolder('mbsync');
    const sync = prepareMbsync(folder.path, { world, dovecot });
    await here.mailboxCreate('仕事/資料');
    await here.append('INBOX', mail('from here'), ['\\Flagged']);
    await here.append('仕事/資料', composeJapanese(bob, alice), ['\\Seen']);
    await there.mailboxCreate('家族');
    await there.append('家族', mail('from there'), ['\\Answered', '$Label1']);
    await there.append('INBOX', mail('to be deleted'));
    await there.append('INBOX', mail('to be read'));
    await sync();
    const both = await treeOf(here);
    assert.deepEqual(both, await treeOf(there));
    assert.deepEqual(both['仕事/資料'], [`${decodedDashin} \\Seen`]);
    assert.deepEqual(both['家族'], ['from there \\Answered']);
    await here.mailboxOpen('INBOX');
    await here.messageDelete({ subject: 'to be deleted' });
    await there.mailboxOpen('INBOX');
    await there.messageFlagsAdd({ subject: 'to be read' }, ['\\Seen']);
    await sync();
    assert.deepEqual((await treeOf(here))['INBOX'], ['from here \\Flagged', 'to be read \\Seen']);
    assert.deepEqual(await treeOf(here), await treeOf(there));
    const before = await modSeqs(here);
    await sync();
    assert.deepEqual(await modSeqs(here), before, 'nothing to do, nothing changed');
    for (const reader of [here, there]) await reader.logout();
  });

  test('doveadm backup: a mailbox moves to Dovecot with its UIDs and flags', async () => {
    const here = await world.reader(bob);
    await here.mailboxCreate('仕事');
    for (const subject of ['one', 'two', 'three']) await here.append('INBOX', mail(subject), ['\\Seen']);
    await here.append('仕事', composeJapanese(alice, bob), ['\\Flagged', '$Forwarded']);
    await here.mailboxOpen('INBOX');
    await here.messageDelete({ subject: 'two' });
    const source = {
      imapc_host: '127.0.0.1',
      imapc_port: String(world.port('imaps')),
      imapc_ssl: 'imaps',
      imapc_ssl_verify: 'yes',
      ssl_client_ca_file: world.certificate,
      imapc_user: bob,
      imapc_password: password,
      imapc_features: 'rfc822.size fetch-headers fetch-bodystructure',
      mail_prefetch_count: '20',
    };
    const backup = (): Promise<string> =>
      dovecot.doveadm(['backup', '-R', '-u', 'bob@dovecot.example', 'imapc:'], source);
    await backup();
    const there = await dovecot.reader('bob');
    assert.deepEqual(await treeOf(there), await treeOf(here));
    assert.deepEqual(await uidsOf(there), await uidsOf(here));
    await here.append('INBOX', mail('four'));
    await here.messageFlagsRemove({ subject: 'one' }, ['\\Seen']);
    await backup();
    assert.deepEqual(await treeOf(there), await treeOf(here));
    for (const reader of [here, there]) await reader.logout();
  });
});

const decodedDashin = '打診';

function prepareMbsync(folder: string, { world, dovecot }: { world: World; dovecot: Dovecot }) {
  const settings = join(folder, 'mbsyncrc');
  const text = `
IMAPAccount hikyaku
Host localhost
Port ${world.port('imaps')}
User ${alice}
Pass "${password}"
SSLType IMAPS
CertificateFile ${world.certificate}

IMAPStore hikyaku
Account hikyaku

IMAPAccount dovecot
Host 127.0.0.1
Port ${dovecot.imapPort}
User alice@dovecot.example
Pass "${password}"
SSLType None
AuthMechs PLAIN

IMAPStore dovecot
Account dovecot

Channel all
Far :hikyaku:
Near :dovecot:
Patterns *
Create Both
Remove Both
Expunge Both
CopyArrivalDate yes
SyncState ${folder}/state-
`;
  writeFileSync(settings, text, { mode: 0o600 });
  return () => run('mbsync', ['-c', settings, '-a', '-V'], { env: { HOME: folder } });
}

/** Of each mailbox its mails, as subject and the flags that both servers keep. */
async function treeOf(reader: ImapFlow): Promise<Record<string, string[]>> {
  const tree: Record<string, string[]> = {};
  for (const { path } of await reader.list()) {
    const box = await reader.mailboxOpen(path);
    const found = box.exists === 0 ? [] : await reader.fetchAll('1:*', { envelope: true, flags: true });
    tree[path] = found
      .map(({ envelope, flags }) => {
        const kept = [...flags!].filter((flag) => /^\\(?!Recent)/.test(flag)).toSorted();
        return [envelope!.subject, ...kept].join(' ');
      })
      .toSorted();
  }
  return tree;
}

async function uidsOf(reader: ImapFlow): Promise<Record<string, number[]>> {
  const uids: Record<string, number[]> = {};
  for (const { path } of await reader.list()) {
    const box = await reader.mailboxOpen(path);
    const found = box.exists === 0 ? [] : await reader.fetchAll('1:*', { uid: true });
    uids[path] = found.map(({ uid }) => uid);
  }
  return uids;
}

async function modSeqs(reader: ImapFlow): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const { path, status } of await reader.list({ statusQuery: { highestModseq: true } }))
    found[path] = String(status?.highestModseq);
  return found;
}
