import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { makeSelfSigned } from '../../net/self-signed.ts';
import { TlsContexts } from '../../net/tls-contexts.ts';
import type { Outcome } from '../../queue/attempt.ts';
import type { DeliveryOptions, RouteOption } from '../options.ts';
import { deliverTo, remoteTo, startTls, testServer, type Answerer } from '../testing.ts';

const certificate = await makeSelfSigned(['mx.there.test', '127.0.0.1'], systemClock);
const other = await makeSelfSigned(['other.test'], systemClock);
const contexts = new TlsContexts({ certificates: [certificate] });
const wrongName = new TlsContexts({ certificates: [other] });
const trusting: Partial<DeliveryOptions> = { caCertificates: [certificate.chain, other.chain] };

const reply = (outcome: Outcome | undefined): string =>
  outcome?.is === 'delivered'
    ? 'delivered'
    : outcome && 'answer' in outcome
      ? `${outcome.is} ${outcome.answer.phase} ${outcome.answer.reply}`
      : '';

const extensions = ['PIPELINING', 'STARTTLS'];

test('opportunistic TLS takes any certificate and says what it was', async () => {
  await using server = await testServer({ extensions, answer: startTls(wrongName) });
  const remote = remoteTo(server.port);
  const { outcomes } = await deliverTo(remote, ['a@there.test']);
  const [outcome] = outcomes;
  assert.ok(outcome?.is === 'delivered');
  assert.equal(outcome.event?.tls?.version, 'TLSv1.3');
  assert.equal(outcome.event.tls.verified, false);
  assert.deepEqual(
    server.heard.slice(0, 3),
    ['EHLO here.test', 'STARTTLS', 'EHLO here.test'],
    'what was learnt before TLS is asked again',
  );
  remote.stop();
});

test('when TLS fails the mail goes in the clear, and the host is remembered', async () => {
  await using server = await testServer({
    extensions,
    answer: (line, connection) => {
      if (line !== 'STARTTLS') return undefined;
      connection.write('220 Go\r\nthis is no handshake\r\n');
      connection.end();
      return '';
    },
  });
  const remote = remoteTo(server.port, { connectionMessagesMax: 1 });
  for (const name of ['a', 'b'])
    assert.equal(reply((await deliverTo(remote, [`${name}@there.test`])).outcomes[0]), 'delivered');
  assert.equal(server.heard.filter((line) => line === 'STARTTLS').length, 1);
  remote.stop();
});

test('STARTTLS that is refused, and plaintext pushed in before TLS, end the same way', async () => {
  for (const answer of ['454 4.7.0 No TLS now', '220 Go\r\n250-injected\r\n250 STARTTLS']) {
    await using server = await testServer({
      extensions,
      answer: (line) => (line === 'STARTTLS' ? answer : undefined),
    });
    const remote = remoteTo(server.port);
    assert.equal(reply((await deliverTo(remote, ['a@there.test'])).outcomes[0]), 'delivered');
    assert.equal(server.connections, 2);
    remote.stop();
  }
});

test('a reply put in behind the one to STARTTLS is no answer to what is said within TLS', async () => {
  await using server = await testServer({
    extensions,
    answer: async (line, connection) => {
      if (line !== 'STARTTLS') return undefined;
      connection.write('220 Go\r\n250-mx.there.test\r\n250 AUTH PLAIN\r\n');
      await connection.startTls({ is: 'server', contexts }).catch(() => undefined);
      return '';
    },
  });
  const remote = remoteTo(server.port, { tls: 'verify', ...trusting });
  assert.match(
    reply((await deliverTo(remote, ['a@there.test'])).outcomes[0]),
    /^deferred tls 4\d\d .*before TLS/,
  );
  assert.deepEqual(server.heard, ['EHLO here.test', 'STARTTLS']);
  remote.stop();
});

test('what a server offers before TLS counts for nothing behind it', async () => {
  let hellos = 0;
  const once: Answerer = (line) => {
    if (!line.startsWith('EHLO') || hellos++ === 0) return undefined;
    return '250 mx.there.test';
  };
  const generous = [...extensions, 'SIZE 1000000', '8BITMIME', 'CHUNKING', 'AUTH PLAIN'];
  await using server = await testServer({ extensions: generous, answer: startTls(contexts, once) });
  const remote = remoteTo(server.port);
  assert.equal(reply((await deliverTo(remote, ['a@there.test'])).outcomes[0]), 'delivered');
  assert.deepEqual(server.heard.slice(2, 6), [
    'EHLO here.test',
    'MAIL FROM:<sender@here.test>',
    'RCPT TO:<a@there.test>',
    'DATA',
  ]);
  remote.stop();
});

