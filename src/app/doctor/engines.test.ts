import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../../config/read.ts';
import type { Resolver } from '../../net/resolver.ts';
import { testDialer, testService, type TestService } from '../../policy/engine-testing.ts';
import { testMilter } from '../../policy/milter-testing.ts';
import { serviceText } from '../../net/service-dial.ts';
import { engineFindings } from './engines.ts';

const resolver = testDialer.resolver as Resolver;
const at = ({ address }: Pick<TestService, 'address'>): string => serviceText(address);

async function told(raw: object): Promise<string[]> {
  const read = readSettings({ hostname: 'mx.here.test', ...raw });
  assert.ok(read.is === 'settings', JSON.stringify(read));
  const findings = await engineFindings(read.settings, resolver);
  return findings.map(
    ({ key, level, facts }) => `${level} ${key} ${Object.values(facts)[0]} ${Object.values(facts)[2]}`,
  );
}

test('engines that answer as they should are told with what they say of themselves', async () => {
  await using clamd = await testService((socket) => socket.end('ClamAV 1.4.6/27000/x\0'));
  await using spamd = await testService((socket, _, ended) => {
    if (ended) socket.end('SPAMD/1.5 0 PONG\r\n');
  });
  await using rspamd = await testService((socket, heard) => {
    if (heard.startsWith('GET /ping ')) socket.end('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npong\r\n');
  });
  await using milter = await testMilter();
  assert.deepEqual(
    await told({
      clamav: { address: at(clamd) },
      spamassassin: { address: at(spamd) },
      rspamd: { address: at(rspamd) },
      milters: [{ name: 'one', address: at(milter) }],
    }),
    [
      'good engineAnswers ClamAV ClamAV 1.4.6/27000/x',
      'good engineAnswers SpamAssassin PONG',
      'good engineAnswers rspamd pong',
      'good engineAnswers milter one version 6',
    ],
  );
});

test('engines that are away or are something else are told with why', async () => {
  await using other = await testService((socket) => socket.end('220 mail.test ESMTP\r\n'));
  const found = await told({
    clamav: { address: '/nowhere/at/all' },
    spamassassin: { address: at(other) },
    rspamd: { address: at(other) },
    milters: [{ name: 'one', address: at(other) }],
  });
  assert.deepEqual(
    found.map((line) => line.split(' ').slice(0, 2).join(' ')),
    ['bad engineSilent', 'bad engineSilent', 'bad engineSilent', 'bad engineSilent'],
  );
  assert.match(found[0]!, /ENOENT/);
});

test('engines that nobody has set up are not asked', async () => {
  assert.deepEqual(await told({}), []);
});
