/** fetchmail: by POP3 with UIDL and by IMAP, keeping and not keeping, and on to the next mail server by SMTP and LMTP. */
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, beforeEach, suite, test } from 'node:test';
import { compose, composeJapanese, Mail } from './mail.ts';
import { needing, run, type Ran } from './programs.ts';
import { alice, bob, password, World, type Kind } from './world.ts';

/** What fetchmail ends with when there was nothing to fetch. */
const nothing = 1;
interface Source {
  readonly protocol: string;
  readonly kind: Kind;
  readonly encryption: string;
  readonly secret?: string;
}
const overTls: Source = { protocol: 'IMAP', kind: 'imaps', encryption: 'ssl' };
const japanese = composeJapanese(bob, alice);

suite('fetchmail', needing('fetchmail'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  before(async () => {
    world = peers.use(await World.start());
  });
  after(() => peers.disposeAsync());

  beforeEach(async () => {
    writeFileSync(spool(), '');
    rmSync(join(world.folder, 'ids'), { force: true });
    const reader = await world.reader(alice);
    await reader.mailboxOpen('INBOX');
    await reader.messageDelete('1:*');
    await reader.append('INBOX', japanese);
    await reader.append(
      'INBOX',
      compose({ from: bob, to: alice, subject: 'dots', body: '.\n..\nFrom here\n\n' }),
    );
    await reader.append(
      'INBOX',
      compose({ from: bob, to: alice, subject: 'no end', body: Buffer.from('no line end') }),
    );
    await reader.logout();
  });

  const spool = (): string => join(world.folder, 'spool');
  const fetched = (): string => readFileSync(spool(), 'latin1');
  const count = (): number => fetched().match(/^Subject:/gm)?.length ?? 0;

  async function fetchmail(source: Source, args: readonly string[] = [], mayEndWith = [0]): Promise<Ran> {
    const { protocol, kind, encryption, secret = password } = source;
    const path = join(world.folder, 'fetchmailrc');
    const server = `poll localhost service ${world.port(kind)} protocol ${protocol}`;
    const user = `user "${alice}" password "${secret}" ${encryption} sslcertck sslcertfile "${world.certificate}"`;
    writeFileSync(path, `${server} ${user}\n`, { mode: 0o600 });
    const own = ['-f', path, '-v', '-i', join(world.folder, 'ids'), '--pidfile', join(world.folder, 'pid')];
    const env = { HOME: world.folder, FETCHMAILHOME: world.folder };
    return run('fetchmail', [...own, ...args], { env, mayEndWith });
  }
  const intoSpool = (): string[] => ['--mda', `cat >> ${spool()}`];

  for (const [name, protocol, kind, encryption] of [
    ['POP3 over STLS', 'POP3 uidl', 'pop3', 'sslproto TLS1.2+'],
    ['POP3 over TLS', 'POP3 uidl', 'pop3s', 'ssl'],
    ['IMAP over STARTTLS', 'IMAP', 'imap', 'sslproto TLS1.2+'],
    ['IMAP over TLS', 'IMAP', 'imaps', 'ssl'],
  ] as const) {
    const source: Source = { protocol, kind, encryption };
    test(`${name}: fetches each mail once, keeps, and in the end takes them away`, async () => {
      await fetchmail(source, [...intoSpool(), '--keep']);
      assert.equal(count(), 3);
      assert(fetched().includes(new Mail(japanese).body.toString('latin1').replaceAll('\r\n', '\n')));
      assert.match(fetched(), /\n\n\.\n\.\.\nFrom here\n/);
      assert.match(fetched(), /\n\nno line end/);
      await fetchmail(source, [...intoSpool(), '--keep'], [nothing]);
      assert.equal(count(), 3, 'nothing twice');
      assert.equal((await world.mails(alice)).length, 3);
      await fetchmail(source, [...intoSpool(), '--nokeep', '--fetchall']);
      assert.equal(count(), 6);
      assert.deepEqual(await world.mails(alice), []);
    });
  }

  test('hands what it fetched to the next server by SMTP and by LMTP', async () => {
    for (const [kind, how] of [
      ['mx', []],
      ['lmtp', ['--lmtp']],
    ] as const) {
      const next = ['--smtphost', `127.0.0.1/${world.port(kind)}`, '--smtpname', bob, ...how];
      await fetchmail(overTls, [...next, '--keep', '--fetchall']);
      const mails = await world.mails(bob);
      assert.equal(mails.length, kind === 'mx' ? 3 : 6);
      assert.match(mails.at(-1)!.text, /^Received: from localhost [^]*by (?:vm|\S+) with IMAP \(fetchmail/m);
    }
  });

  test('a wrong password is told', async () => {
    const { said } = await fetchmail(
      { ...overTls, protocol: 'POP3', kind: 'pop3s', secret: 'wrong' },
      [],
      [3],
    );
    assert.match(said, /-ERR \[AUTH\]/);
  });
});
