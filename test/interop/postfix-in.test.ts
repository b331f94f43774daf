/** Mail from Postfix to Hikyaku: TLS, extensions, notices, recipients that are not there, and a server that is away for a while. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { compose } from './mail.ts';
import { address, Postfix } from './postfix.ts';
import { freePort, needingRoot } from './programs.ts';
import { alice, bob, hostname, World } from './world.ts';

const sender = 'sender@postfix.example';
const hanako = '花子@hikyaku.example';

suite('Postfix to Hikyaku', needingRoot('postfix'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  let postfix: Postfix;

  before(async () => {
    const port = await freePort();
    world = peers.use(
      await World.start({
        settings: { routes: [{ domain: 'postfix.example', hosts: [`${address}:${port}`], tls: 'required' }] },
        accounts: [hanako],
      }),
    );
    const options = {
      domains: ['postfix.example'],
      transports: { 'hikyaku.example': `smtp:[127.0.0.1]:${world.port('mx')}` },
      settings: {
        // Mail goes only where the certificate is the one of our server.
        smtp_tls_security_level: 'verify',
        smtp_tls_verify_cert_match: hostname,
        smtp_tls_CAfile: world.certificate,
      },
    };
    postfix = peers.use(await Postfix.start(options, port));
  });
  after(() => peers.disposeAsync());

  const mailTo = (to: string, subject: string, body?: Buffer): Buffer =>
    compose({ from: sender, to, subject, ...(body === undefined ? {} : { body }) });

  test('mail arrives over TLS with a certificate that Postfix has verified', async () => {
    await postfix.sendmail(['-f', sender, alice], mailTo(alice, 'verified'));
    const mail = await world.mail(alice, 'Subject: verified');
    assert.match(
      postfix.log,
      /Verified TLS connection established to 127\.0\.0\.1\[127\.0\.0\.1\]:\d+: TLSv1\.3/,
    );
    assert.equal(mail.field('return-path'), `<${sender}>`);
    assert.match(
      mail.field('received')!,
      /^from mx\.postfix\.example .*by mail\.hikyaku\.example .*with ESMTPS/,
    );
  });

  test('8-bit text and an international address arrive as they are', async () => {
    const body = Buffer.from('こんにちは\r\n.\r\n..\r\n');
    await postfix.sendmail(['-f', '送信@postfix.example', hanako], mailTo(hanako, '国際化', body));
    const mail = await world.mail(hanako, '国際化');
    assert.deepEqual(mail.body, body);
    assert.equal(mail.field('return-path'), '<送信@postfix.example>');
    assert.match(mail.field('received')!, /with UTF8SMTPS/);
  });

  test('a large mail arrives whole', async () => {
    const body = Buffer.alloc(20 * 1024 * 1024, `${'x'.repeat(70)}\r\n.\r\n`);
    body.write('\r\n', body.length - 2);
    await postfix.sendmail(['-f', sender, bob], mailTo(bob, 'large', body));
    const mail = await world.mail(bob, 'Subject: large');
    assert(mail.body.equals(body));
  });

  test('mail of the null sender is taken, and gets no answer', async () => {
    await postfix.sendmail(
      ['-f', '<>', '-N', 'success', alice],
      compose({ from: sender, to: alice, subject: 'from nobody' }),
    );
    const mail = await world.mail(alice, 'Subject: from nobody');
    assert.equal(mail.field('return-path'), '<>');
    await world.queueEmpty();
  });

  test('NOTIFY=SUCCESS and ENVID: the sender is told what Hikyaku did', async () => {
    const args = ['-f', sender, '-N', 'success,failure', '-V', 'envid+7', '-R', 'hdrs', alice];
    await postfix.sendmail(args, mailTo(alice, 'tell me'));
    const notice = await postfix.mail(sender, 'Original-Envelope-Id: envid+7');
    const [message, recipient] = notice.deliveryStatus();
    assert.equal(message!['reporting-mta'], `dns; ${hostname}`);
    assert.equal(recipient!['original-recipient'], `rfc822; ${alice}`);
    assert.equal(recipient!['action'], 'delivered');
    assert.equal(recipient!['status'], '2.0.0');
    await postfix.logged(/from=<>, size=/);
  });

  test('of many recipients, those that are not here are refused one by one, and Postfix tells its sender', async () => {
    const known = Array.from({ length: 60 }, (_, i) => `alice+${i}@hikyaku.example`);
    const unknown = Array.from({ length: 5 }, (_, i) => `unknown${i}@hikyaku.example`);
    const all = [...known.slice(0, 30), ...unknown, ...known.slice(30), bob];
    await postfix.sendmail(['-f', 'many@postfix.example', ...all], mailTo(bob, 'to many'));
    await world.mail(bob, 'Subject: to many');
    await world.mail(alice, 'Subject: to many');
    const notice = await postfix.mail('many@postfix.example', 'Undelivered Mail Returned to Sender');
    const [, ...failed] = notice.deliveryStatus();
    assert.deepEqual(
      failed.map((one) => one['final-recipient']).toSorted(),
      unknown.map((one) => `rfc822; ${one}`),
    );
    for (const one of failed) {
      assert.equal(one['status'], '5.1.1');
      assert.match(one['diagnostic-code']!, /^smtp; 550 5\.1\.1 /);
    }
    const sent = [...postfix.log.matchAll(/to=<(alice\+\d+@hikyaku\.example)>.* status=sent/g)].map(
      (m) => m[1],
    );
    assert.deepEqual(new Set(sent), new Set(known));
  });

  test('a mail that is too large is refused at once by SIZE', async () => {
    const body = Buffer.alloc(51 * 1024 * 1024, `${'x'.repeat(70)}\r\n`);
    await postfix.sendmail(['-f', 'huge@postfix.example', '-R', 'hdrs', bob], mailTo(bob, 'too large', body));
    await postfix.mail('huge@postfix.example', 'Undelivered Mail Returned to Sender');
    await postfix.logged(/status=bounced .*(?:size|552)/i);
  });

  test('while Hikyaku is stopped mail waits at Postfix; it is delivered when Hikyaku is back', async () => {
    await world.stopServer();
    await postfix.sendmail(['-f', sender, bob], mailTo(bob, 'for later'));
    await postfix.logged(/to=<bob@hikyaku\.example>.*status=deferred .*Connection refused/);
    assert.match(await postfix.queue(), /Connection refused/);
    await world.startServer();
    await postfix.flush();
    await world.mail(bob, 'Subject: for later');
    await postfix.logged(
      /to=<bob@hikyaku\.example>.*dsn=2\.0\.0, status=sent \(250 2\.0\.0 Accepted as [0-9a-z]+\)\n.*removed\n$/,
    );
    assert.match(await postfix.queue(), /Mail queue is empty/);
  });
});
