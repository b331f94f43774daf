/** s-nail, the mailx of many systems: sends Japanese text, reads and deletes by POP3 and IMAP. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { compose } from './mail.ts';
import { needing, run, type Ran } from './programs.ts';
import { alice, bob, password, World } from './world.ts';

suite('s-nail', needing('s-nail'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  before(async () => {
    world = peers.use(await World.start());
  });
  after(() => peers.disposeAsync());

  const login = `${encodeURIComponent(alice)}:${encodeURIComponent(password)}@localhost`;

  async function snail(settings: readonly string[], args: readonly string[], input: string): Promise<Ran> {
    const path = join(world.folder, 'mailrc');
    const common = [
      'set v15-compat',
      `set tls-ca-file=${world.certificate}`,
      'set tls-ca-no-defaults tls-verify=strict',
      'set folder=/tmp',
      'set charset-7bit=us-ascii charset-8bit=utf-8',
    ];
    writeFileSync(path, `${[...common, ...settings].join('\n')}\n`);
    return run('s-nail', ['-:u', ...args], { input, env: { HOME: world.folder, MAILRC: path } });
  }

  test('sends with STARTTLS and with TLS', async () => {
    for (const [scheme, kind] of [
      ['smtp', 'submission'],
      ['smtps', 'submissions'],
    ] as const) {
      const settings = [
        `set mta=${scheme}://${login}:${world.port(kind)} smtp-use-starttls smtp-auth=login from=${alice}`,
      ];
      await snail(settings, ['-s', `件名 ${scheme}`, bob], '本文\n.\nend\n');
      const mail = await world.mail(bob, Buffer.from(`件名 ${scheme}`).toString('base64').slice(0, 8));
      assert.match(mail.field('content-type')!, /charset=utf-8/i);
    }
  });

  test('reads and deletes by IMAP and by POP3', async () => {
    const reader = await world.reader(alice);
    for (const subject of ['one', 'two', 'three'])
      await reader.append('INBOX', compose({ from: bob, to: alice, subject, body: `Body of ${subject}.\n` }));
    const read = async (url: string): Promise<string> =>
      (await snail(['set pop3-use-starttls imap-use-starttls'], ['-R', '-f', url], 'headers\ntype 2\nquit\n'))
        .stdout;
    for (const url of [
      `imaps://${login}:${world.port('imaps')}/INBOX`,
      `pop3s://${login}:${world.port('pop3s')}`,
    ]) {
      const text = await read(url);
      assert.match(text, /Body of two\./);
    }
    await snail(
      ['set pop3-use-starttls'],
      ['-f', `pop3://${login}:${world.port('pop3')}`],
      'delete 1\nquit\n',
    );
    await reader.mailboxOpen('INBOX');
    const left = await reader.fetchAll('1:*', { envelope: true });
    assert.deepEqual(
      left.map(({ envelope }) => envelope!.subject),
      ['two', 'three'],
    );
    await reader.logout();
  });
});
