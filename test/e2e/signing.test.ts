/** Mail of ours, from its signing to the other side's verdict: two whole servers, with the records that the first one asks for in DNS between them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { startDnsTestServer } from '../../src/net/dns-test-server.ts';
import type { ZoneRecord } from '../../src/net/zone.ts';
import { ImapClient } from '../interop/imap-client.ts';
import { password, RunningServer } from '../running-server.ts';

const program = join(import.meta.dirname, '../../bin/hikyaku.ts');
const base: readonly ZoneRecord[] = [
  { name: 'here.test', type: 'NS', data: 'ns.here.test.' },
  { name: 'ns.here.test', type: 'A', data: '127.0.0.1' },
  { name: 'mx.here.test', type: 'A', data: '127.0.0.1' },
  { name: 'there.test', type: 'MX', data: '10 mx.there.test.' },
  { name: 'mx.there.test', type: 'A', data: '127.0.0.1' },
];

interface Received {
  readonly subject: string;
  readonly results: string;
}

/** The one mail of the INBOX, when it has come. */
async function received(port: number): Promise<Received> {
  using client = await ImapClient.open(port, 'bob@there.test', password);
  for (let tries = 0; tries < 600; tries++) {
    await client.say('EXAMINE INBOX');
    const fetch = 'FETCH * (ENVELOPE BODY.PEEK[HEADER.FIELDS (AUTHENTICATION-RESULTS)])';
    const { untagged } = await client.say(fetch);
    const found = untagged.find(([, word]) => word === 'FETCH');
    if (found !== undefined) {
      const [, envelope, , header] = found[2] as unknown as [string, readonly string[], string, string];
      return { subject: envelope[1]!, results: header.replace(/\s+/g, ' ') };
    }
    await wait(50);
  }
  return assert.fail('no mail has come');
}

test('what a user sends is signed with both keys of the domain, proved at the other side, and its journey says so', async () => {
  await using dns = await startDnsTestServer(base);
  const shared = {
    dns: { servers: [`127.0.0.1:${dns.address.port}`], authoritativePort: dns.address.port },
    imap: { plainTextLogin: true },
  };
  await using there = await RunningServer.start({
    listeners: { mx: {}, imap: {} },
    settings: { ...shared, hostname: 'mx.there.test' },
    accounts: ['bob@there.test'],
  });
  await using here = await RunningServer.start({
    listeners: { submission: {}, imap: {} },
    settings: { ...shared, delivery: { ownNetworksAllowed: true, port: there.port('mx') } },
    accounts: ['alice@here.test'],
  });
  // Not while this thread waits: the name server is in it.
  const command = async (...args: string[]): Promise<string> => {
    const options = ['--config', here.settingsFile, ...args];
    return (await promisify(execFile)(process.execPath, [program, ...options])).stdout;
  };
  const keys = async (): Promise<{ state: string; algorithm: string; selector: string }[]> =>
    JSON.parse(await command('dkim', 'list', 'here.test', '--json')) as never;
  for (let tries = 0; tries < 600 && (await keys()).length < 2; tries++) await wait(50);
  const { records } = JSON.parse(await command('dns', 'here.test', '--json')) as {
    records: readonly { record: ZoneRecord & { purpose: string } }[];
  };
  const wanted = records.map(({ record }) => record).filter(({ purpose }) => /^dkim|dmarc$/.test(purpose));
  assert.equal(wanted.length, 3);
  dns.serve([...base, ...wanted.map(({ name, type, data }) => ({ name, type, data }))]);

  const transport = createTransport({
    host: '127.0.0.1',
    port: here.port('submission'),
    tls: { rejectUnauthorized: false },
    auth: { user: 'alice@here.test', pass: password },
  });
  await transport.sendMail({
    from: 'Alice <alice@here.test>',
    to: 'bob@there.test',
    subject: 'signed',
    messageId: '<signed@here.test>',
    text: '署名されたメール\n'.repeat(20),
  });
  const { subject, results } = await received(there.port('imap'));
  assert.equal(subject, 'signed');
  assert.match(results, /dkim=pass \(2048-bit key\) header\.d=here\.test [^;]*header\.a=rsa-sha256/);
  assert.match(results, /dkim=pass [^;]*header\.a=ed25519-sha256/);
  assert.match(results, /dmarc=pass \(p=none\) header\.from=here\.test/);
  const journey = await command('journey', '<signed@here.test>');
  assert.match(journey, /Signed as here\.test \(DKIM\)/);
  assert.match(journey, /rsa-sha256 with the key r\d{8}, whose record has not been seen in DNS/);
  assert.match(
    await command('journey', '<signed@here.test>', '--language', 'ja'),
    /here\.test のDKIM署名を付加/,
  );

  const made = await command('dkim', 'rotate', 'here.test', '--only', 'ed25519');
  assert.match(made, /state +prepared since /);
  const next = (await keys()).find(({ state }) => state === 'prepared')!;
  await command('dkim', 'activate', 'here.test', next.selector, '--yes');
  const states = (await keys()).map(({ algorithm, state }) => `${algorithm} ${state}`);
  assert.deepEqual(states.toSorted(), [
    'ed25519-sha256 active',
    'ed25519-sha256 retiring',
    'rsa-sha256 active',
  ]);
});
