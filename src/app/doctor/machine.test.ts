import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { systemClock } from '../../base/clock.ts';
import { readSettings } from '../../config/read.ts';
import type { Settings } from '../../config/schema.ts';
import { createResolver } from '../../net/resolver.ts';
import { makeSelfSigned } from '../../net/self-signed.ts';
import { writeTime } from '../../net/sntp.ts';
import { testAuthority } from '../../net/testing-authority.ts';
import type { Certificate } from '../../net/tls-contexts.ts';
import { createZone } from '../../net/zone.ts';
import type { Finding } from './finding.ts';
import { certificateFindings, clockFindings, diskFindings, fileFindings } from './machine.ts';

const folder = mkdtempSync(join(tmpdir(), 'doctor-'));
after(() => rmSync(folder, { recursive: true }));

function settingsOf(more: object = {}): Settings {
  const read = readSettings({ hostname: 'mx.here.test', ...more }, {});
  assert.equal(read.is, 'settings', JSON.stringify(read));
  return (read as { settings: Settings }).settings;
}

const kinds = (findings: readonly Finding[]): string[] => findings.map(({ key, level }) => `${level} ${key}`);

/** A time server that is so far ahead. */
async function timeServer(aheadMs: number) {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (query, from) => {
    const answer = Buffer.alloc(48);
    answer.set([0x24, 2]);
    query.copy(answer, 24, 40, 48);
    for (const at of [32, 40]) writeTime(answer, at, systemClock.nowMs() + aheadMs);
    socket.send(answer, from.port, from.address);
  });
  return {
    port: socket.address().port,
    [Symbol.asyncDispose]: async () => void socket.close(),
  };
}

test('the clock is right, wrong, or nobody tells', async () => {
  await using right = await timeServer(0);
  await using wrong = await timeServer(-3_600_000);
  const zone = createZone({
    records: [{ name: 'time.test', type: 'A', data: '127.0.0.1' }],
    apexes: ['test'],
  });
  const resolver = createResolver({ clock: systemClock, zone, servers: [] });
  const told = async (...timeServers: string[]): Promise<string[]> =>
    kinds(await clockFindings(settingsOf({ doctor: { timeServers } }), resolver));
  assert.deepEqual(await told('nobody.test', `time.test:${right.port}`), ['good clockRight']);
  assert.deepEqual(await told(`127.0.0.1:${wrong.port}`), ['bad clockWrong']);
  assert.deepEqual(await told('nobody.test', '127.0.0.1:1'), ['note clockUnknown']);
  assert.deepEqual(await told(), []);
});

test('the disk has a folder for data, or it is told which there is not', () => {
  assert.match(kinds(diskFindings(folder)).join(), /^(good diskRoom|warning diskLow)$/);
  assert.deepEqual(kinds(diskFindings(join(folder, 'nowhere'))), ['bad diskUnknown']);
  for (const { key } of fileFindings()) assert.match(key, /^files(Enough|Few)$/);
});

test('certificates of the settings: good, soon over, over, self-signed, of another name, of no use, none', async () => {
  const authority = await testAuthority('Roots');
  const dayMs = 86_400_000;
  const until = (days: number): Promise<Certificate> =>
    authority.issue({
      names: ['mx.here.test'],
      notBefore: new Date(Date.now() - 100 * dayMs),
      notAfter: new Date(Date.now() + days * dayMs),
    });
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const told = ({ chain, key }: Certificate): string[] => {
    const certificates = [{ certificate: file('chain.pem', chain), key: file('key.pem', key) }];
    return kinds(certificateFindings(settingsOf({ tls: { certificates } })));
  };
  assert.deepEqual(told(await until(60)), ['good certificateGood']);
  assert.deepEqual(told(await until(5)), ['warning certificateSoon']);
  assert.deepEqual(told(await until(-1)), ['bad certificateExpired']);
  const own = await makeSelfSigned(['mx.here.test'], systemClock);
  assert.deepEqual(told(own), ['warning certificateSelfSigned']);
  assert.deepEqual(told(await authority.issue({ names: ['*.here.test'] })), ['good certificateGood']);
  assert.deepEqual(told(await authority.issue({ names: ['*.there.test'] })), [
    'good certificateGood',
    'bad certificateOtherName',
  ]);
  assert.deepEqual(told({ ...(await until(60)), key: own.key }), ['bad certificateUnusable']);
  assert.deepEqual(kinds(certificateFindings(settingsOf())), ['warning certificateSelfSigned']);
  const acme = { directory: 'https://ca.test/directory', contact: 'a@here.test' };
  assert.deepEqual(kinds(certificateFindings(settingsOf({ tls: { acme } }))), []);
});
