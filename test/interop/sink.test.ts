/** Programs of others send to the sink: swaks in every dialect, Postfix with a queue full of mail that meets limits, greylists and full mailboxes. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { runSink } from '../../src/app/sink.ts';
import { Postfix } from './postfix.ts';
import { eventually, needing, needingRoot, newFolder, run } from './programs.ts';

suite('swaks to the sink', needing('swaks'), () => {
  test('STARTTLS, pipelining, unknown users at RCPT and after the text', async () => {
    await using running = await runSink({ scenario: 'docomo', address: '127.44.20.1', port: 0 });
    const { ip, port } = running.sink.places[0]!;
    const swaks = async (args: readonly string[], mayEndWith = [0]): Promise<string> =>
      (
        await run('swaks', ['--server', ip, '--port', String(port), '--helo', 'swaks.example', ...args], {
          mayEndWith,
        })
      ).said;
    const secure = await swaks(['--tls', '--from', 'a@there.example', '--to', 'b@docomo.ne.jp']);
    assert.match(secure, /TLS started with cipher TLSv1\.3:/);
    assert.match(secure, /<~ {2}250 Requested mail action okay, completed/);
    await swaks(['--pipeline', '--from', 'a@there.example', '--to', 'c@docomo.ne.jp']);
    const unknown = await swaks(['--from', 'a@there.example', '--to', 'unknown1@docomo.ne.jp'], [24]);
    assert.match(unknown, /RCPT TO:[^]*<\*\* 550 Unknown user unknown1@docomo\.ne\.jp/);
    const filtered = await swaks(['--from', 'a@there.example', '--to', 'filtered1@docomo.ne.jp'], [26]);
    assert.match(filtered, /<- {2}250[^]*<\*\* 550 Unknown user filtered1@docomo\.ne\.jp/);
    const [report] = running.report().providers;
    assert.equal(report!.messages, 2);
    assert.equal(report!.tlsConnections, 1);
    assert.deepEqual(report!.refusals.map(({ phase }) => phase).sort(), ['end', 'rcpt']);
  });
});

suite('Postfix to the sink', needingRoot('postfix'), () => {
  test('a queue is emptied although connections and messages are limited, and what is refused comes back', async () => {
    using folder = newFolder('sink');
    const scenario = join(folder.path, 'small.toml');
    writeFileSync(
      scenario,
      `[[providers]]
name = "small"
domains = ["small.example"]
limits = [
  { of = "messagesPerConnection", max = 3, does = "close" },
  { of = "recipientsPerMessage", max = 5 },
]
recipients = [{ local = "unknown*", unknown = true, reply = "550 5.1.1 <{address}>: User unknown" }]
`,
    );
    await using running = await runSink({
      scenario,
      address: '127.44.20.10',
      port: 0,
      tokenHeader: 'Message-ID',
    });
    const { ip, port } = running.sink.places[0]!;
    await using postfix = await Postfix.start({
      domains: ['postfix.example'],
      transports: { 'small.example': `smtp:[${ip}]:${port}` },
      settings: {
        relay_domains: 'small.example',
        minimal_backoff_time: '1s',
        maximal_backoff_time: '2s',
        queue_run_delay: '1s',
      },
    });
    const send = (to: readonly string[]): Promise<unknown> =>
      run('swaks', [
        '--server',
        '127.0.0.3',
        '--port',
        String(postfix.port),
        '--helo',
        'swaks.example',
        '--from',
        'a@postfix.example',
        '--to',
        to.join(','),
      ]);
    for (let i = 0; i < 8; i++) await send([`user${i}@small.example`]);
    await send(Array.from({ length: 12 }, (_, i) => `many${i}@small.example`));
    await send(['unknown@small.example']);
    const report = await eventually('all twenty recipients have theirs, and one has none', () => {
      const [now] = running.report().providers;
      const unknown = now!.refusals.some(({ reply }) => reply.startsWith('550 5.1.1'));
      return now!.recipients === 20 && unknown && now;
    });
    assert.equal(report.duplicates, 0);
    const limit = report.limits.find(({ of }) => of === 'recipientsPerMessage');
    assert(limit!.peak <= 5);
  });
});
