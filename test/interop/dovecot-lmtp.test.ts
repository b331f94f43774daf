/** Mail from Hikyaku to a mail store by LMTP: Dovecot answers for each recipient. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { Dovecot } from './dovecot.ts';
import { compose, composeJapanese, Mail } from './mail.ts';
import { needingRoot } from './programs.ts';
import { alice, World } from './world.ts';

const there = (local: string): string => `${local}@dovecot.example`;

suite('Hikyaku to Dovecot by LMTP', needingRoot('dovecot'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  let dovecot: Dovecot;

  before(async () => {
    dovecot = peers.use(await Dovecot.start(['one', 'two', 'full']));
    const hosts = [`127.0.0.1:${dovecot.lmtpPort}`];
    world = peers.use(
      await World.start({
        settings: { routes: [{ domain: 'dovecot.example', protocol: 'lmtp', hosts, tls: 'required' }] },
      }),
    );
  });
  after(() => peers.disposeAsync());

  async function send(to: readonly string[], raw: Buffer): Promise<void> {
    const mailer = world.mailer();
    await mailer.sendMail({ envelope: { from: alice, to: [...to] }, raw });
    mailer.close();
  }

  test('a mail lands in the Maildir octet for octet, below what each server wrote on top', async () => {
    const raw = composeJapanese(alice, there('one'));
    await send([there('one')], raw);
    const mail = await dovecot.mail('one', new Mail(raw).field('message-id')!);
    assert.deepEqual(mail.raw.subarray(-raw.length), raw);
    assert.equal(mail.field('return-path'), `<${alice}>`);
    assert.match(
      mail.fields('received')[0]!,
      /from mail\.hikyaku\.example .*by mx\.dovecot\.example with LMTP/,
    );
  });

  test('8-bit text, dots at line starts and a large body', async () => {
    const body = Buffer.concat([
      Buffer.from('本文\r\n.\r\n..\r\n'),
      Buffer.alloc(2 * 1024 * 1024, `${'y'.repeat(76)}\r\n`),
    ]);
    body.write('\r\n', body.length - 2);
    const raw = compose({ from: alice, to: there('two'), subject: 'large by LMTP', body });
    await send([there('two')], raw);
    const mail = await dovecot.mail('two', 'Subject: large by LMTP');
    assert(mail.body.equals(body));
  });

  test('each recipient has its own answer: two take the mail, one is full, one is not there', async () => {
    const body = 'Not for the full one.\n'.repeat(20);
    const raw = compose({ from: alice, to: there('one'), subject: 'to four', body });
    await send(['one', 'full', 'nobody', 'two'].map(there), raw);
    for (const user of ['one', 'two']) await dovecot.mail(user, 'Subject: to four');
    const full = await world.mail(alice, `Final-Recipient: rfc822; ${there('full')}`);
    const unknown = await world.mail(alice, `Final-Recipient: rfc822; ${there('nobody')}`);
    const byRecipient = new Map(
      [full, unknown]
        .flatMap((notice) => notice.deliveryStatus().slice(1))
        .map((one) => [one['final-recipient'], one]),
    );
    assert.equal(byRecipient.size, 2);
    const quota = byRecipient.get(`rfc822; ${there('full')}`)!;
    assert.equal(quota['status'], '5.2.2');
    assert.match(quota['diagnostic-code']!, /^smtp; 552 5\.2\.2 .*Quota exceeded/);
    assert.equal(byRecipient.get(`rfc822; ${there('nobody')}`)!['status'], '5.1.1');
    assert.deepEqual(dovecot.mails('full'), []);
    await world.queueEmpty();
    for (const user of ['one', 'two'])
      assert.equal(dovecot.mails(user).filter((mail) => mail.field('subject') === 'to four').length, 1);
  });
});
