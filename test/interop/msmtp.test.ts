/** msmtp, the sendmail of many a script: TLS with a checked certificate, each login, recipients from the header, notices. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { compose, composeJapanese, Mail } from './mail.ts';
import { needing, run, type Ran } from './programs.ts';
import { alice, bob, hostname, password, World } from './world.ts';

/** From sysexits.h: what msmtp ends with. */
const ends = { noUser: 69, protocol: 76, noPermission: 77 };

suite('msmtp', needing('msmtp'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  before(async () => {
    world = peers.use(await World.start());
  });
  after(() => peers.disposeAsync());

  async function msmtp(
    settings: readonly string[],
    args: readonly string[],
    { input, mayEndWith = [0] }: { input?: Buffer; mayEndWith?: readonly number[] } = {},
  ): Promise<Ran> {
    const path = join(world.folder, 'msmtprc');
    const all = [
      'defaults',
      `tls_trust_file ${world.certificate}`,
      'account default',
      'host localhost',
      `from ${alice}`,
      ...settings,
    ];
    writeFileSync(path, `${all.join('\n')}\n`, { mode: 0o600 });
    const text =
      input === undefined
        ? {}
        : { input: Buffer.from(input.toString('latin1').replaceAll('\r\n', '\n'), 'latin1') };
    return run('msmtp', ['-C', path, '--debug', ...args], {
      ...text,
      mayEndWith,
      env: { HOME: world.folder },
    });
  }

  const submission = (mechanism: string, secret = password): string[] => [
    `port ${world.port('submission')}`,
    'tls on',
    'tls_starttls on',
    `auth ${mechanism}`,
    `user ${alice}`,
    `password "${secret}"`,
  ];

  for (const mechanism of ['plain', 'login', 'scram-sha-1', 'scram-sha-256']) {
    test(`logs in by ${mechanism} behind STARTTLS`, async () => {
      const input = compose({ from: alice, to: bob, subject: `msmtp ${mechanism}` });
      await msmtp(submission(mechanism), [bob], { input });
      await world.mail(bob, `Subject: msmtp ${mechanism}`);
    });
  }

  test('takes the recipients from the header, and keeps a Japanese mail octet for octet', async () => {
    const raw = composeJapanese(alice, `${bob}>,<${alice}`);
    const settings = [
      `port ${world.port('submissions')}`,
      'tls on',
      'tls_starttls off',
      'auth plain',
      `user ${alice}`,
      `password "${password}"`,
    ];
    await msmtp(settings, ['-t'], { input: raw });
    for (const user of [alice, bob]) {
      const mail = await world.mail(user, 'Content-Type: text/csv');
      assert.deepEqual(mail.body, new Mail(raw).body);
    }
  });

  test('DSN: the sender is told of the delivery', async () => {
    const input = compose({ from: alice, to: bob, subject: 'msmtp notice' });
    await msmtp(submission('plain'), ['--dsn-notify=success', '--dsn-return=hdrs', bob], { input });
    const [, recipient] = (await world.mail(alice, 'Action: delivered')).deliveryStatus();
    assert.match(recipient!['final-recipient']!, /bob@hikyaku\.example/);
  });

  test('says what went wrong: password, recipient, certificate, a login in the clear', async () => {
    const input = compose({ from: alice, to: bob, subject: 'never' });
    const wrong = await msmtp(submission('plain', 'wrong'), [bob], {
      input,
      mayEndWith: [ends.noPermission],
    });
    assert.match(wrong.said, /535 5\.7\.8 /);
    const unknown = await msmtp(submission('plain'), ['unknown@hikyaku.example'], {
      input,
      mayEndWith: [65, ends.noUser],
    });
    assert.match(unknown.said, /550 5\.1\.1 /);
    const other = [...submission('plain'), 'tls_host_override other.example'];
    const { said } = await msmtp(other, [bob], { input, mayEndWith: [ends.protocol, 69] });
    assert.match(said, /certificate/i);
    const clear = [
      `port ${world.port('submission')}`,
      'tls off',
      'auth on',
      `user ${alice}`,
      `password "${password}"`,
    ];
    await msmtp(clear, [bob], { input, mayEndWith: [69, ends.noPermission] });
  });

  test('serverinfo shows what the server offers behind TLS', async () => {
    const { said } = await msmtp(
      [`port ${world.port('submission')}`, 'tls on', 'tls_starttls on'],
      ['--serverinfo'],
    );
    assert.match(
      said,
      new RegExp(`SMTP server at localhost .*:\n +${hostname.replaceAll('.', '\\.')} ESMTP`),
    );
    assert.match(said, /SIZE 52428800:/);
    assert.match(said, /PIPELINING:/);
    assert.match(said, /DSN:/);
    assert.match(said, /AUTH:[^]*PLAIN[^]*SCRAM-SHA-256/);
    assert.match(said, /\(TLS1\.3\)-/);
  });
});
