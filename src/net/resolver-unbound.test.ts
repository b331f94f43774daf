import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { sleep, systemClock } from '../base/clock.ts';
import { startDnsTestServer } from './dns-test-server.ts';
import { createResolver } from './resolver.ts';

const missing =
  spawnSync('unbound', ['-V']).error === undefined
    ? false
    : 'unbound is not installed (apt-get install unbound)';

/** A hundred texts do not fit into one datagram. */
const texts = Array.from(
  { length: 100 },
  (_, i) => `  local-data: 'big.here.test. 60 IN TXT "text number ${i} of the big answer"'`,
);

const settings = (port: number, folder: string): string => `server:
  interface: 127.0.0.1@${port}
  port: ${port}
  directory: "${folder}"
  pidfile: ""
  chroot: ""
  username: ""
  use-syslog: no
  do-ip6: no
  module-config: "iterator"
  outgoing-range: 16
  num-queries-per-thread: 16
  local-zone: "here.test." static
  local-data: 'here.test. 300 IN SOA ns.here.test. admin.here.test. 1 3600 600 86400 77'
  local-data: 'here.test. 300 IN MX 10 mx.here.test.'
  local-data: 'here.test. 300 IN MX 20 mx2.here.test.'
  local-data: 'mx.here.test. 120 IN A 192.0.2.1'
  local-data: 'mx.here.test. 120 IN AAAA 2001:db8::1'
  local-data: 'here.test. 300 IN TXT "v=spf1 " "-all"'
  local-data: '_submission._tcp.here.test. 300 IN SRV 0 1 587 mail.here.test.'
  local-data: '_25._tcp.mx.here.test. 300 IN TLSA 3 1 1 abcdef'
  local-data: 'here.test. 300 IN CAA 0 issue "ca.test"'
  local-data: 'www.here.test. 60 IN CNAME mx.here.test.'
  local-data: '1.2.0.192.in-addr.arpa. 300 IN PTR mx.here.test.'
${texts.join('\n')}
remote-control:
  control-enable: no
`;

interface Unbound extends AsyncDisposable {
  readonly port: number;
}

/** A port that is free now may be taken a moment later: then another one is tried. */
async function startUnbound(triesLeft = 5): Promise<Unbound> {
  await using probe = await startDnsTestServer();
  const { port } = probe.address;
  await probe[Symbol.asyncDispose]();
  const folder = mkdtempSync(join(tmpdir(), 'unbound-'));
  writeFileSync(join(folder, 'unbound.conf'), settings(port, folder));
  const child = spawn('unbound', ['-d', '-c', join(folder, 'unbound.conf')]);
  const gone = once(child, 'close');
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  const stop = async (): Promise<void> => {
    child.kill();
    await gone;
    rmSync(folder, { recursive: true });
  };
  for (let i = 0; i < 300 && child.exitCode === null && !log.includes('start of service'); i++) {
    await sleep(systemClock, 10);
  }
  if (log.includes('start of service')) return { port, [Symbol.asyncDispose]: stop };
  await stop();
  if (triesLeft <= 1) throw new Error(`unbound does not start: ${log}`);
  return startUnbound(triesLeft - 1);
}

test('a real recursive server is understood: all record types, negative answers, and TCP for what is large', {
  skip: missing,
}, async () => {
  await using unbound = await startUnbound();
  const resolver = createResolver({
    mixedCase: true,
    clock: systemClock,
    servers: [{ ip: '127.0.0.1', port: unbound.port }],
  });
  const answerOf = async (
    name: string,
    type: Parameters<typeof resolver.lookup>[1],
  ): Promise<readonly string[]> => {
    const { step } = await resolver.lookup(name, type);
    return step.answer.toSorted();
  };
  assert.deepEqual(await answerOf('here.test', 'MX'), ['10 mx.here.test', '20 mx2.here.test']);
  assert.deepEqual(await answerOf('mx.here.test', 'A'), ['192.0.2.1']);
  assert.deepEqual(await answerOf('mx.here.test', 'AAAA'), ['2001:db8::1']);
  assert.deepEqual(await answerOf('here.test', 'TXT'), ['v=spf1 -all']);
  assert.deepEqual(await answerOf('_submission._tcp.here.test', 'SRV'), ['0 1 587 mail.here.test']);
  assert.deepEqual(await answerOf('_25._tcp.mx.here.test', 'TLSA'), ['3 1 1 abcdef']);
  assert.deepEqual(await answerOf('here.test', 'CAA'), ['0 issue "ca.test"']);
  assert.deepEqual(await answerOf('here.test', 'SOA'), ['ns.here.test admin.here.test 1 3600 600 86400 77']);
  assert.deepEqual((await resolver.ptr('192.0.2.1')).step.answer, ['mx.here.test']);
  assert.equal((await resolver.cname('www.here.test')).step.answer[0], 'mx.here.test');
  const missingName = await resolver.mx('nobody.here.test');
  assert.equal(missingName.is, 'nxDomain');
  assert(missingName.is === 'nxDomain' && missingName.ttlSeconds === 77);
  assert.equal((await resolver.mx('mx.here.test')).is, 'noData');
  const big = await resolver.txt('big.here.test');
  assert(big.is === 'records' && big.records.length === texts.length);
});