test('a route that verifies waits for the right certificate, and one that requires TLS for TLS', async () => {
  const cases: readonly (readonly [TlsContexts | undefined, RouteOption['tls'] & string, string])[] = [
    [contexts, 'verify', 'delivered'],
    [wrongName, 'verify', 'deferred tls 451 4.7.5 TLS failed: ERR_TLS_CERT_ALTNAME_INVALID'],
    [wrongName, 'require', 'delivered'],
    [undefined, 'require', 'deferred tls 451 4.7.4 The server offers no TLS, and this route asks for it'],
  ];
  for (const [with_, tls, expected] of cases) {
    await using server = await testServer(with_ ? { extensions, answer: startTls(with_) } : {});
    const remote = remoteTo(server.port, { tls, ...trusting });
    assert.equal(reply((await deliverTo(remote, ['a@there.test'])).outcomes[0]), expected);
    remote.stop();
  }
});

function smartHost(port: number, route: Partial<RouteOption>): Partial<DeliveryOptions> {
  return { ...trusting, routes: [{ domains: ['*'], hosts: [{ host: '127.0.0.1', port }], ...route }] };
}

test('a smart host is logged into over verified TLS only, and what it refuses is told', async () => {
  const auth = { username: 'user', password: 'secret' };
  const plain = Buffer.from('\0user\0secret').toString('base64');
  let says = '235 2.7.0 Welcome';
  const answer = (with_: TlsContexts): Answerer =>
    startTls(with_, (line) => (line.startsWith('AUTH') ? says : undefined));
  const withAuth = [...extensions, 'AUTH PLAIN LOGIN'];
  await using server = await testServer({ extensions: withAuth, answer: answer(contexts) });
  const good = remoteTo(1, smartHost(server.port, { auth }));
  assert.equal(reply((await deliverTo(good, ['a@elsewhere.example'])).outcomes[0]), 'delivered');
  assert.ok(server.heard.includes(`AUTH PLAIN ${plain}`));
  good.stop();
  says = '535 5.7.8 Wrong';
  const bad = remoteTo(1, smartHost(server.port, { auth }));
  assert.equal(
    reply((await deliverTo(bad, ['a@elsewhere.example'])).outcomes[0]),
    'deferred auth 535 5.7.8 Wrong',
  );
  for (const extra of [[], ['STARTTLS']]) {
    await using unsafe = await testServer({
      extensions: ['AUTH PLAIN', ...extra],
      answer: answer(wrongName),
    });
    const remote = remoteTo(1, smartHost(unsafe.port, { auth }));
    assert.match(
      reply((await deliverTo(remote, ['a@elsewhere.example'])).outcomes[0]),
      /^deferred auth 451 4\.7\.0 Not logging in/,
    );
    assert.ok(!unsafe.heard.some((line) => line.startsWith('AUTH')));
  }
});

test('a smart host that knows only LOGIN is logged into by it', async () => {
  const says: Readonly<Record<string, string>> = {
    'AUTH LOGIN': '334 VXNlcm5hbWU6',
    dXNlcg: '334 UGFzc3dvcmQ6',
    c2VjcmV0: '235 2.7.0 Welcome',
  };
  const answer = startTls(contexts, (line) => says[line.replace(/=+$/, '')]);
  await using server = await testServer({ extensions: [...extensions, 'AUTH LOGIN'], answer });
  const remote = remoteTo(1, smartHost(server.port, { auth: { username: 'user', password: 'secret' } }));
  assert.equal(reply((await deliverTo(remote, ['a@elsewhere.example'])).outcomes[0]), 'delivered');
  remote.stop();
});

test('LMTP answers the dot for each recipient', async () => {
  await using server = await testServer({
    extensions: ['PIPELINING'],
    answer: (line) => {
      if (line.startsWith('RCPT TO:<no')) return '550 5.1.1 No';
      return line === '.' ? '250 2.1.5 a stored\r\n452 4.2.2 b is full' : undefined;
    },
  });
  const remote = remoteTo(1, smartHost(server.port, { protocol: 'lmtp' }));
  const { outcomes } = await deliverTo(remote, ['a@corp.example', 'no@corp.example', 'b@corp.example']);
  assert.deepEqual(outcomes.map(reply), [
    'delivered',
    'failed rcpt 550 5.1.1 No',
    'deferred dot 452 4.2.2 b is full',
  ]);
  assert.equal(server.heard[0], 'LHLO here.test');
  remote.stop();
});
