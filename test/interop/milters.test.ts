/** Milters, the real ones: OpenDKIM verifies what comes and signs what goes, rspamd rejects and marks by its milter. */
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { createTransport } from 'nodemailer';
import { gtube, startOpenDkim, startRspamd } from './daemons.ts';
import { needingRoot } from './programs.ts';
import { alice, bob, World } from './world.ts';

const dns = { servers: ['127.0.0.1:1'], timeoutMs: 100 };

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = privateKey.export({ type: 'pkcs8', format: 'pem' });
const record = `v=DKIM1; k=rsa; p=${publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;

test('OpenDKIM signs what goes out, over the text as it is sent, and verifies what comes in', {
  ...needingRoot('opendkim'),
}, async () => {
  await using signer = await startOpenDkim({ sign: { domain: 'hikyaku.example', key } });
  await using verifier = await startOpenDkim({ records: { 'milter._domainkey.hikyaku.example': record } });
  await using world = await World.start({
    settings: {
      dns,
      milters: [
        { name: 'signer', address: signer.address, direction: 'out' },
        { name: 'verifier', address: verifier.address, direction: 'in' },
      ],
    },
  });
  const mailer = world.mailer(alice);
  await mailer.sendMail({
    from: alice,
    to: bob,
    subject: 'signed',
    text: `Hello\n${'x'.repeat(90_000)}\n.\n`,
  });
  mailer.close();
  const sent = await world.mail(bob, 'Subject: signed');
  const signature = sent.fields('dkim-signature').find((field) => field.includes('s=milter'));
  assert.match(signature!, /d=hikyaku\.example/);

  // The same mail comes back from outside: whatever we did behind the milter has left the signature whole.
  const outside = createTransport({ host: '127.0.0.1', port: world.port('mx'), ignoreTLS: true });
  const bring = (raw: string): Promise<unknown> =>
    outside.sendMail({ envelope: { from: alice, to: [alice] }, raw });
  await bring(sent.text);
  await bring(sent.text.replace('Hello', 'Hallo'));
  outside.close();
  const results = async (has: string): Promise<string> => {
    const mail = await world.mail(alice, has);
    return mail.fields('authentication-results').join('\n');
  };
  assert.match(await results('\nHello\r\n'), /dkim=pass .*hikyaku\.example/);
  assert.match(await results('\nHallo\r\n'), /dkim=(?:fail|neutral|permerror).*hikyaku\.example/);
  const [, id] = / id ([\w-]+)/.exec(sent.fields('received')[0]!)!;
  assert.match(await world.cli('journey', id!), /Changed by signer: header/);

  await verifier.stop();
  const later = createTransport({ host: '127.0.0.1', port: world.port('mx'), ignoreTLS: true });
  await assert.rejects(later.sendMail({ from: alice, to: alice, subject: 'x', text: 'x' }), /451 4\.7\.1/);
  later.close();
});

test('rspamd as a milter rejects spam while its sender is connected, and lets the rest pass', {
  ...needingRoot('rspamd'),
}, async () => {
  await using rspamd = await startRspamd();
  await using world = await World.start({
    settings: { dns, milters: [{ name: 'rspamd', address: `inet:${rspamd.milter}`, keepConnections: true }] },
  });
  const outside = createTransport({ host: '127.0.0.1', port: world.port('mx'), ignoreTLS: true });
  const letter = { from: 'bob@sender.example', to: alice };
  await assert.rejects(
    outside.sendMail({ ...letter, subject: 'spam', text: gtube }),
    /554 5\.7\.1 Gtube pattern/,
  );
  for (let i = 0; i < 3; i++)
    await outside.sendMail({ ...letter, subject: `fine ${i}`, text: 'How are you?' });
  outside.close();
  await world.mail(alice, 'Subject: fine 2');
  assert.doesNotMatch(world.log, /cannot use a connection/);
});
