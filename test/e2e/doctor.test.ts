/** `hikyaku doctor`, by the whole program: before the server runs and while it does. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { testServer } from '../../src/delivery/testing.ts';
import { startDnsTestServer } from '../../src/net/dns-test-server.ts';
import { RunningServer } from '../running-server.ts';

const program = join(import.meta.dirname, '../../bin/hikyaku.ts');

interface Told {
  readonly code: number;
  readonly output: string;
}

/** Not waited for by blocking: the name server is in this process. */
function doctor(settingsFile: string, ...args: string[]): Promise<Told> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [program, '--config', settingsFile, 'doctor', ...args],
      (error, stdout, stderr) =>
        resolve({ code: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

interface Shown {
  readonly key: string;
  readonly level: string;
  readonly text: string;
  readonly advice: string;
}

const levelOf = (findings: readonly Shown[], key: string): string | undefined =>
  findings.find((one) => one.key === key)?.level;

test('a machine where nothing is right, in both languages; advice with everything that is bad', async (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'hikyaku-doctor-'));
  t.after(() => rmSync(folder, { recursive: true }));
  await using dns = await startDnsTestServer([
    { name: '.', type: 'NS', data: 'a.root.test' },
    { name: 'known.test', type: 'A', data: '127.0.0.9' },
    { name: '2.0.0.127.list.test', type: 'A', data: '127.0.0.2' },
    { name: '1.2.0.192.list.test', type: 'A', data: '127.0.0.2' },
  ]);
  const settings = join(folder, 'hikyaku.toml');
  writeFileSync(
    settings,
    `hostname = "mx.here.test"
data = "${join(folder, 'data')}"
addresses = ["192.0.2.1"]
[dns]
servers = ["127.0.0.1:${dns.address.port}"]
[delivery]
port = 9
ownNetworksAllowed = true
probeHosts = ["known.test"]
[doctor]
blockLists = ["list.test"]
timeServers = []
`,
  );
  const { code, output } = await doctor(settings, '--json', '--language', 'en');
  const findings = JSON.parse(output) as Shown[];
  assert.equal(code, 1, output);
  assert.equal(levelOf(findings, 'dnsAnswers'), 'good', output);
  for (const key of ['hostUnknown', 'reverseMissing', 'listed', 'diskUnknown'])
    assert.equal(levelOf(findings, key), 'bad', output);
  assert.equal(levelOf(findings, 'certificateSelfSigned'), 'warning');
  assert.equal(levelOf(findings, 'serverNotRunning'), 'note');
  for (const { level, text, advice } of findings) assert.ok(level !== 'bad' || advice !== '', text);
  const english = await doctor(settings, '--language', 'en');
  assert.match(english.output, /✖ 192\.0\.2\.1 has no reverse name \(PTR\)\n {4}Many servers refuse/);
  assert.match(english.output, /\n\d+ to put right, \d+ to look at\.\n$/);
  const japanese = await doctor(settings, '--language', 'ja');
  assert.match(japanese.output, /✖ 192\.0\.2\.1 に逆引き名（PTR）がありません/);
});

test('a server that runs as it should, but for its own certificate and the records of its domain', async () => {
  await using known = await testServer();
  await using clock = await timeServer();
  await using dns = await startDnsTestServer([
    { name: '.', type: 'NS', data: 'a.root.test' },
    { name: 'here.test', type: 'NS', data: 'ns.here.test' },
    { name: 'ns.here.test', type: 'A', data: '127.0.0.1' },
    { name: 'known.test', type: 'A', data: '127.0.0.1' },
    { name: 'mx.here.test', type: 'A', data: '192.0.2.1' },
    { name: '1.2.0.192.in-addr.arpa', type: 'PTR', data: 'mx.here.test' },
    { name: '2.0.0.127.list.test', type: 'A', data: '127.0.0.2' },
  ]);
  await using server = await RunningServer.start({
    listeners: { http: {} },
    accounts: ['alice@here.test'],
    settings: {
      hostname: 'mx.here.test',
      addresses: ['192.0.2.1'],
      dns: { servers: [`127.0.0.1:${dns.address.port}`], authoritativePort: dns.address.port },
      delivery: { port: known.port, ownNetworksAllowed: true, probeHosts: ['known.test'] },
      doctor: { blockLists: ['list.test'], timeServers: [`127.0.0.1:${clock.port}`] },
    },
  });
  const { code, output } = await doctor(server.settingsFile, '--json');
  const findings = JSON.parse(output) as Shown[];
  for (const key of ['hostResolves', 'reverseGood', 'port25Open', 'notListed', 'clockRight', 'serverRuns'])
    assert.equal(levelOf(findings, key), 'good', output);
  const bad = findings.filter(({ level }) => level === 'bad');
  assert.deepEqual(
    bad.map(({ key }) => key),
    ['domainToDo'],
  );
  assert.equal(code, 1);
});

/** Has the right time (RFC 4330). */
async function timeServer(): Promise<{ port: number } & AsyncDisposable> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (query, from) => {
    const answer = Buffer.alloc(48);
    answer[0] = 0x24;
    answer[1] = 2;
    query.copy(answer, 24, 40, 48);
    // What the asker has for the time is right here, as both are one machine.
    query.copy(answer, 32, 40, 48);
    query.copy(answer, 40, 40, 48);
    socket.send(answer, from.port, from.address);
  });
  return {
    port: socket.address().port,
    async [Symbol.asyncDispose]() {
      socket.close();
    },
  };
}
