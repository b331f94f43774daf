import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../base/clock.ts';
import { ServiceHttp } from '../net/service-request.ts';
import type { Check } from './check.ts';
import { Clamav } from './clamav.ts';
import { engineCheck, type Engine, type EngineSettings } from './engine.ts';
import { Rspamd, type RspamdOptions } from './rspamd.ts';
import { SpamAssassin } from './spamassassin.ts';
import { shown, testDialer, testMail, testService, type TestService } from './engine-testing.ts';

const timeoutMs = 10_000;
const mega = 1024 * 1024;

function checked(engine: Engine, more: Partial<EngineSettings> = {}): Check {
  const settings: EngineSettings = {
    name: 'engine',
    timeoutMs,
    onFailure: 'defer',
    messageMaxBytes: 20 * mega,
    direction: 'both',
    ...more,
  };
  return engineCheck(engine, settings, { hostName: 'mx.here.test', clock: systemClock });
}

const clamav = ({ address }: Pick<TestService, 'address'>): Engine =>
  new Clamav(testDialer, { name: 'clamav', address, timeoutMs, action: 'refuse' });

/** Takes a stream apart, as clamd does; undefined while it goes on. */
function streamed(heard: string): string | undefined {
  const bytes = Buffer.from(heard, 'latin1');
  const pieces: string[] = [];
  for (let at = 'zINSTREAM\0'.length; at + 4 <= bytes.length; ) {
    const size = bytes.readUInt32BE(at);
    if (size === 0) return pieces.join('');
    pieces.push(bytes.toString('latin1', at + 4, at + 4 + size));
    at += 4 + size;
  }
  return undefined;
}

test('a mail goes to clamd as it would be delivered, and what is found is told with its name', async () => {
  await using clamd = await testService((socket, heard) => {
    const text = streamed(heard);
    if (text === undefined) return;
    socket.end(text.includes('EICAR') ? 'stream: Eicar-Test-Signature FOUND\0' : 'stream: OK\0');
  });
  const check = checked(clamav(clamd));
  const clean = await shown(check, testMail(), ['Hello\r\n', 'World\r\n']);
  assert.deepEqual(clean, { found: { findings: [], virus: 1 }, failure: undefined });
  const text = streamed(clamd.heard[0]!)!;
  assert.match(
    text,
    /^Return-Path: <bob@there\.test>\r\nReceived: from there\.test \(\[192\.0\.2\.1\]\)\r\n\tby mx\.here\.test with ESMTP id \S+;\r\n\t[^\r]+\r\nFrom: bob@there\.test\r\n\r\nHello\r\nWorld\r\n$/,
  );
  const { found } = await shown(check, testMail(), ['EICAR']);
  assert.equal(found.virus, 5);
  const [finding] = found.findings;
  assert.equal(finding!.rule, 'clamav.virus');
  assert.equal(finding!.action, 'refuse');
  assert.equal(finding!.detail, 'Eicar-Test-Signature');
});

test('what is only suspicious does not decide alone', async () => {
  await using clamd = await testService((socket, heard) => {
    if (streamed(heard) !== undefined) socket.end('stream: Heuristics.Encrypted.Zip FOUND\0');
  });
  const { found } = await shown(checked(clamav(clamd)), testMail(), ['x']);
  assert.deepEqual(
    found.findings.map(({ rule, action }) => [rule, action]),
    [['clamav.suspicious', undefined]],
  );
  assert.equal(found.virus, 4);
});

test('a large mail is streamed while it comes in, and arrives whole', async () => {
  await using clamd = await testService((socket, heard) => {
    if (streamed(heard) !== undefined) socket.end('stream: OK\0');
  });
  const body = Array.from({ length: 50 }, (_, i) => Buffer.alloc(64 * 1024, i));
  const { found, failure } = await shown(checked(clamav(clamd)), testMail(), body);
  assert.equal(failure, undefined);
  assert.equal(found.virus, 1);
  const text = streamed(clamd.heard[0]!)!;
  assert(text.endsWith(Buffer.concat(body).toString('latin1')));
});

test('a mail beyond what an engine is shown is told, and costs the engine nothing', async () => {
  await using clamd = await testService(() => {});
  const check = checked(clamav(clamd), { messageMaxBytes: 1000 });
  const { found, failure } = await shown(check, testMail(), [Buffer.alloc(900), Buffer.alloc(900)]);
  assert.equal(failure, undefined);
  assert.deepEqual(
    found.findings.map(({ rule, weight }) => [rule, weight]),
    [['engine.too-large', 0]],
  );
  assert.equal(clamd.connections(), 0);
});

