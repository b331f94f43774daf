/** curl, the mailer of scripts: SMTP, IMAP and POP3, with STARTTLS and with TLS from the first byte. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { compose, composeJapanese } from './mail.ts';
import { needing, run, type Ran } from './programs.ts';
import { alice, bob, password, World, type Kind } from './world.ts';

const services = [
  ['smtps', 'submissions'],
  ['imaps', 'imaps'],
  ['pop3s', 'pop3s'],
] as const;
/** What curl ends with when it may not log in. */
const refused = 67;

suite('curl', needing('curl'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  before(async () => {
    world = peers.use(await World.start());
  });
  after(() => peers.disposeAsync());

  const url = (scheme: string, kind: Kind, path = ''): string =>
    `${scheme}://localhost:${world.port(kind)}/${path}`;

  async function curl(args: readonly string[], mayEndWith = [0]): Promise<Ran> {
    const options = ['-sS', '-v', '--ssl-reqd', '--cacert', world.certificate, '--max-time', '20'];
    return run('curl', [...options, ...args], { mayEndWith });
  }
  const as = (user: string, mechanism = 'PLAIN'): string[] => [
    '-u',
    `${user}:${password}`,
    '--login-options',
    `AUTH=${mechanism}`,
  ];
  function file(name: string, bytes: Buffer): string {
    const path = join(world.folder, name);
    writeFileSync(path, bytes);
    return path;
  }

  for (const [scheme, kind] of [
    ['smtp', 'submission'],
    ['smtps', 'submissions'],
  ] as const) {
    test(`${scheme}: sends a mail, with the initial response of the login or without`, async () => {
      for (const [i, more] of [['--sasl-ir'], []].entries()) {
        const mail = file('mail', compose({ from: alice, to: bob, subject: `${scheme} ${i}` }));
        const envelope = ['--mail-from', alice, '--mail-rcpt', bob, '-T', mail];
        await curl([...as(alice), ...more, ...envelope, url(scheme, kind, 'curl.example')]);
        await world.mail(bob, `Subject: ${scheme} ${i}`);
      }
    });
  }

  test('XOAUTH2 and OAUTHBEARER: an API key of the account is its token, anything else is refused', async () => {
    const key = await world.apiKey(alice, ['mail:smtp', 'mail:imap', 'mail:pop3']);
    for (const [i, [scheme, kind]] of services.entries()) {
      const ask = scheme === 'smtps' ? ['-X', 'NOOP'] : [];
      const token = (value: string): string[] => ['-u', `${alice}:`, '--oauth2-bearer', value, ...ask];
      for (const mechanism of ['XOAUTH2', 'OAUTHBEARER']) {
        await curl([...token(key), '--login-options', `AUTH=${mechanism}`, url(scheme, kind)]);
      }
      // Failures slow down those that follow: one for each service.
      const mechanism = i === 0 ? 'OAUTHBEARER' : 'XOAUTH2';
      await curl([...token('wrong'), '--login-options', `AUTH=${mechanism}`, url(scheme, kind)], [refused]);
    }
  });

  test('a wrong password is refused by each protocol', async () => {
    for (const [scheme, kind] of services) {
      await curl(['-u', `${bob}:wrong`, url(scheme, kind)], [refused]);
    }
  });

  test('without TLS nobody logs in', async () => {
    for (const [scheme, kind] of [
      ['smtp', 'submission'],
      ['imap', 'imap'],
      ['pop3', 'pop3'],
    ] as const) {
      const { said } = await run('curl', ['-sS', '-v', ...as(alice), url(scheme, kind)], {
        mayEndWith: [0, refused],
      });
      assert.doesNotMatch(said, /^> (?:AUTH|USER|\S+ (?:AUTHENTICATE|LOGIN))\b/m);
    }
  });

  for (const [scheme, kind] of [
    ['imap', 'imap'],
    ['imaps', 'imaps'],
  ] as const) {
    test(`${scheme}: lists, appends, searches, fetches, stores`, async () => {
      const raw = composeJapanese('yamada@elsewhere.example', alice);
      const login = as(alice, scheme === 'imap' ? 'LOGIN' : 'PLAIN');
      const ask = async (path: string, ...more: string[]): Promise<string> =>
        (await curl([...login, ...more, url(scheme, kind, path)])).stdout;
      assert.match(await ask(''), /\* LIST \([^)]*\) "\/" INBOX\r\n/);
      await ask('', '-X', `CREATE Drafts${scheme}`);
      await ask(`Drafts${scheme}`, '-T', file('mail', raw));
      assert.match(await ask(`Drafts${scheme}?ALL`), /\* SEARCH 1\r\n/);
      assert.equal(await ask(`Drafts${scheme};MAILINDEX=1`), raw.toString('latin1'));
      const uid = /UID (\d+)/.exec(await ask(`Drafts${scheme}`, '-X', 'FETCH 1 (UID FLAGS)'))![1];
      assert.match(
        await ask(`Drafts${scheme};UID=${uid};SECTION=HEADER.FIELDS%20(SUBJECT)`),
        /^Subject: =\?iso-2022-jp/,
      );
      assert.match(
        await ask(`Drafts${scheme}`, '-X', `STORE 1 +FLAGS (\\Flagged)`),
        /FLAGS \([^)]*\\Flagged/,
      );
      assert.match(await ask('', '-X', `STATUS Drafts${scheme} (MESSAGES)`), /MESSAGES 1/);
    });
  }

  for (const [scheme, kind] of [
    ['pop3', 'pop3'],
    ['pop3s', 'pop3s'],
  ] as const) {
    test(`${scheme}: lists, reads to the octet, looks at tops, and deletes`, async () => {
      const raw = compose({ from: alice, to: bob, subject: `by ${scheme}`, body: '.\n..\n本\n' });
      const mailer = world.mailer();
      await mailer.sendMail({ envelope: { from: alice, to: bob }, raw });
      mailer.close();
      const whole = await world.mail(bob, `Subject: by ${scheme}`);
      const ask = async (path: string, ...more: string[]): Promise<string> =>
        (await curl([...as(bob), ...more, url(scheme, kind, path)])).stdout;
      const count = (await ask('')).trim().split('\r\n').length;
      assert.equal(await ask(String(count)), whole.text);
      assert.match(await ask('', '-X', 'UIDL'), new RegExp(`^${count} \\S+\r\n`, 'm'));
      assert.equal(await ask('', '-X', `TOP ${count} 0`), whole.text.slice(0, -whole.body.length));
      await ask(String(count), '-X', 'DELE', '--head');
      assert.equal((await world.mails(bob)).length, count - 1);
    });
  }
});
