/** Mail from Hikyaku to Postfix: extensions, notices, many recipients, and mail that has to wait or to come back. */
import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { compose, composeJapanese, Mail } from './mail.ts';
import { address, oldAddress, Postfix } from './postfix.ts';
import { freePort, needingRoot } from './programs.ts';
import { alice, World } from './world.ts';

const needs = needingRoot('postfix');
/** Their mail makes a detour over Postfix. */
const carol = 'carol@filtered.example';
const there = (local: string): string => `${local}@postfix.example`;

suite('Hikyaku to Postfix', needs, () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  let postfix: Postfix;
  let greylist: Server;

  before(async () => {
    const port = await freePort();
    greylist = await startGreylist();
    peers.defer(() => void greylist.close());
    world = peers.use(
      await World.start({
        settings: {
          dns: {
            zone: ['postfix.example', 'many.example', 'docomo.ne.jp', 'filtered.example']
              .map(mx)
              .concat(hosts),
          },
          delivery: { port, ownNetworksAllowed: true, byMx: ['filtered.example'] },
        },
        domains: ['filtered.example'],
        accounts: [carol],
      }),
    );
    const policyPort = (greylist.address() as { port: number }).port;
    postfix = peers.use(
      await Postfix.start(
        {
          domains: ['postfix.example', 'many.example', 'docomo.ne.jp', 'old.example'],
          transports: {
            'hikyaku.example': `smtp:[127.0.0.1]:${world.port('mx')}`,
            'filtered.example': `smtp:[127.0.0.1]:${world.port('mx')}`,
            'many.example': 'discard:',
          },
          settings: {
            relay_domains: 'filtered.example',
            smtpd_recipient_limit: '300',
            smtpd_recipient_restrictions: `reject_unauth_destination, check_policy_service inet:127.0.0.1:${policyPort}`,
            smtpd_data_restrictions: 'reject_unauth_pipelining',
          },
        },
        port,
      ),
    );
  });
  after(() => peers.disposeAsync());

  /** Sends, and gives the id of the message. */
  async function send(to: string | readonly string[], raw: Buffer, more: object = {}): Promise<string> {
    const mailer = world.mailer();
    const { response } = await mailer.sendMail({ envelope: { from: alice, to: [to].flat() }, raw, ...more });
    mailer.close();
    return /Accepted as (\S+)/.exec(response)![1]!;
  }

  test('an 8-bit mail goes over STARTTLS by BDAT and arrives octet for octet', async () => {
    const body = Buffer.from('日本語の本文\r\n.\r\n..two dots\r\nend\r\n');
    const header = [
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
    ];
    await send(
      there('eight'),
      compose({ from: alice, to: there('eight'), subject: 'eight bits', header, body }),
    );
    const mail = await postfix.mail(there('eight'), 'Subject: eight bits');
    assert.deepEqual(mail.body, body);
    assert.match(
      mail.fields('received')[0]!,
      /from mail\.hikyaku\.example .*using TLSv1\.3 .*by mx\.postfix\.example/,
    );
    assert.match(mail.fields('received')[1]!, /by mail\.hikyaku\.example .*with ESMTPSA/);
    assert.doesNotMatch(postfix.log, /improper command pipelining/);
  });

  test('a large mail is streamed', async () => {
    const body = Buffer.alloc(5 * 1024 * 1024, `${'Lorem ipsum '.repeat(6)}\r\n.\r\n`);
    body.write('\r\n', body.length - 2);
    const id = await send(
      there('large'),
      compose({ from: alice, to: there('large'), subject: 'large', body }),
    );
    const mail = await postfix.mail(there('large'), 'Subject: large');
    assert(mail.body.equals(body));
    // Postfix words its reply to BDAT so.
    assert.match(await world.cli('journey', id), /250 2\.0\.0 Ok: \d+ bytes queued as/);
  });

  test('a Japanese mail keeps its ISO-2022-JP, and a..b@docomo.ne.jp is quoted on the wire', async () => {
    for (const [address, quoted] of [
      ['a..b@docomo.ne.jp', '"a..b"@docomo.ne.jp'],
      ['abc.@docomo.ne.jp', '"abc."@docomo.ne.jp'],
    ] as const) {
      const raw = composeJapanese(alice, address);
      await send(address, raw);
      const mail = await postfix.mail(quoted, 'Subject: ');
      assert.deepEqual(mail.body, new Mail(raw).body);
      assert.equal(mail.field('subject'), new Mail(raw).field('subject'));
    }
  });

  test('SMTPUTF8: an international address and header', async () => {
    const to = there('ゆうびん');
    await send(to, compose({ from: alice, to, subject: '国際化 Subject' }));
    assert.equal((await postfix.mail(to, '国際化')).field('to'), `<${to}>`);
  });

  test('NOTIFY, ENVID and ORCPT are passed on, and the notice of Postfix comes back', async () => {
    const to = there('notify');
    const dsn = {
      id: 'env+1=',
      notify: ['success', 'failure'],
      recipient: 'rfc822;First+x@elsewhere.example',
      return: 'headers',
    };
    await send(to, compose({ from: alice, to, subject: 'notice wanted' }), { dsn });
    await postfix.mail(to, 'Subject: notice wanted');
    const notice = await world.mail(alice, 'Subject: Successful Mail Delivery Report');
    const [message, recipient] = notice.deliveryStatus();
    assert.equal(message!['reporting-mta'], 'dns; mx.postfix.example');
    assert.equal(message!['original-envelope-id'], 'env+1=');
    assert.equal(recipient!['original-recipient'], 'rfc822;First+x@elsewhere.example');
    assert.equal(recipient!['final-recipient'], `rfc822; ${to}`);
    assert.equal(recipient!['action'], 'delivered');
    assert.equal(notice.field('return-path'), '<>');
  });

  test('NOTIFY comes back through Postfix: the server that places the mail tells the sender', async () => {
    const raw = compose({ from: alice, to: carol, subject: 'there and back' });
    await send(carol, raw, { dsn: { id: 'round', notify: 'success' } });
    assert.equal((await world.mail(carol, 'Subject: there and back')).fields('received').length, 3);
    const notice = await world.mail(alice, 'Original-Envelope-Id: round');
    const [message, recipient] = notice.deliveryStatus();
    assert.equal(message!['reporting-mta'], 'dns; mail.hikyaku.example');
    assert.equal(recipient!['original-recipient'], `rfc822; ${carol}`);
    assert.equal(recipient!['action'], 'delivered');
  });

  test('to a server without extensions: 7 bits, a notice that it was relayed, and what cannot go comes back', async () => {
    const header = [
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
    ];
    const body = Buffer.from('古いサーバーへ\r\n');
    const raw = compose({ from: alice, to: 'old@old.example', subject: 'to an old server', header, body });
    await send('old@old.example', raw, { dsn: { id: 'old', notify: 'success' } });
    const mail = await postfix.mail('old@old.example', 'Subject: to an old server');
    assert.equal(mail.field('content-transfer-encoding'), 'quoted-printable');
    assert.match(mail.text, /=E5=8F=A4=E3=81=84/);
    assert.match(mail.fields('received')[0]!, /from mail\.hikyaku\.example/);
    const [, relayed] = (await world.mail(alice, 'Original-Envelope-Id: old')).deliveryStatus();
    assert.equal(relayed!['action'], 'relayed');
    await send('国@old.example', compose({ from: alice, to: '国@old.example', subject: 'needs SMTPUTF8' }));
    const [, failed] = (await world.mail(alice, '5.6.7')).deliveryStatus();
    assert.equal(failed!['action'], 'failed');
    assert.equal(failed!['status'], '5.6.7');
    assert.match(failed!['final-recipient']!, /^utf-8; /);
  });

  test('a refusal of Postfix comes back as a notice; the other recipient has the mail', async () => {
    const raw = compose({
      from: alice,
      to: there('nobody'),
      subject: 'to nobody',
      header: ['X-Mark: returned'],
    });
    await send([there('nobody'), there('somebody')], raw);
    await postfix.mail(there('somebody'), 'Subject: to nobody');
    const notice = await world.mail(alice, `Final-Recipient: rfc822; ${there('nobody')}`);
    assert.match(notice.field('content-type')!, /multipart\/report; *report-type="?delivery-status/);
    assert.equal(notice.field('return-path'), '<>');
    const status = notice.deliveryStatus();
    assert.equal(status.length, 2, 'one recipient failed');
    assert.equal(status[1]!['status'], '5.1.1');
    assert.equal(status[1]!['remote-mta'], 'dns; mx.postfix.example');
    assert.match(
      status[1]!['diagnostic-code']!,
      /^smtp; 550 5\.1\.1 <nobody@postfix\.example>: Recipient address rejected/,
    );
    assert.match(notice.parts()[2]!.text, /X-Mark: returned/);
  });

  test('1,000 recipients are spread over the transactions that Postfix allows', async () => {
    const all = Array.from({ length: 1000 }, (_, i) => `r${i}@many.example`);
    await send(all, compose({ from: alice, to: 'r0@many.example', subject: 'to many' }));
    await world.queueEmpty();
    await postfix.logged(/to=<r999@many\.example>.* status=sent/);
    const sent = [...postfix.log.matchAll(/to=<(r\d+@many\.example)>.* status=sent/g)].map(
      (match) => match[1],
    );
    assert.deepEqual(sent.toSorted(), all.toSorted(), 'each once');
    const transactions = [...postfix.log.matchAll(/nrcpt=(\d+) \(queue active\)/g)].map((match) =>
      Number(match[1]),
    );
    assert(Math.max(...transactions) <= 300, transactions.join());
  });

  test('450 from a greylist: the mail waits, and goes with the next try', async () => {
    await send(there('grey'), compose({ from: alice, to: there('grey'), subject: 'greylisted' }));
    assert.match(await world.deferred(there('grey')), /^450 4\.7\.1 .*Greylisted/);
    assert.match(await world.cli('queue', 'retry', '--recipient', there('grey')), /^1 recipient/);
    await postfix.mail(there('grey'), 'Subject: greylisted');
  });

  test('while Postfix is stopped mail waits; the queue tells why; it is delivered when Postfix is back', async () => {
    await postfix.stopServer();
    const id = await send(there('later'), compose({ from: alice, to: there('later'), subject: 'for later' }));
    await world.deferred(there('later'));
    assert.match(await world.cli('queue'), /postfix\.example +1 .*4\.4\.1 Connection refused/);
    assert.match(await world.cli('queue', 'show', id), /later@postfix\.example: waiting, 1 tries/);
    await postfix.startServer();
    assert.match(await world.cli('queue', 'retry', '--destination', 'postfix.example'), /^1 recipient/);
    await postfix.mail(there('later'), 'Subject: for later');
    await world.queueEmpty();
    assert.match(await world.cli('queue'), /The queue is empty/);
    const journey = await world.cli('journey', id);
    assert.match(
      journey,
      /Could not reach mx\.postfix\.example \(127\.0\.0\.3 port \d+\)[^]*DNS MX postfix\.example[^]*took it[^]*DNS MX postfix\.example/,
    );
  });
});

