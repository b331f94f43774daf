/** mbsync between Hikyaku and a Maildir: both ways, with Japanese mailbox names, until nothing is left to do. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import type { ImapFlow } from 'imapflow';
import { compose, composeJapanese, Mail } from './mail.ts';
import { needing, run } from './programs.ts';
import { alice, bob, password, World } from './world.ts';

/** mbsync leaves names of mailboxes as they are on the wire: 仕事/資料 and 絵文字😀 & more in modified UTF-7. */
const papers = '&TtVOiw-/&jMdlmQ-';
const emoji = '&fXVlh1tX2D3eAA- &- more';

suite('mbsync', needing('mbsync'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  let reader: ImapFlow;
  before(async () => {
    world = peers.use(await World.start());
    reader = await world.reader(alice);
    peers.defer(() => reader.logout());
    mkdirSync(join(world.folder, 'mail'));
    writeSettings();
  });
  after(() => peers.disposeAsync());

  function writeSettings(): void {
    const text = `
IMAPAccount hikyaku
Host localhost
Port ${world.port('imap')}
User ${alice}
Pass "${password}"
SSLType STARTTLS
CertificateFile ${world.certificate}

IMAPStore far
Account hikyaku

MaildirStore near
Path ${world.folder}/mail/
Inbox ${world.folder}/mail/INBOX
SubFolders Verbatim

Channel all
Far :far:
Near :near:
Patterns *
Create Both
Remove Both
Expunge Both
CopyArrivalDate yes
SyncState *
`;
    writeFileSync(join(world.folder, 'mbsyncrc'), text, { mode: 0o600 });
  }

  const sync = () =>
    run('mbsync', ['-c', join(world.folder, 'mbsyncrc'), '-a', '-V'], { env: { HOME: world.folder } });

  /** Files of a mailbox here: path and mail. */
  function files(mailbox: string): { path: string; mail: Mail }[] {
    return ['new', 'cur'].flatMap((sub) => {
      const folder = join(world.folder, 'mail', mailbox, sub);
      const names = existsSync(folder) ? readdirSync(folder) : [];
      return names.map((name) => {
        const text = readFileSync(join(folder, name), 'latin1');
        return {
          path: join(folder, name),
          mail: new Mail(Buffer.from(text.replaceAll('\n', '\r\n'), 'latin1')),
        };
      });
    });
  }
  const file = (mailbox: string, subject: string) =>
    files(mailbox).find(({ mail }) => mail.field('subject') === subject)!;

  async function far(mailbox: string): Promise<Record<string, string[]>> {
    const box = await reader.mailboxOpen(mailbox);
    const found = box.exists === 0 ? [] : await reader.fetchAll('1:*', { envelope: true, flags: true });
    return Object.fromEntries(
      found.map(({ envelope, flags }) => [
        envelope!.subject,
        [...flags!].filter((flag) => flag !== '\\Recent').toSorted(),
      ]),
    );
  }

  test('everything comes here, octet for octet, and mailboxes by their names', async () => {
    const japanese = composeJapanese(bob, alice);
    await reader.append('INBOX', japanese);
    for (const subject of ['one', 'two', 'three']) {
      await reader.append(
        'INBOX',
        compose({ from: bob, to: alice, subject }),
        subject === 'one' ? ['\\Flagged'] : [],
      );
    }
    for (const name of ['仕事/資料', '絵文字😀 & more']) await reader.mailboxCreate(name);
    await reader.append('仕事/資料', compose({ from: bob, to: alice, subject: 'papers' }));
    await sync();
    const [first] = files('INBOX').filter(({ mail }) => mail.text.includes('csv'));
    assert.deepEqual(first!.mail.body, new Mail(japanese).body);
    assert.match(file('INBOX', 'one').path, /,F$/);
    assert.equal(file(papers, 'papers').mail.field('subject'), 'papers');
    assert(existsSync(join(world.folder, 'mail', emoji, 'cur')));
  });

  test('what is made, marked and removed here is so there, and the other way round, in one go', async () => {
    const inbox = join(world.folder, 'mail/INBOX');
    const made = compose({ from: bob, to: alice, subject: 'made here' }).toString('latin1');
    writeFileSync(join(inbox, 'new/1700000000.1.here'), made.replaceAll('\r\n', '\n'));
    const two = file('INBOX', 'two').path;
    renameSync(two, join(inbox, 'cur', `${two.split('/').at(-1)!.split(':')[0]}:2,RS`));
    rmSync(file('INBOX', 'three').path);
    await reader.mailboxOpen('INBOX');
    await reader.messageFlagsRemove({ subject: 'one' }, ['\\Flagged']);
    await reader.messageFlagsAdd({ subject: 'one' }, ['\\Seen']);
    await reader.messageMove({ from: bob, subject: '打診' }, '仕事/資料');
    await sync();
    assert.deepEqual(await far('INBOX'), { 'made here': [], one: ['\\Seen'], two: ['\\Answered', '\\Seen'] });
    assert.deepEqual(Object.keys(await far('仕事/資料')).toSorted(), ['papers', '打診']);
    assert.match(file('INBOX', 'one').path, /,S$/);
    assert.equal(files('INBOX').length, 3);
    assert.equal(files(papers).length, 2);
  });

  test('when nothing has happened nothing is changed', async () => {
    const look = async (): Promise<unknown> => {
      const boxes = await reader.list({ statusQuery: { highestModseq: true, uidNext: true } });
      return [
        boxes.map(({ path, status }) => [path, String(status?.highestModseq), status?.uidNext]),
        files('INBOX').map(({ path }) => path),
      ];
    };
    const before = await look();
    await sync();
    assert.deepEqual(await look(), before);
  });
});
