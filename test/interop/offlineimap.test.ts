/** OfflineIMAP keeps a Maildir and Hikyaku in step. It asks for more than others: quick syncs by UIDNEXT, flags of ranges, X-OfflineIMAP headers. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { compose } from './mail.ts';
import { needing, run } from './programs.ts';
import { alice, bob, password, World } from './world.ts';

suite('OfflineIMAP', needing('offlineimap'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  before(async () => {
    world = peers.use(await World.start());
    const text = `
[general]
accounts = a
metadata = ${world.folder}/offlineimap
[Account a]
localrepository = here
remoterepository = there
[Repository here]
type = Maildir
localfolders = ${world.folder}/mail
[Repository there]
type = IMAP
remotehost = localhost
remoteport = ${world.port('imaps')}
remoteuser = ${alice}
remotepass = ${password}
ssl = yes
sslcacertfile = ${world.certificate}
`;
    writeFileSync(join(world.folder, 'offlineimaprc'), text, { mode: 0o600 });
  });
  after(() => peers.disposeAsync());

  const sync = () =>
    run('offlineimap', ['-o', '-u', 'basic', '-c', join(world.folder, 'offlineimaprc')], {
      env: { HOME: world.folder },
    });

  /** Path of the file with this subject. */
  function file(subject: string): string | undefined {
    return ['new', 'cur']
      .map((name) => join(world.folder, 'mail/INBOX', name))
      .flatMap((folder) => (existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : []))
      .find((path) => readFileSync(path, 'latin1').includes(`Subject: ${subject}\n`));
  }

  test('both ways: new mails, flags, what is removed, mailboxes with Japanese names', async () => {
    const reader = await world.reader(alice);
    for (const subject of ['one', 'two', 'three'])
      await reader.append('INBOX', compose({ from: bob, to: alice, subject }));
    await reader.mailboxCreate('仕事');
    await sync();
    for (const subject of ['one', 'two', 'three']) assert(file(subject), subject);
    assert(existsSync(join(world.folder, 'mail/&TtVOiw-')) || existsSync(join(world.folder, 'mail/仕事')));
    const made = compose({ from: bob, to: alice, subject: 'made here' }).toString().replaceAll('\r\n', '\n');
    writeFileSync(join(world.folder, 'mail/INBOX/new/1700000000.1.here'), made);
    const two = file('two')!;
    renameSync(two, join(world.folder, 'mail/INBOX/cur', `${two.split('/').at(-1)!.split(':')[0]}:2,S`));
    rmSync(file('three')!);
    await sync();
    await sync();
    await reader.mailboxOpen('INBOX');
    const found = await reader.fetchAll('1:*', { envelope: true, flags: true });
    const flags = Object.fromEntries(
      found.map((mail) => [mail.envelope!.subject!, mail.flags!.has('\\Seen')]),
    );
    assert.deepEqual(flags, { one: false, two: true, 'made here': false });
    await reader.logout();
  });
});
