/**
 * Programs of all kinds send with an API key, a network or a certificate instead of an account, unchanged: nodemailer, Python's smtplib, PHP's mail() by way of msmtp, and PHPMailer, which is what
 * WordPress and its SMTP plug-ins send with. What they send goes to the simulator.
 */
import assert from 'node:assert/strict';
import { createHash, X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, suite, test } from 'node:test';
import { createTransport } from 'nodemailer';
import { systemClock } from '../../src/base/clock.ts';
import { Control } from '../../src/cli/control.ts';
import { makeSelfSigned } from '../../src/net/self-signed.ts';
import { eventually, needing, run } from './programs.ts';
import { World } from './world.ts';

const from = 'shop@hikyaku.example';
const phpMailer = '/usr/share/php/libphp-phpmailer';
const admin = '/api/v1/admin';

interface Message {
  readonly from: string;
  readonly recipients: readonly { readonly status: string }[];
}

suite('programs that send', needing('msmtp'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  let control: Control;
  let key = '';
  before(async () => {
    world = peers.use(await World.start());
    control = new Control(join(world.folder, 'data/control.sock'));
    const scopes = ['send', 'messages:read'];
    key = (
      await control.call<{ key: string }>('POST', `${admin}/orgs/${world.org}/api-keys`, {
        body: { name: 'shop', scopes },
      })
    ).key;
  });
  after(() => peers.disposeAsync());

  /** What became of the mail with this subject. */
  const delivered = (subject: string): Promise<Message> =>
    eventually(`${subject} is delivered`, async () => {
      const { items } = await control.call<{ items: { id: string; subject: string }[] }>(
        'GET',
        '/v1/messages',
      );
      const id = items.find((item) => item.subject === subject)?.id;
      if (id === undefined) return undefined;
      const told = await control.call<Message>('GET', `/v1/messages/${id}`);
      return told.recipients[0]!.status === 'delivered' && told;
    });

  const secured = () => ({ ca: readFileSync(world.certificate) });
  const login = () => ({ user: 'apikey', pass: key });

  test('nodemailer, by TLS and STARTTLS, and once for one key', async () => {
    for (const kind of ['submissions', 'submission'] as const) {
      const mailer = createTransport({
        host: 'localhost',
        port: world.port(kind),
        secure: kind === 'submissions',
        requireTLS: true,
        tls: secured(),
        auth: login(),
      });
      const mail = {
        from,
        to: 'delivered@simulator.test',
        subject: `nodemailer ${kind}`,
        text: 'こんにちは',
        html: '<p>こんにちは</p>',
        attachments: [{ filename: '資料.txt', content: 'x' }],
        headers: { 'Idempotency-Key': kind },
      };
      const first = await mailer.sendMail(mail);
      const again = await mailer.sendMail(mail);
      assert.equal(again.response, first.response);
      await assert.rejects(mailer.sendMail({ ...mail, subject: 'else' }), /554 5\.5\.0 Idempotency key/);
      await assert.rejects(mailer.sendMail({ ...mail, from: 'x@elsewhere.example', headers: {} }), /550/);
      mailer.close();
      assert.equal((await delivered(mail.subject)).from, from);
    }
  });

  test("Python's smtplib", needing('python3'), async () => {
    const script = `
import json, smtplib, ssl, sys
from email.message import EmailMessage
port, ca, key = json.loads(sys.argv[1])
m = EmailMessage()
m['From'], m['To'], m['Subject'] = '${from}', 'delivered@simulator.test', 'smtplib 日本語'
m.set_content('本文')
with smtplib.SMTP('localhost', port) as s:
    s.starttls(context=ssl.create_default_context(cafile=ca))
    s.login('apikey', key)
    assert s.send_message(m) == {}
`;
    await run('python3', ['-c', script, JSON.stringify([world.port('submission'), world.certificate, key])]);
    await delivered('smtplib 日本語');
  });

  test("PHP's mail() by a sendmail command", needing('php', 'msmtp'), async () => {
    const settings = join(world.folder, 'msmtprc-key');
    const lines = [
      'account default',
      'host localhost',
      `port ${world.port('submissions')}`,
      'tls on',
      'tls_starttls off',
      `tls_trust_file ${world.certificate}`,
      'auth plain',
      'user apikey',
      `password ${key}`,
      `from ${from}`,
    ];
    writeFileSync(settings, `${lines.join('\n')}\n`, { mode: 0o600 });
    const code = `exit(mail('delivered@simulator.test', '=?UTF-8?B?'.base64_encode('PHP 日本語').'?=', "本文\\n", "From: ${from}\\r\\nContent-Type: text/plain; charset=UTF-8") ? 0 : 1);`;
    await run('php', ['-d', `sendmail_path=msmtp -C ${settings} -t -i`, '-r', code]);
    await delivered('PHP 日本語');
  });

  const withPhpMailer = existsSync(phpMailer)
    ? needing('php')
    : { skip: 'libphp-phpmailer is not installed' };
  test('PHPMailer, as WordPress sends', withPhpMailer, async () => {
    const code = `
spl_autoload_register(function ($name) {
  foreach (['${phpMailer}/src/', '${phpMailer}/'] as $folder) {
    $file = $folder . basename(str_replace('\\\\', '/', $name)) . '.php';
    if (file_exists($file)) { require $file; return; }
  }
});
use PHPMailer\\PHPMailer\\PHPMailer;
$m = new PHPMailer(true);
$m->isSMTP();
$m->Host = 'localhost'; $m->Port = (int) $argv[1]; $m->SMTPSecure = 'tls'; $m->SMTPAuth = true;
$m->Username = 'apikey'; $m->Password = $argv[3]; $m->CharSet = 'UTF-8';
$m->SMTPOptions = ['ssl' => ['cafile' => $argv[2], 'peer_name' => 'localhost']];
$m->setFrom('${from}', 'WordPress'); $m->addAddress('delivered@simulator.test', '山田');
$m->Subject = 'PHPMailer 日本語'; $m->isHTML(true); $m->Body = '<b>本文</b>'; $m->AltBody = '本文';
$m->addStringAttachment('x', '資料.txt');
$m->send();
`;
    await run('php', ['-r', code, '--', String(world.port('submission')), world.certificate, key]);
    await delivered('PHPMailer 日本語');
  });

  test('a certificate stands for a login, by TLS and STARTTLS, in sessions that are resumed too', async () => {
    const { chain, key: privateKey } = await makeSelfSigned(['shop.example'], systemClock);
    const value = createHash('sha256').update(new X509Certificate(chain).raw).digest('hex');
    const body = { kind: 'certificate', value, name: 'shop', limits: { streams: ['bulk'] } };
    const { id } = await control.call<{ id: string }>('POST', `${admin}/orgs/${world.org}/submitters`, {
      body,
    });
    for (const kind of ['submissions', 'submission'] as const) {
      const mailer = createTransport({
        host: 'localhost',
        port: world.port(kind),
        secure: kind === 'submissions',
        requireTLS: true,
        tls: { ...secured(), cert: chain, key: privateKey },
      });
      for (const turn of [1, 2]) {
        const subject = `certificate ${kind} ${turn}`;
        await mailer.sendMail({ from, to: 'delivered@simulator.test', subject, text: 'x' });
        await delivered(subject);
      }
      mailer.close();
    }
    const stranger = createTransport({
      host: 'localhost',
      port: world.port('submissions'),
      secure: true,
      tls: secured(),
    });
    await assert.rejects(
      stranger.sendMail({ from, to: 'delivered@simulator.test', text: 'x' }),
      /530 5\.7\.0/,
    );
    stranger.close();
    await control.call('DELETE', `${admin}/orgs/${world.org}/submitters/${id}`);
  });

  test('a network stands for a login, and who logs in all the same is who they say', async () => {
    const body = { kind: 'network', value: '127.0.0.0/8', name: 'this machine' };
    const { id } = await control.call<{ id: string }>('POST', `${admin}/orgs/${world.org}/submitters`, {
      body,
    });
    const place = { host: '127.0.0.1', port: world.port('submission'), ignoreTLS: true };
    const mailer = createTransport(place);
    await mailer.sendMail({ from, to: 'delivered@simulator.test', subject: 'network', text: 'x' });
    mailer.close();
    await delivered('network');
    await control.call('DELETE', `${admin}/orgs/${world.org}/submitters/${id}`);
    const gone = createTransport(place);
    await assert.rejects(gone.sendMail({ from, to: 'delivered@simulator.test', text: 'x' }), /530 5\.7\.0/);
    gone.close();
  });
});
