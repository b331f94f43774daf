import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../config/read.ts';
import { partProblems } from './settings-problems.ts';

function problemsOf(raw: object): string[] {
  const read = readSettings({ hostname: 'mx.here.test', ...raw });
  assert.ok(read.is === 'settings', JSON.stringify(read));
  return partProblems(read.settings).map(({ path }) => path);
}

test('what would fail only when the server runs is told before, all of it at once', () => {
  const missing = { certificate: '/nowhere/chain.pem', key: '/nowhere/key.pem' };
  const found = problemsOf({
    listeners: [
      { kind: 'mx', proxyFrom: ['10.0.0.0/8', '999.1.1.1'] },
      { kind: 'relay', trustedNetworks: ['10.0.0.0/40'] },
    ],
    routes: [
      { domain: '*', hosts: ['a:b:c', 'x.test', 'x.test:99999'], localAddresses: ['here'] },
      {
        domain: '*.y.test',
        senders: ['例え.test', 'a..b'],
        hosts: ['2001:db8::1', '[2001:db8::1]:25', '192.0.2.1:25'],
      },
      { domain: 'z.test', hosts: ['mx:other.test'] },
    ],
    tlsRules: [{ domain: 'bad domain', level: 'may' }],
    delivery: { ownAddresses: ['192.0.2.1', 'nat'], authorities: '/nowhere/ca.pem' },
    dns: {
      servers: ['192.0.2.53', 'localhost', '[2001:db8::1]:53'],
      zone: [{ name: 'a.test', type: 'A', data: 'not an address' }],
    },
    tls: { certificates: [missing] },
    ip25b: { networks: ['192.0.2.1/24'], networkFiles: [] },
    clamav: { address: 'clamd' },
    rspamd: { address: 'unix:/run/rspamd.sock' },
  });
  assert.deepEqual(found, [
    'listeners.0.proxyFrom.1',
    'listeners.1.trustedNetworks.0',
    'delivery.ownAddresses.1',
    'routes.0.localAddresses.0',
    'dns.servers.1',
    'clamav.address',
    'routes.1.senders.1',
    'tlsRules.0.domain',
    'routes.0.hosts.0',
    'routes.0.hosts.2',
    'dns.zone.0',
    'tls.certificates.0',
    'tls.certificates.0',
    'delivery.authorities',
    'ip25b',
  ]);
});

test('settings that are right have no problems', () => {
  assert.deepEqual(problemsOf({}), []);
});
