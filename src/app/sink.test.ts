import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { Resolver } from 'node:dns/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { converse } from '../../test/converse.ts';
import { loadScenario, runSink, ScenarioError, shippedScenarios } from './sink.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'hikyaku-sink-'));

test('every scenario that comes with the program is one', () => {
  const names = shippedScenarios();
  for (const name of ['gmail', 'outlook', 'yahoo', 'yahoo-japan', 'docomo', 'au', 'softbank', 'game-day'])
    assert(names.includes(name), name);
  for (const name of names) assert.notEqual(loadScenario(name).summary, '', name);
});

test('a file with problems is told of with all of them', () => {
  const file = join(folder(), 'wrong.toml');
  writeFileSync(file, '[[providers]]\nname = "a"\ndomains = ["a.test"]\nmax = 3\ncount = -1\n');
  assert.throws(
    () => loadScenario(file),
    (error: Error) => {
      assert(error instanceof ScenarioError);
      assert.match(error.message, /providers\.0\.max is not a setting/);
      assert.match(error.message, /providers\.0\.count must be >= 0/);
      return true;
    },
  );
  assert.throws(() => loadScenario(join(folder(), 'none.toml')), /ENOENT/);
});

test('the name server leads to ten thousand domains, over UDP and TCP', async () => {
  const place = { ip: '127.44.9.1', port: 0 };
  await using running = await runSink({ scenario: 'many-sites', address: '127.44.9.1', port: 0, dns: place });
  assert.equal(running.sink.domains, 10_000);
  const resolver = new Resolver();
  const { ip, port } = running.sink.dns!;
  resolver.setServers([`${ip}:${port}`]);
  assert.deepEqual(await resolver.resolveMx('shop7999.example'), [
    { exchange: 'mx.shop7999.example', priority: 10, type: 'MX' },
  ]);
  const [address] = await resolver.resolve4('mx.shop7999.example');
  assert(running.sink.places.some((one) => one.ip === address && one.provider === 'good'));
  assert.deepEqual(await resolver.reverse('127.44.9.1'), ['mx.shop1.example']);
  assert.deepEqual(await resolver.resolveTxt('shop1.example'), [['v=spf1 -all']]);
  await assert.rejects(resolver.resolveMx('shop8001.example'), { code: 'EREFUSED' });
  await assert.rejects(resolver.resolve6('mx.shop1.example'), { code: 'ENODATA' });
  await assert.rejects(resolver.resolve4('other.shop1.example'), { code: 'ENOTFOUND' });
});

test('mail is kept, duplicates are counted, and control changes what a provider does', async () => {
  const store = folder();
  const running = await runSink({
    scenario: 'docomo',
    address: '127.44.9.40',
    port: 0,
    control: { ip: '127.0.0.1', port: 0 },
    tokenHeader: 'X-Token',
    store,
  });
  const { ip, port } = running.sink.places[0]!;
  const talk = (script: string): Promise<void> => converse(connect(port, ip), script);
  const mail = String.raw`
    S: 220 mfsmax.docomo.ne.jp ESMTP Service ready
    C~ EHLO x\r\nMAIL FROM:<a@there.test>\r\nRCPT TO:<b@docomo.ne.jp>\r\nDATA\r\n
    S* 354 Go ahead
    C~ X-Token: 17\r\n\r\nFrom here on\r\n.\r\nQUIT\r\n
    S: 250 Requested mail action okay, completed`;
  await talk(mail);
  await talk(mail);
  const control = connect(running.control!.port, running.control!.host);
  await converse(
    control,
    `
    C: set {"name":"docomo","limits":[{"of":"connexions"}]}
    S: {"error":"providers.0.limits.0.of must be one of: ...
    C: set {"name":"docomo","faults":[{"phase":"mail","reply":"421 Not now","does":"close"}]}
    S: {"done":true}
    C: report
    S: {"scenario":"changed",..."messages":2,...,"duplicates":1,...}
  `,
  );
  control.destroy();
  await talk(String.raw`
    S: 220 mfsmax.docomo.ne.jp ESMTP Service ready
    C~ EHLO x\r\nMAIL FROM:<a@there.test>\r\n
    S* 421 Not now
    S(closed)`);
  await running[Symbol.asyncDispose]();
  const kept = readFileSync(join(store, 'docomo.mbox'), 'latin1');
  assert.equal(kept.match(/^From a@there\.test /gm)?.length, 2);
  assert.match(kept, /\nX-Sink-Recipient: <b@docomo\.ne\.jp>\nX-Token: 17\n\n>From here on\n\n/);
});

test('bounces, complaints and automatic replies come back, to one server alone', async () => {
  await using mailbox = await runSink({
    scenario: 'plain',
    address: '127.44.9.50',
    port: 0,
    store: folder(),
  });
  const file = join(folder(), 'returning.toml');
  writeFileSync(
    file,
    `[[providers]]
name = "returning"
domains = ["here.test"]
returns = [
  { kind = "bounce", percent = 100, reply = "550 5.2.1 <{address}>: suspended" },
  { kind = "complaint", percent = 100 },
  { kind = "autoReply", percent = 100 },
]
`,
  );
  const back = mailbox.sink.places[0]!;
  await using running = await runSink({
    scenario: file,
    address: '127.44.9.51',
    port: 0,
    returnTo: { ip: back.ip, port: back.port },
  });
  const { ip, port } = running.sink.places[0]!;
  await converse(
    connect(port, ip),
    String.raw`
    S* 220 ...
    C~ EHLO x\r\nMAIL FROM:<bounce+1@sender.test>\r\nRCPT TO:<b@here.test>\r\nDATA\r\n
    S* 354 Go ahead
    C~ Subject: hello\r\nCFBL-Address: fbl@sender.test; report=arf\r\nMessage-ID: <1@sender.test>\r\n\r\nx\r\n.\r\nQUIT\r\n
    S* 221 2.0.0 Bye`,
  );
  const returned = (): number => {
    const { sent, failed, dropped } = running.report().providers[0]!.returns;
    return sent + failed + dropped;
  };
  while (returned() < 3) await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(running.report().providers[0]!.returns.sent, 3);
  assert.equal(mailbox.report().messages, 3);
});