/** A carrier has servers of its own: what it limits is no limit of others. */
const mx = (domain: string) => ({
  name: domain,
  type: 'MX',
  data: domain === 'docomo.ne.jp' ? '10 mx.carrier.example' : '10 mx.postfix.example',
});
const hosts = [
  { name: 'mx.postfix.example', type: 'A', data: address },
  { name: 'mx.carrier.example', type: 'A', data: address },
  { name: 'old.example', type: 'MX', data: '10 mx.old.example' },
  { name: 'mx.old.example', type: 'A', data: oldAddress },
];

/** A policy server of Postfix (SMTPD_POLICY_README) that lets `grey@` wait at the first try. */
async function startGreylist(): Promise<Server> {
  const seen = new Set<string>();
  const server = createServer((socket) => {
    let asked = '';
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (text: string) => {
      asked += text;
      for (let end = asked.indexOf('\n\n'); end !== -1; end = asked.indexOf('\n\n')) {
        const recipient = /^recipient=(grey@.*)$/m.exec(asked.slice(0, end))?.[1];
        const wait = recipient !== undefined && !seen.has(recipient);
        if (wait) seen.add(recipient);
        socket.write(`action=${wait ? '450 4.7.1 Greylisted' : 'DUNNO'}\n\n`);
        asked = asked.slice(end + 2);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server.unref();
}
