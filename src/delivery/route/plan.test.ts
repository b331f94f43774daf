import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ZoneRecord } from '../../net/zone.ts';
import type { DeliveryOptions } from '../options.ts';
import { testOptions, testResolver } from '../testing.ts';
import { placesOf } from './places.ts';
import { hopOf, routeFor } from './hop.ts';
import { planFor, type Plan, type PlanParts } from './plan.ts';

const zone: ZoneRecord[] = [
  { name: 'two.test', type: 'MX', data: '20 b.mx.test' },
  { name: 'two.test', type: 'MX', data: '10 a.mx.test' },
  { name: 'same.test', type: 'MX', data: '5 a.mx.test' },
  { name: 'same.test', type: 'MX', data: '5 b.mx.test' },
  { name: 'null.test', type: 'MX', data: '0 .' },
  { name: 'address.test', type: 'A', data: '192.0.2.9' },
  { name: 'nothing.test', type: 'TXT', data: 'x' },
  { name: 'self.test', type: 'MX', data: '10 here.test' },
  { name: 'self.test', type: 'MX', data: '20 a.mx.test' },
  { name: 'backup.test', type: 'MX', data: '10 a.mx.test' },
  { name: 'backup.test', type: 'MX', data: '20 here.test' },
  { name: 'backup.test', type: 'MX', data: '30 b.mx.test' },
  { name: 'alias.test', type: 'CNAME', data: 'two.test' },
  { name: 'inside.test', type: 'MX', data: '10 inside.mx.test' },
  { name: 'a.mx.test', type: 'A', data: '198.51.100.1' },
  { name: 'a.mx.test', type: 'AAAA', data: '2001:db8::1' },
  { name: 'b.mx.test', type: 'A', data: '198.51.100.2' },
  { name: 'inside.mx.test', type: 'A', data: '127.0.0.1' },
  { name: 'here.test', type: 'A', data: '198.51.100.99' },
  { name: 'disguised.test', type: 'MX', data: '10 a.mx.test' },
  { name: 'disguised.test', type: 'MX', data: '20 b.mx.test' },
  { name: 'disguised.test', type: 'MX', data: '20 other-name.test' },
  { name: 'disguised.test', type: 'MX', data: '30 b.mx.test' },
  { name: 'other-name.test', type: 'A', data: '198.51.100.99' },
];

const parts = (options: Partial<DeliveryOptions> = {}): PlanParts => ({
  resolver: testResolver(zone),
  options: testOptions({ smtpPort: 25, dane: false, ...options }),
  nowMs: () => 0,
});

function short(plan: Plan): string {
  if (plan.is === 'none') return `${plan.why ?? 'later'}: ${plan.answer.reply}`;
  return `${plan.site} = ${plan.targets.map((t) => `${t.preference} ${t.host}:${t.port}`).join(', ')}`;
}

const plan = async (domain: string, options?: Partial<DeliveryOptions>): Promise<string> =>
  short(await planFor(parts(options), domain));

test('MX hosts by preference; the site is their sorted names, whatever their order', async () => {
  assert.equal(await plan('two.test'), 'a.mx.test b.mx.test = 10 a.mx.test:25, 20 b.mx.test:25');
  assert.equal(await plan('same.test'), 'a.mx.test b.mx.test = 5 a.mx.test:25, 5 b.mx.test:25');
  assert.equal(await plan('alias.test'), 'a.mx.test b.mx.test = 10 a.mx.test:25, 20 b.mx.test:25');
});

test('without MX the address of the domain itself; without either, and for null MX, never', async () => {
  assert.equal(await plan('address.test'), 'address.test = 0 address.test:25');
  assert.match(await plan('nothing.test'), /^unroutable: 550 5\.1\.2/);
  assert.match(await plan('nosuch.test'), /^unroutable: 550 5\.1\.2/);
  assert.match(await plan('null.test'), /^unroutable: 556 5\.1\.10/);
});

