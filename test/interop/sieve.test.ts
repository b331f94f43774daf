/** sieve-connect, the ManageSieve client of Debian: scripts are put, checked and activated, and mail is filtered by them. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { compose } from './mail.ts';
import { needing, run, type Ran } from './programs.ts';
import { alice, bob, password, World } from './world.ts';

const filing = `require ["fileinto", "mailbox", "imap4flags", "vacation"];
# 請求書は別の箱へ
if header :contains "subject" ["invoice", "請求書"] {
  fileinto :create :flags "\\\\Flagged" "帳簿";
  stop;
}
vacation :days 1 :subject "不在" "戻るまでお待ちください。";
`;

suite('sieve-connect', needing('sieve-connect'), () => {
  let world: World;
  before(async () => {
    world = await World.start();
  });
  after(() => world[Symbol.asyncDispose]());

  async function connect(user: string, args: readonly string[], more: ConnectOptions = {}): Promise<Ran> {
    const { typed = password, mayEndWith = [0] } = more;
    const where = ['--server', 'localhost', '--nosrv', '--port', String(world.port('managesieve'))];
    const tls = ['--tlscafile', world.certificate];
    const options = [...where, ...tls, '--user', user, '--passwordfd', '0', '--debug', ...args];
    return run('sieve-connect', options, { input: `${typed}\n`, cwd: world.folder, mayEndWith });
  }

  function file(name: string, text: string): string {
    const path = join(world.folder, name);
    writeFileSync(path, text);
    return path;
  }

  test('a script is checked, put, activated, listed, fetched and deleted', async () => {
    const path = file('filing.sieve', filing);
    await connect(alice, ['--localsieve', path, '--checkscript']);
    await connect(alice, ['--localsieve', path, '--remotesieve', 'filing', '--upload']);
    await connect(alice, ['--remotesieve', 'filing', '--activate']);
    assert.match((await connect(alice, ['--list'])).stdout, /"filing" ACTIVE/);
    await connect(alice, [
      '--remotesieve',
      'filing',
      '--localsieve',
      join(world.folder, 'back'),
      '--download',
    ]);
    assert.equal(readFileSync(join(world.folder, 'back'), 'utf8'), filing);
    await connect(alice, ['--deactivate']);
    await connect(alice, ['--remotesieve', 'filing', '--delete']);
    assert.doesNotMatch((await connect(alice, ['--list'])).stdout, /"filing"/);
  });

  test('a script with an error is refused, and the place is told', async () => {
    const path = file('wrong.sieve', 'require "fileinto";\nfileinto 5;\n');
    const { said } = await connect(alice, ['--localsieve', path, '--checkscript'], {
      mayEndWith: [0, 1, 255],
    });
    assert.match(said, /line 2/);
  });

  for (const mechanism of ['PLAIN', 'LOGIN']) {
    test(`${mechanism}: logs in, and not with another password`, async () => {
      await connect(bob, ['--authmech', mechanism, '--list']);
      const wrong = await connect(bob, ['--authmech', mechanism, '--list'], {
        typed: 'wrong',
        mayEndWith: [1, 2, 22, 255],
      });
      assert.match(wrong.said, /auth/i);
    });
  }

  test('mail is filtered by what was put', async () => {
    const path = file('filing.sieve', filing);
    await connect(bob, ['--localsieve', path, '--remotesieve', '振り分け', '--upload']);
    await connect(bob, ['--remotesieve', '振り分け', '--activate']);
    const mailer = world.mailer();
    for (const subject of ['請求書', 'お元気ですか']) {
      await mailer.sendMail({ from: alice, to: bob, subject, text: 'x' });
    }
    await mailer.sendMail({
      envelope: { from: alice, to: bob },
      raw: compose({ from: alice, to: bob, subject: 'The invoice' }),
    });
    mailer.close();
    await world.mail(bob, 'Subject: The invoice', '帳簿');
    const answer = await world.mail(alice, 'Auto-Submitted: auto-replied');
    assert.match(answer.text, /^Subject: Re:|^Subject: =\?/m);
    await world.queueEmpty();
    assert.equal((await world.mails(bob, '帳簿')).length, 2);
    assert.equal((await world.mails(bob)).length, 1);
    assert.equal((await world.mails(alice)).length, 1);
  });
});

interface ConnectOptions {
  readonly typed?: string;
  readonly mayEndWith?: number[];
}
