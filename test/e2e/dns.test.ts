/** The DNS records of a domain, by the whole program: the command against name servers, and what the records lead to. */
import assert from 'node:assert/strict';
import { request } from 'node:https';
import { once } from 'node:events';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { startDnsTestServer } from '../../src/net/dns-test-server.ts';
import type { ZoneRecord } from '../../src/net/zone.ts';
import { parseStsPolicy, stsPolicyId } from '../../src/proto/mta-sts/policy.ts';
import { RunningServer } from '../running-server.ts';

interface Answer {
  readonly records: readonly {
    readonly record: {
      readonly name: string;
      readonly type: ZoneRecord['type'];
      readonly data: string;
      readonly purpose: string;
      readonly need: string;
    };
    readonly status: string;
  }[];
}

const program = join(import.meta.dirname, '../../bin/hikyaku.ts');

const base: readonly ZoneRecord[] = [
  { name: 'here.test', type: 'NS', data: 'ns.here.test' },
  { name: 'ns.here.test', type: 'A', data: '127.0.0.1' },
  { name: '192.in-addr.arpa', type: 'NS', data: 'ns.here.test' },
];

async function httpsGet(port: number, host: string, path: string): Promise<{ status: number; body: string }> {
  const sent = request({
    port,
    host: '127.0.0.1',
    servername: host,
    path,
    headers: { host },
    rejectUnauthorized: false,
    agent: false,
  }).end();
  const [response] = (await once(sent, 'response')) as [AsyncIterable<Buffer> & { statusCode: number }];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  return { status: response.statusCode, body: Buffer.concat(pieces).toString() };
}

test('what the command says is missing is what makes it content, and the records lead to what they promise', async () => {
  await using dns = await startDnsTestServer(base);
  await using server = await RunningServer.start({
    listeners: { http: {}, https: {}, imaps: { host: '0.0.0.0' }, submissions: { host: '0.0.0.0' } },
    accounts: ['alice@here.test'],
    settings: {
      addresses: ['192.0.2.1'],
      dns: { servers: [`127.0.0.1:${dns.address.port}`], authoritativePort: dns.address.port },
      delivery: { ownNetworksAllowed: true },
      mtaSts: { mode: 'enforce', maxAgeDays: 30 },
    },
  });
  // Not while this thread waits: the name server is in it.
  const command = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, [
      program,
      '--config',
      server.settingsFile,
      ...args,
    ]);
    return stdout;
  };
  const asked = (...options: string[]): Promise<string> => command('dns', 'here.test', ...options);
  const answer = JSON.parse(await asked('--json')) as Answer;
  assert.ok(
    answer.records.length > 15 && answer.records.every(({ status }) => status === 'missing'),
    await asked(),
  );
  assert.match(
    await asked('--language', 'en'),
    /^✖ +missing +here\.test MX 10 mx\.here\.test\. +where mail for the domain goes$/m,
  );
  assert.match(await asked('--language', 'ja'), /必須の設定が \d+ 件/);
  const lines = (await asked('--zone')).split('\n');
  assert.ok(lines.includes('here.test.\t3600\tIN\tMX\t10 mx.here.test.'));
  assert.ok(lines.includes('; 1.2.0.192.in-addr.arpa.\t3600\tIN\tPTR\tmx.here.test.'));
  dns.serve([...base, ...answer.records.map(({ record: { name, type, data } }) => ({ name, type, data }))]);
  assert.match(await asked('--language', 'en'), /All that matters is there and right\.\n$/);

  const port = server.port('https');
  const policy = await httpsGet(port, 'mta-sts.here.test', '/.well-known/mta-sts.txt');
  const parsed = parseStsPolicy(policy.body);
  assert.deepEqual(parsed, { mode: 'enforce', maxAgeSeconds: 30 * 86_400, mx: ['mx.here.test'] });
  const record = answer.records.find((one) => one.record.purpose === 'mtaSts')!.record;
  assert.equal(record.data, `v=STSv1; id=${stsPolicyId(parsed)}`);
  const setup = await httpsGet(port, 'autoconfig.here.test', '/mail/config-v1.1.xml');
  assert.match(setup.body, new RegExp(`<port>${server.port('imaps')}</port>`));

  await command('domain', 'change', 'here.test', '--mta-sts', 'testing');
  const eased = await httpsGet(port, 'mta-sts.here.test', '/.well-known/mta-sts.txt');
  assert.equal(parseStsPolicy(eased.body).mode, 'testing');
  assert.match(
    await asked('--language', 'en'),
    /^_mta-sts\.here\.test TXT .*\n +is there: v=STSv1; id=\w+\n +should be: v=STSv1; id=\w+$/m,
  );
});