test('an engine that is not there, falls silent, closes or talks nonsense has failed, whichever engine it is', async () => {
  const ways: readonly [name: string, serve: Parameters<typeof testService>[0]][] = [
    ['silent', () => {}],
    ['closes', (socket) => socket.destroy()],
    ['nonsense', (socket) => socket.end('HELO\0\r\n\r\n')],
    ['endless', (socket) => socket.write(Buffer.alloc(6 * mega, 0x41))],
    ['error', (socket) => socket.end('INSTREAM size limit exceeded. ERROR\0')],
  ];
  for (const [name, serve] of ways) {
    await using service = await testService(serve);
    for (const engine of all(service, 100)) {
      const { failure } = await shown(checked(engine, { timeoutMs: 200 }), testMail(), [
        Buffer.alloc(400_000),
      ]);
      assert.equal(failure?.policy, 'defer', name);
    }
  }
  const gone = { address: { is: 'unix', path: '/nowhere/at/all' } } as const;
  for (const engine of all(gone, 100)) {
    const { failure } = await shown(checked(engine), testMail(), ['x']);
    assert.match(failure!.why, /ENOENT/);
  }
});

function all(service: Pick<TestService, 'address'>, limitMs: number): readonly Engine[] {
  const { address } = service;
  return [
    new Clamav(testDialer, { name: 'clamav', address, timeoutMs: limitMs, action: 'refuse' }),
    new SpamAssassin(testDialer, { name: 'spamassassin', address, timeoutMs: limitMs, user: '', weight: 6 }),
    new Rspamd(new ServiceHttp(address, systemClock), { ...rspamdOptions, timeoutMs: limitMs }),
  ];
}

test('SpamAssassin reads to the end of what is sent; its score weighs as much as the settings say', async () => {
  await using spamd = await testService((socket, heard, ended) => {
    if (ended) socket.end('SPAMD/1.1 0 EX_OK\r\nSpam: True ; 10.0 / 5.0\r\n\r\nGTUBE,BAYES_99\r\n');
    assert(heard.startsWith('SYMBOLS SPAMC/1.5\r\nUser: filter\r\n\r\nReturn-Path:'));
  });
  const { address } = spamd;
  const engine = new SpamAssassin(testDialer, {
    name: 'spamassassin',
    address,
    timeoutMs,
    user: 'filter',
    weight: 6,
  });
  const { found, failure } = await shown(checked(engine), testMail(), ['Hello\r\n']);
  assert.equal(failure, undefined);
  assert.deepEqual(found.findings, [{ rule: 'spamassassin', weight: 12, detail: '10/5 GTUBE BAYES_99' }]);
  assert(spamd.heard[0]!.endsWith('\r\n\r\nHello\r\n'));
});

const rspamdOptions: RspamdOptions = {
  name: 'rspamd',
  timeoutMs,
  password: 'secret',
  weight: 15,
  obey: false,
  hostName: 'mx.here.test',
};

/** An HTTP server of one sort of answer, that keeps its connections. */
const rspamdSays = (answer: unknown) => (socket: { write(text: string): void }, heard: string) => {
  if (!heard.endsWith('0\r\n\r\n')) return;
  const body = JSON.stringify(answer);
  socket.write(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
  );
};

test('rspamd is told of the envelope and the session; only its score counts unless it is obeyed', async () => {
  const answer = {
    action: 'soft reject',
    score: 7.5,
    required_score: 15,
    symbols: { RATELIMITED: { score: 7.5 }, X: { score: 0 } },
    messages: { smtp_message: 'Come again' },
  };
  await using rspamd = await testService(rspamdSays(answer));
  using http = new ServiceHttp(rspamd.address, systemClock);
  const login = { org: 'org', account: 'a', address: 'alice@here.test' };
  const mail = testMail({ login, tls: { version: 'TLSv1.3', cipher: 'TLS_AES_128_GCM_SHA256' } });
  const { found } = await shown(checked(new Rspamd(http, rspamdOptions)), mail, ['Hello\r\n']);
  assert.deepEqual(found.findings, [
    { rule: 'rspamd', weight: 7.5, detail: 'soft reject 7.5/15 RATELIMITED(7.5) X(0)' },
  ]);
  const head = rspamd.heard[0]!.toLowerCase();
  for (const line of [
    'post /checkv2 http/1.1',
    'from: bob@there.test',
    'rcpt: alice@here.test',
    'ip: 192.0.2.1',
    'helo: there.test',
    `queue-id: ${mail.id}`,
    'user: alice@here.test',
    'tls-version: tlsv1.3',
    'password: secret',
  ])
    assert(head.includes(`${line}\r\n`), line);
  const obeyed = await shown(checked(new Rspamd(http, { ...rspamdOptions, obey: true })), testMail(), ['x']);
  assert.equal(obeyed.found.findings[0]!.action, 'defer');
  assert.equal(obeyed.found.findings[0]!.reply, 'Come again');
  assert.equal(rspamd.connections(), 1, 'the connection is used again');
});

test('a mail that is given up is given up at the engine', async () => {
  await using clamd = await testService(() => {});
  const running = checked(clamav(clamd)).begin(testMail())!;
  await running.body!(Buffer.alloc(400_000));
  running.abort!();
  assert.equal(clamd.connections(), 1);
});