test('a domain whose DNS does not answer waits', async () => {
  assert.match(await plan('elsewhere.example'), /^later: 451 4\.4\.3/);
});

test('we ourselves among the MX: only better hosts are used; when there are none, it is a loop', async () => {
  assert.equal(await plan('backup.test'), 'a.mx.test = 10 a.mx.test:25');
  assert.match(await plan('self.test'), /^loop: 554 5\.4\.6/);
});

test('an address literal is a host of its own', async () => {
  assert.equal(await plan('[192.0.2.1]'), '[192.0.2.1] = 0 192.0.2.1:25');
  assert.equal(await plan('[ipv6:2001:db8::5]'), '[2001:db8::5] = 0 2001:db8::5:25');
});

test('routes: the longest match wins, hosts keep their order, and MX lookup of a route host is possible', async () => {
  const routes = [
    { domains: ['*'], hosts: [{ host: 'out.test', port: 587 }], tls: 'verify' as const },
    { domains: ['.corp.test'], hosts: [{ host: 'b.mx.test' }, { host: 'a.mx.test' }] },
    { domains: ['lmtp.corp.test'], hosts: [{ host: '127.0.0.1' }], protocol: 'lmtp' as const },
    { domains: ['viamx.test'], hosts: [{ host: 'two.test', mx: true }] },
  ];
  assert.equal(routeFor(routes, { destination: 'corp.test', sender: '', when: 'always' }), routes[0]);
  assert.equal(
    await plan('a.b.corp.test', { routes }),
    'route b.mx.test:25 a.mx.test:25 = 0 b.mx.test:25, 1 a.mx.test:25',
  );
  assert.equal(await plan('lmtp.corp.test', { routes }), 'lmtp 127.0.0.1:24 = 0 127.0.0.1:24');
  assert.equal(await plan('anything.example', { routes }), 'route out.test:587 (verify) = 0 out.test:587');
  assert.equal(
    await plan('viamx.test', { routes }),
    'route a.mx.test b.mx.test = 10 a.mx.test:25, 20 b.mx.test:25',
  );
});

async function places(domain: string, options: Partial<DeliveryOptions>): Promise<string[] | string> {
  const given = parts({ allowPrivateAddresses: true, ...options });
  const found = await planFor(given, domain);
  assert.ok(found.is === 'hosts');
  const { places, problem } = await placesOf(given, found, 'normal');
  return places.length === 0 ? problem : places.map((p) => p.ip);
}

test('addresses: by preference, families in turn; what is not on the Internet, and ourselves, are not connected to', async () => {
  assert.deepEqual(await places('two.test', {}), ['2001:db8::1', '198.51.100.1', '198.51.100.2']);
  assert.deepEqual(await places('inside.test', {}), ['127.0.0.1']);
  assert.match(
    String(await places('inside.test', { allowPrivateAddresses: false })),
    /^451 4\.4\.4 .*127\.0\.0\.1/,
  );
  assert.match(String(await places('inside.test', { ownAddresses: ['127.0.0.1'] })), /^554 5\.4\.6/);
});

test('without IPv6 only the IPv4 addresses of a host are asked for and tried', async () => {
  const options = parts({ allowPrivateAddresses: true, ipv6: false });
  const plan = await planFor(options, 'two.test');
  assert(plan.is === 'hosts');
  const { places, steps } = await placesOf(options, plan, 'normal');
  assert.deepEqual(
    places.map((place) => place.ip),
    ['198.51.100.1', '198.51.100.2'],
  );
  assert(!steps.some((step) => step.type === 'AAAA'));
});

test('our own address under another name among the MX: it, its equals and the worse ones are left out', async () => {
  const options = { ownAddresses: ['198.51.100.99'] };
  assert.deepEqual(await places('disguised.test', options), ['2001:db8::1', '198.51.100.1']);
  assert.match(
    String(await places('disguised.test', { ownAddresses: ['198.51.100.1'] })),
    /^554 5\.4\.6 a\.mx\.test is this server/,
  );
});

