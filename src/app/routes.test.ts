import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSettings } from '../config/read.ts';
import type { Settings } from '../config/schema.ts';
import { ownAddresses } from './own-addresses.ts';
import { deliveryOptions } from './part-options.ts';

function settings(more: object): Settings {
  const read = readSettings({ hostname: 'mx.here.test', ...more });
  assert.ok(read.is === 'settings', JSON.stringify(read));
  return read.settings;
}

test('routes of the settings: names as DNS has them, weights, MX, senders, and no password in the clear', () => {
  const routes = [
    { domain: '*.例え.test', hosts: ['a.test:587', '[2001:db8::1]:26'], weights: [3, 1] },
    { domain: 'via.test', hosts: ['mx:other.test'], senders: ['*.Shop.test'], when: 'unreachable' },
    { domain: '*', hosts: ['smart.test:587'], username: 'u', password: 'p', localAddresses: ['192.0.2.1'] },
  ];
  assert.deepEqual(deliveryOptions(settings({ routes }), []).routes, [
    {
      domains: ['.xn--r8jz45g.test'],
      hosts: [
        { host: 'a.test', port: 587, weight: 3 },
        { host: '2001:db8::1', port: 26, weight: 1 },
      ],
      protocol: 'smtp',
      when: 'always',
      tls: 'opportunistic',
    },
    {
      domains: ['via.test'],
      hosts: [{ host: 'other.test', mx: true }],
      protocol: 'smtp',
      when: 'unreachable',
      tls: 'opportunistic',
      senders: ['.shop.test'],
    },
    {
      domains: ['*'],
      hosts: [{ host: 'smart.test', port: 587 }],
      protocol: 'smtp',
      when: 'always',
      tls: 'verify',
      localAddresses: ['192.0.2.1'],
      auth: { username: 'u', password: 'p' },
    },
  ]);
});

test('routes that make no sense are told', () => {
  const problems = (route: object): string[] => {
    const read = readSettings({ hostname: 'x.test', routes: [{ domain: '*', ...route }] });
    return read.is === 'problems' ? read.problems.map(({ path, text }) => `${path} ${text}`) : [];
  };
  assert.deepEqual(problems({ hosts: ['a', 'b'], weights: [1] }), [
    'routes.0.weights must be as many as hosts',
  ]);
  assert.deepEqual(problems({ hosts: ['a', 'mx:b'] }), ['routes.0.hosts mx: stands alone']);
});

test('our own addresses: what listeners of MX are bound to, the machine’s where that is all of them, and those of the settings', () => {
  const own = (host: string, hostname = '') => {
    const read = settings({
      listeners: [
        { kind: 'mx', host, port: 25, hostname },
        { kind: 'imap', host: '192.0.2.77', port: 143 },
      ],
      delivery: { ownAddresses: ['203.0.113.9'] },
    });
    const interfaces = {
      lo: [{ address: '127.0.0.1', internal: true }],
      eth0: [
        { address: '192.0.2.5', internal: false },
        { address: 'fe80::1%eth0', internal: false },
      ],
    };
    return ownAddresses(read, read.listeners, interfaces as never);
  };
  assert.deepEqual(own('192.0.2.5'), ['203.0.113.9', '192.0.2.5']);
  assert.deepEqual(own('::'), ['203.0.113.9', '192.0.2.5', 'fe80::1']);
  assert.deepEqual(own('::', 'mx.other.test'), ['203.0.113.9'], 'it stands for another server');
});
