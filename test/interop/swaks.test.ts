/** swaks, the Swiss army knife of SMTP: every way to log in and to encrypt, pipelining, LMTP, PROXY protocol. */
import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { compose } from './mail.ts';
import { freePort, needing, run, type Ran } from './programs.ts';
import { alice, bob, password, World, type Kind } from './world.ts';

const outside = 'sender@elsewhere.example';

suite('swaks', needing('swaks'), () => {
  const peers = new AsyncDisposableStack();
  let world: World;
  let proxied: number;

  before(async () => {
    proxied = await freePort();
    const listener = { kind: 'mx', host: '127.0.0.1', port: proxied, proxyFrom: ['127.0.0.0/8'] };
    world = peers.use(await World.start({ listeners: [listener] }));
  });
  after(() => peers.disposeAsync());

  async function swaks(port: Kind | number, args: readonly string[], mayEndWith = [0]): Promise<Ran> {
    const server = typeof port === 'number' ? port : world.port(port);
    const trust = ['--tls-verify', '--tls-ca-path', world.certificate];
    const options = ['--server', '127.0.0.1', '--port', String(server), '--helo', 'swaks.example', ...trust];
    return run('swaks', [...options, ...args], { mayEndWith });
  }

  const login = (mechanism: string, secret = password): string[] =>
    ['--auth', mechanism, '--auth-user', alice, '--auth-password', secret].concat(
      '--from',
      alice,
      '--to',
      bob,
    );
  const subject = (text: string): string[] => ['--header', `Subject: ${text}`];

  for (const mechanism of ['PLAIN', 'LOGIN']) {
    test(`AUTH ${mechanism} behind STARTTLS and behind TLS from the first byte`, async () => {
      const { said } = await swaks('submission', [
        '--tls',
        ...login(mechanism),
        ...subject(`${mechanism} 587`),
      ]);
      assert.match(said, /TLS started with cipher TLSv1\.3:/);
      assert.match(said, /~> AUTH [^]*<~ {2}235 2\.7\.0 /);
      await swaks('submissions', ['--tls-on-connect', ...login(mechanism), ...subject(`${mechanism} 465`)]);
      for (const port of ['587', '465']) await world.mail(bob, `Subject: ${mechanism} ${port}`);
    });
  }

  test('a wrong password, mechanisms that are not safe, and logins in the clear are refused', async () => {
    assert.match(
      (await swaks('submissions', ['--tls-on-connect', ...login('PLAIN', 'wrong')], [28])).said,
      /<~\* 535 5\.7\.8 /,
    );
    const { said } = await swaks('submissions', ['--tls-on-connect', ...login('CRAM-MD5')], [28]);
    assert.match(said, /Auth not attempted, requested type not available/);
    assert.match(
      (await swaks('submission', login('PLAIN'), [28])).said,
      /Host did not advertise authentication/,
    );
    const anonymous = await swaks('submission', ['--tls', '--from', alice, '--to', bob], [23]);
    assert.match(anonymous.said, /<~\* 530 5\.7\.0 /);
  });

  test('a user may send as nobody else', async () => {
    const args = [
      '--auth',
      'PLAIN',
      '--auth-user',
      alice,
      '--auth-password',
      password,
      '--from',
      bob,
      '--to',
      bob,
    ];
    assert.match((await swaks('submissions', ['--tls-on-connect', ...args], [23])).said, /<~\* 550 5\.7\.1 /);
  });

  test('from outside: mail for our people, pipelined, encrypted or not; nothing for others, no login', async () => {
    const to = ['--from', outside, '--to', bob];
    await swaks('mx', [...to, '--pipeline', ...subject('pipelined')]);
    await swaks('mx', [...to, '--pipeline', '--tls', ...subject('pipelined in TLS')]);
    for (const text of ['pipelined', 'pipelined in TLS']) await world.mail(bob, `Subject: ${text}`);
    const relay = await swaks('mx', ['--from', outside, '--to', 'x@elsewhere.example'], [24]);
    assert.match(relay.said, /<\*\* 550 5\.7\.1 Relay denied/);
    const unknown = await swaks('mx', ['--from', outside, '--to', 'unknown@hikyaku.example'], [24]);
    assert.match(unknown.said, /<\*\* 550 5\.1\.1 /);
    assert.match(
      (await swaks('mx', ['--tls', ...login('PLAIN')], [28])).said,
      /Host did not advertise authentication/,
    );
  });

  test('bodies by DATA with dots, 8-bit text and a Japanese subject', async () => {
    const raw = compose({ from: outside, to: bob, subject: '件名', body: '.\n..\n.dot\n\nend' });
    await swaks('mx', ['--from', outside, '--to', bob, '--data', raw.toString()]);
    assert.equal((await world.mail(bob, 'Subject: 件名')).body.toString(), '.\r\n..\r\n.dot\r\n\r\nend\r\n');
  });

  test('LMTP: each recipient is answered', async () => {
    const to = ['--from', outside, '--to', `${alice},unknown@hikyaku.example,${bob}`];
    const { said } = await swaks('lmtp', ['--protocol', 'LMTP', ...to, ...subject('by LMTP')]);
    assert.match(said, / -> LHLO swaks\.example/);
    assert.match(said, /<\*\* 550 5\.1\.1 /);
    assert.equal(said.match(/^<- {2}250 2\.0\.0 Accepted as /gm)?.length, 2);
    for (const user of [alice, bob]) await world.mail(user, 'Subject: by LMTP');
  });

  for (const version of ['1', '2']) {
    test(`PROXY protocol v${version}: the client is who the proxy says`, async () => {
      const proxy = ['--proxy-version', version, '--proxy-family', version === '1' ? 'TCP4' : 'AF_INET'];
      const client = ['--proxy-source', '192.0.2.77', '--proxy-source-port', '4711'];
      const target = ['--proxy-dest', '192.0.2.1', '--proxy-dest-port', '25'];
      const protocol = version === '2' ? ['--proxy-protocol', 'STREAM', '--proxy-command', 'PROXY'] : [];
      const mail = ['--from', outside, '--to', bob, ...subject(`proxied v${version}`)];
      await swaks(proxied, [...proxy, ...client, ...target, ...protocol, ...mail]);
      const { text } = await world.mail(bob, `Subject: proxied v${version}`);
      assert.match(text, /^Received: from swaks\.example \(\[?192\.0\.2\.77\]?\)/m);
    });
  }

  test('neither a PROXY header that is not expected nor XCLIENT makes anyone somebody else', async () => {
    const header = ['--proxy', 'TCP4 192.0.2.77 192.0.2.1 4711 25'];
    const mail = ['--from', outside, '--to', bob];
    const unasked = await swaks('mx', [...header, ...mail], [25]);
    assert.match(unasked.said, / -> PROXY TCP4 192\.0\.2\.77 [^]*<\*\* 500 5\.5\.1 /);
    const xclient = await swaks('mx', ['--xclient-addr', '192.0.2.5', ...mail], [33]);
    assert.match(xclient.said, /Host did not advertise XCLIENT/);
  });
});
