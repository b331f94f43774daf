import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createZone } from '../net/zone.ts';
import { dnsRecords, reverseName, unknownAddress, zoneLine, type MailDomain } from './dns-records.ts';

const example: MailDomain = {
  domain: 'example.jp',
  hostname: 'mail.example.jp',
  addresses: ['203.0.113.5', '2001:db8::25'],
  listeners: [
    { kind: 'mx', host: '::', port: 25 },
    { kind: 'submissions', host: '::', port: 465 },
    { kind: 'imaps', host: '::', port: 993 },
    { kind: 'imap', host: '127.0.0.1', port: 143 },
  ],
  dkim: [{ selector: 's1', record: `v=DKIM1; p=${'A'.repeat(392)}` }],
};

test('the records of a domain are found in a zone by those who look for them', () => {
  const zone = createZone({ records: dnsRecords(example) });
  const answer = (name: string, type: 'MX' | 'A' | 'AAAA' | 'TXT' | 'SRV') => {
    const found = zone.find(name, type);
    return found?.is === 'records' ? found.records : found?.is;
  };
  assert.deepEqual(answer('example.jp', 'MX'), [{ preference: 10, exchange: 'mail.example.jp' }]);
  assert.deepEqual(answer('mail.example.jp', 'A'), ['203.0.113.5']);
  assert.deepEqual(answer('mail.example.jp', 'AAAA'), ['2001:db8::25']);
  assert.deepEqual(answer('example.jp', 'TXT'), ['v=spf1 mx ~all']);
  assert.deepEqual(answer('mail.example.jp', 'TXT'), ['v=spf1 a -all']);
  assert.deepEqual(answer('_dmarc.example.jp', 'TXT'), [
    'v=DMARC1; p=none; rua=mailto:postmaster@example.jp',
  ]);
  assert.deepEqual(answer('s1._domainkey.example.jp', 'TXT'), [`v=DKIM1; p=${'A'.repeat(392)}`]);
  const mailers = (service: string) => answer(`${service}._tcp.example.jp`, 'SRV');
  assert.deepEqual(mailers('_submissions'), [
    { priority: 0, weight: 1, port: 465, target: 'mail.example.jp' },
  ]);
  const offered = ['_submission', '_imap', '_pop3', '_pop3s', '_sieve'].map(mailers);
  for (const records of offered)
    assert.deepEqual(records, [{ priority: 0, weight: 0, port: 0, target: '.' }], 'not offered, and said so');
});

test('zone lines end their names, split long texts, and leave out what is not known', () => {
  const lines = dnsRecords({ ...example, addresses: [] }).map(zoneLine);
  assert.equal(lines[0], `; mail.example.jp.\t3600\tIN\tA\t${unknownAddress}`);
  assert.equal(lines[1], 'example.jp.\t3600\tIN\tMX\t10 mail.example.jp.');
  const dkim = lines.find((line) => line.startsWith('s1._domainkey'))!;
  const strings = [...dkim.matchAll(/"([^"]*)"/g)].map(([, text]) => text!);
  assert.deepEqual(
    strings.map(({ length }) => length),
    [255, `v=DKIM1; p=${'A'.repeat(392)}`.length - 255],
  );
});

test('a host that is its own domain has one SPF record', () => {
  const records = dnsRecords({ ...example, hostname: 'example.jp' });
  assert.equal(records.filter(({ type, data }) => type === 'TXT' && data.startsWith('v=spf1')).length, 1);
});

test('an address is looked up backwards by its parts', () => {
  assert.equal(reverseName('203.0.113.5'), '5.113.0.203.in-addr.arpa');
  assert.equal(
    reverseName('2001:DB8::25'),
    '5.2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa',
  );
  assert.equal(reverseName('::1'), `1.${'0.'.repeat(31)}ip6.arpa`);
});
