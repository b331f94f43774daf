import assert from 'node:assert/strict';
import { BlockList, isIP } from 'node:net';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  addressKind,
  anyBlockContains,
  blockContains,
  formatBlock,
  isLoopback,
  normalAddress,
  parseAddress,
  parseBlock,
  parseBlocks,
  reverseName,
  subnetKey,
} from './address-block.ts';

test('an address is in a block when its first bits are, and an IPv4-mapped address is the IPv4 address', () => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ['10.0.0.0/8', '10.255.255.255', true],
    ['10.0.0.0/8', '11.0.0.0', false],
    ['10.1.2.3/8', '10.9.9.9', true],
    ['10.0.0.0/8', '::ffff:10.1.2.3', true],
    ['::ffff:10.0.0.0/104', '10.1.2.3', true],
    ['0.0.0.0/0', '255.1.1.1', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '127.0.0.1', false],
    ['2001:db8::/33', '2001:db8:7fff::1', true],
    ['2001:db8::/33', '2001:db8:8000::1', false],
    ['192.0.2.7', '192.0.2.7', true],
    ['192.0.2.7', '192.0.2.8', false],
    ['fe80::/10', 'fe80::1%eth0', true],
    ['10.0.0.0/8', 'mx.example.jp', false],
  ];
  for (const [block, ip, expected] of cases) {
    assert.equal(blockContains(parseBlock(block)!, ip), expected, `${ip} in ${block}`);
  }
});

test('what is no network is refused', () => {
  for (const bad of [
    '',
    '10.0.0.0/33',
    '10.0.0/8',
    '::/129',
    '10.0.0.0/',
    '10.0.0.0/8/8',
    '1.2.3.4/-1',
    'a/8',
    '010.0.0.1',
  ]) {
    assert.equal(parseBlock(bad), undefined, bad);
  }
  assert.throws(() => parseBlocks(['10.0.0.0/8', 'x']), /not an IP address or network: x/);
});

test('addresses are classified, also those that carry an IPv4 address inside', () => {
  const kinds: Readonly<Record<string, string>> = {
    '127.9.9.9': 'loopback',
    '::1': 'loopback',
    '::ffff:127.0.0.1': 'loopback',
    '0.0.0.0': 'unspecified',
    '::': 'unspecified',
    '169.254.169.254': 'linkLocal',
    'fe80::1': 'linkLocal',
    '192.168.1.1': 'private',
    '172.31.0.1': 'private',
    '172.32.0.1': 'global',
    '100.64.0.1': 'private',
    'fd00::1': 'private',
    '224.0.0.1': 'multicast',
    'ff02::1': 'multicast',
    '255.255.255.255': 'reserved',
    '192.0.2.1': 'reserved',
    '8.8.8.8': 'global',
    '2001:4860:4860::8888': 'global',
    '64:ff9b::7f00:1': 'loopback',
    '2002:a9fe:a9fe::1': 'linkLocal',
  };
  for (const [ip, kind] of Object.entries(kinds)) assert.equal(addressKind(ip), kind, ip);
  assert.equal(addressKind('localhost'), undefined);
  assert(isLoopback('127.0.0.1') && !isLoopback('128.0.0.1'));
});

test('a limit counts an IPv4 address, or the /64 of an IPv6 address', () => {
  assert.equal(subnetKey('192.0.2.1'), '192.0.2.1');
  assert.equal(subnetKey('::ffff:192.0.2.1'), '192.0.2.1');
  assert.equal(subnetKey('2001:db8:1:2:3:4:5:6'), '2001:db8:1:2::/64');
  assert.equal(subnetKey('2001:db8:1:2::9'), subnetKey('2001:DB8:1:2:ffff::1'));
});

test('reverse names are built from octets and nibbles', () => {
  assert.equal(reverseName('192.0.2.1'), '1.2.0.192.in-addr.arpa');
  assert.equal(reverseName('2001:db8::1'), `1.${'0.'.repeat(23)}8.b.d.0.1.0.0.2.ip6.arpa`);
  assert.equal(reverseName('nonsense'), undefined);
});

test('IPv6 is written as RFC 5952 wants', () => {
  const forms: Readonly<Record<string, string>> = {
    '2001:0DB8:0:0:0:0:0:1': '2001:db8::1',
    '2001:db8:0:1:1:1:1:1': '2001:db8:0:1:1:1:1:1',
    '2001:0:0:1:0:0:0:1': '2001:0:0:1::1',
    '2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
    '1:2:3:4:5:6:0:0': '1:2:3:4:5:6::',
    '::ffff:192.0.2.1': '192.0.2.1',
    '64:ff9b::192.0.2.1': '64:ff9b::c000:201',
  };
  for (const [given, expected] of Object.entries(forms)) assert.equal(normalAddress(given), expected);
});

const v6 = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 });
const v4 = fc.array(fc.integer({ min: 0, max: 255 }), { minLength: 4, maxLength: 4 });

test('every address round-trips through its block, and matching agrees with the one of Node.js', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        v4.map((o) => o.join('.')),
        v6.map((g) => g.map((n) => n.toString(16)).join(':')),
      ),
      (ip) => {
        const block = parseAddress(ip)!;
        const written = formatBlock(block);
        assert(isIP(written) !== 0);
        assert.deepEqual(parseAddress(written), block);
        assert.equal(normalAddress(ip), written);
      },
    ),
  );
  fc.assert(
    fc.property(
      v6,
      v6,
      fc.integer({ min: 0, max: 128 }),
      fc.integer({ min: 0, max: 8 }),
      (a, b, prefix, shared) => {
        const net = a.map((n) => n.toString(16)).join(':');
        const ip = [...a.slice(0, shared), ...b.slice(shared)].map((n) => n.toString(16)).join(':');
        if (normalAddress(net).includes('.') || normalAddress(ip).includes('.')) return;
        const list = new BlockList();
        list.addSubnet(net, prefix, 'ipv6');
        assert.equal(anyBlockContains([parseBlock(`${net}/${prefix}`)!], ip), list.check(ip, 'ipv6'));
      },
    ),
  );
});

test('no text makes it throw', () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      parseBlock(text);
      addressKind(text);
      subnetKey(text);
      normalAddress(text);
    }),
  );
});
