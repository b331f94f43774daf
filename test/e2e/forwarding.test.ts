/** Mail that is sent on, by two whole servers: SPF, DMARC and ARC hold at the next one, and bounces find their way back. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { createTransport } from 'nodemailer';
import { startDnsTestServer } from '../../src/net/dns-test-server.ts';
import type { ZoneRecord } from '../../src/net/zone.ts';
import { signedBy, testDns } from '../../src/policy/testing.ts';
import { ImapClient } from '../interop/imap-client.ts';
import { password, RunningServer } from '../running-server.ts';

const program = join(import.meta.dirname, '../../bin/hikyaku.ts');

/** `far.test` sends, `here.test` sends on, `there.test` receives; the mail of the first and the last is at one server. */
function base(): ZoneRecord[] {
  const [[keyName, [key]]] = [...testDns({}, ['far.test']).texts] as unknown as [[string, [string]]];
  return [
    { name: 'far.test', type: 'TXT', data: 'v=spf1 ip4:127.0.0.1 -all' },
    { name: 'far.test', type: 'MX', data: '10 mx.there.test.' },
    { name: '_dmarc.far.test', type: 'TXT', data: 'v=DMARC1; p=reject' },
    { name: keyName, type: 'TXT', data: key },
    { name: 'here.test', type: 'NS', data: 'ns.here.test.' },
    { name: 'here.test', type: 'TXT', data: 'v=spf1 ip4:127.0.0.1 -all' },
    { name: 'ns.here.test', type: 'A', data: '127.0.0.1' },
    { name: 'mx.here.test', type: 'A', data: '127.0.0.1' },
    { name: 'there.test', type: 'MX', data: '10 mx.there.test.' },
    // Not where the other one listens: it would take that for itself.
    { name: 'mx.there.test', type: 'A', data: '127.0.0.2' },
  ];
}

/** The newest mail of a mailbox, whole, once there are so many. */
async function received(port: number, user: string, count: number): Promise<string> {
  using client = await ImapClient.open(port, user, password);
  for (let tries = 0; tries < 600; tries++) {
    await client.say('EXAMINE INBOX');
    const { untagged } = await client.say('FETCH 1:* (BODY.PEEK[])');
    const texts = untagged
      .filter(([, word]) => word === 'FETCH')
      .map(([, , items]) => (items as unknown as string[])[1]!);
    if (texts.length >= count) return texts.at(-1)!;
    await wait(50);
  }
  return assert.fail(`no mail for ${user}`);
}

test('what is sent on proves itself at the next server, and its bounces go back where it came from', async () => {
  const records = base();
  await using dns = await startDnsTestServer(records);
  const shared = {
    dns: { servers: [`127.0.0.1:${dns.address.port}`], authoritativePort: dns.address.port },
    imap: { plainTextLogin: true },
  };
  await using there = await RunningServer.start({
    listeners: { mx: { host: '127.0.0.2' }, imap: {} },
    settings: { ...shared, hostname: 'mx.there.test' },
    accounts: ['bob@there.test', 'boss@far.test'],
  });
  await using here = await RunningServer.start({
    listeners: { mx: {} },
    settings: { ...shared, delivery: { ownNetworksAllowed: true, port: there.port('mx') } },
    accounts: ['alice@here.test'],
  });
  const command = async (...args: string[]): Promise<string> => {
    const options = ['--config', here.settingsFile, ...args];
    return (await promisify(execFile)(process.execPath, [program, ...options])).stdout;
  };
  const keys = async (): Promise<{ name: string; record: string; seenAtMs: number }[]> =>
    JSON.parse(await command('dkim', 'list', 'here.test', '--json')) as never;
  for (let tries = 0; tries < 600 && (await keys()).length < 2; tries++) await wait(50);
  const published = (await keys()).map(({ name, record }) => ({ name, type: 'TXT' as const, data: record }));
  dns.serve([...records, ...published]);
  await command('alias', 'add', 'info@here.test', '--to', 'bob@there.test');
  // The records are looked for when it starts.
  await here.stop();
  await here.begin();
  for (let tries = 0; tries < 600 && (await keys()).some(({ seenAtMs }) => seenAtMs === 0); tries++)
    await wait(50);

  const transport = createTransport({
    host: '127.0.0.1',
    port: here.port('mx'),
    name: 'mx.far.test',
    ignoreTLS: true,
  });
  const text = `From: boss@far.test\r\nTo: info@here.test\r\nSubject: News\r\nMessage-ID: <news@far.test>\r\n\r\nNews \r\n\r\n`;
  const send = (from: string, to: string, raw: string): Promise<unknown> =>
    transport.sendMail({ envelope: { from, to: [to] }, raw });
  await send('boss@far.test', 'info@here.test', await signedBy('far.test', text));

  const mail = await received(there.port('imap'), 'bob@there.test', 1);
  const [, returnPath = ''] = /^Return-Path: <(.+)>\r\n/.exec(mail) ?? [];
  assert.match(returnPath, /^SRS0=\w{8}=\w\w=far\.test=boss@here\.test$/);
  const [, results = ''] = /\r\nAuthentication-Results: mx\.there\.test;([^]*?)\r\n\S/.exec(mail) ?? [];
  const said = results.replace(/\s+/g, ' ');
  assert.match(said, /spf=pass smtp\.mailfrom="?SRS0=/);
  assert.match(said, /dkim=pass [^;]*header\.d=far\.test/);
  assert.match(said, /dmarc=pass \(p=reject\)/);
  assert.match(said, /arc=pass \(i=1\)/);
  // Not ours: we only pass it on.
  assert.doesNotMatch(mail, /\r\nDKIM-Signature:(?:(?!\r\n\S)[^])*d=here\.test/);
  assert.match(mail, /\r\nARC-Authentication-Results: i=1; mx\.here\.test;[^]*?dmarc=pass/);
  assert.ok(mail.endsWith('\r\n\r\nNews \r\n\r\n'));

  const bounce = 'From: MAILER-DAEMON@mx.there.test\r\nSubject: Undelivered\r\n\r\nx\r\n';
  await send('', returnPath, bounce);
  assert.match(await received(there.port('imap'), 'boss@far.test', 1), /\r\nSubject: Undelivered\r\n/);
  const forged = returnPath.replace('=boss@', '=bob@');
  const refused = await send('', forged, bounce).then(
    () => 'taken',
    (error: { response?: string }) => error.response ?? 'no reply',
  );
  assert.match(refused, /^550 5\.1\.1 /);
  assert.match(await command('address', 'explain', returnPath), /stands for the sender .* boss@far\.test/);
});