test('with an address of our own to send from, only its family is used', async () => {
  assert.deepEqual(await places('two.test', { localAddresses: ['192.0.2.1'] }), [
    '198.51.100.1',
    '198.51.100.2',
  ]);
  const both = { localAddresses: ['192.0.2.1', '2001:db8::99'] };
  assert.deepEqual(await places('two.test', both), ['2001:db8::1', '198.51.100.1', '198.51.100.2']);
  assert.match(
    String(await places('inside.test', { localAddresses: ['2001:db8::99'] })),
    /^451 4\.4\.4 .* we send from/,
  );
});

test('a route for senders comes before one for everybody, and two senders take two ways', async () => {
  const routes = [
    { domains: ['two.test'], hosts: [{ host: 'all.test' }] },
    { domains: ['*'], senders: ['.corp.test'], hosts: [{ host: 'corp.test' }] },
    { domains: ['two.test'], senders: ['shop.test', '例え.test'], hosts: [{ host: 'shop.test' }] },
  ];
  const ascii = routes.map((r) =>
    r.senders ? { ...r, senders: r.senders.map((d) => d.replace('例え', 'xn--r8jz45g')) } : r,
  );
  const way = async (domain: string, sender: string) => {
    const hop = hopOf(ascii, domain, sender);
    return `${hop} ${(await plan(hop, { routes: ascii })).split(' = ')[0]}`;
  };
  assert.equal(await way('two.test', 'a@here.test'), 'two.test route all.test:25');
  assert.equal(await way('two.test', ''), 'two.test route all.test:25');
  assert.equal(await way('two.test', 'a@SHOP.test'), 'two.test from shop.test route shop.test:25');
  assert.equal(await way('two.test', 'a@例え.test'), 'two.test from xn--r8jz45g.test route shop.test:25');
  assert.equal(await way('same.test', 'a@x.corp.test'), 'same.test from x.corp.test route corp.test:25');
  assert.equal(await way('same.test', 'a@shop.test'), 'same.test a.mx.test b.mx.test');
  assert.equal(hopOf(routes.slice(0, 1), 'two.test', 'a@shop.test'), 'two.test');
});

test('a route for when nobody can be reached goes along with the MX of each domain', async () => {
  const routes = [
    { domains: ['*'], when: 'unreachable' as const, hosts: [{ host: 'relay.test', port: 587 }] },
    { domains: ['corp.test'], hosts: [{ host: 'corp.test' }] },
  ];
  assert.equal(
    await plan('two.test', { routes }),
    'a.mx.test b.mx.test else route relay.test:587 = 10 a.mx.test:25, 20 b.mx.test:25',
  );
  assert.equal(await plan('corp.test', { routes }), 'route corp.test:25 = 0 corp.test:25');
  assert.match(await plan('null.test', { routes }), /^unroutable: 556/);
});

test('hosts with weights share the load by them, and stand in for one another', async () => {
  const hosts = [{ host: '192.0.2.1', weight: 8 }, { host: '192.0.2.2', weight: 2 }, { host: '192.0.2.3' }];
  const options = parts({ routes: [{ domains: ['*'], hosts }] });
  const shared = await planFor(options, 'x.test');
  assert.ok(shared.is === 'hosts');
  const first = new Map<string, number>();
  for (let i = 0; i < 2000; i++) {
    const { places: found } = await placesOf(options, shared, 'normal');
    assert.equal(found.length, 3);
    first.set(found[0]!.ip, (first.get(found[0]!.ip) ?? 0) + 1);
  }
  const part = (ip: string): number => (first.get(ip) ?? 0) / 2000;
  assert.ok(Math.abs(part('192.0.2.1') - 8 / 11) < 0.06, `${part('192.0.2.1')}`);
  assert.ok(Math.abs(part('192.0.2.2') - 2 / 11) < 0.06, `${part('192.0.2.2')}`);
});
