import assert from 'node:assert/strict';
import { test } from 'node:test';
import { domainRecords, unknownAddress, type DomainRecord, type MailDomain } from './domain-records.ts';
import { txtStrings, zoneLines } from './zone-text.ts';

const here: MailDomain = {
  domain: 'here.test',
  hostname: 'mx.here.test',
  addresses: ['192.0.2.1', '2001:db8::1'],
  services: [
    { kind: 'submissions', port: 465 },
    { kind: 'imaps', port: 993 },
  ],
  https: true,
  dkim: [{ selector: 's1', record: 'v=DKIM1; k=ed25519; p=abc' }],
  mtaStsId: 'abc123',
  tlsa: ['3 1 1 00ff'],
  dmarcReportsTo: 'dmarc-reports@here.test',
  tlsReportsTo: 'tls-reports@here.test',
  bimiLogo: '',
};

const lines = (of: MailDomain): string[] =>
  domainRecords(of).map(({ name, type, data }) => `${name} ${type} ${data}`);
const data = (of: MailDomain, purpose: DomainRecord['purpose']): string[] =>
  domainRecords(of)
    .filter((record) => record.purpose === purpose)
    .map((record) => record.data);

test('every record of a domain', () => {
  assert.deepEqual(lines(here), [
    'mx.here.test A 192.0.2.1',
    'mx.here.test AAAA 2001:db8::1',
    '1.2.0.192.in-addr.arpa PTR mx.here.test.',
    '1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR mx.here.test.',
    'here.test MX 10 mx.here.test.',
    'here.test TXT v=spf1 mx ~all',
    'mx.here.test TXT v=spf1 a -all',
    's1._domainkey.here.test TXT v=DKIM1; k=ed25519; p=abc',
    '_dmarc.here.test TXT v=DMARC1; p=none; rua=mailto:dmarc-reports@here.test',
    '_mta-sts.here.test TXT v=STSv1; id=abc123',
    'mta-sts.here.test CNAME mx.here.test.',
    '_smtp._tls.here.test TXT v=TLSRPTv1; rua=mailto:tls-reports@here.test',
    '_25._tcp.mx.here.test TLSA 3 1 1 00ff',
    '_submissions._tcp.here.test SRV 0 1 465 mx.here.test.',
    '_submission._tcp.here.test SRV 0 0 0 .',
    '_imaps._tcp.here.test SRV 0 1 993 mx.here.test.',
    '_imap._tcp.here.test SRV 0 0 0 .',
    '_pop3s._tcp.here.test SRV 0 0 0 .',
    '_pop3._tcp.here.test SRV 0 0 0 .',
    '_sieve._tcp.here.test SRV 0 0 0 .',
    'autoconfig.here.test CNAME mx.here.test.',
    'autodiscover.here.test CNAME mx.here.test.',
    '_autodiscover._tcp.here.test SRV 0 0 443 mx.here.test.',
  ]);
});

test('what is not offered is not recommended: no policy without HTTPS, no address that is not known', () => {
  const bare: MailDomain = {
    ...here,
    https: false,
    addresses: [],
    tlsa: [],
    bimiLogo: 'https://here.test/logo.svg',
  };
  assert.deepEqual(data(bare, 'mtaSts'), []);
  assert.deepEqual(data(bare, 'autoconfig'), []);
  assert.deepEqual(data(bare, 'reverse'), []);
  assert.deepEqual(data(bare, 'address'), [unknownAddress]);
  assert.deepEqual(data(bare, 'bimi'), ['v=BIMI1; l=https://here.test/logo.svg; a=']);
  assert.deepEqual(data({ ...here, domain: 'mx.here.test' }, 'heloSpf'), []);
});

test('lines of a zone file: long texts in strings, quotes escaped', () => {
  const text = (value: string): string =>
    zoneLines('a.test', [
      { name: 'a.test', type: 'TXT', data: value, purpose: 'dkim', need: 'required' },
    ]).join();
  assert.equal(text('a "b" \\'), 'a.test.\t3600\tIN\tTXT\t"a \\"b\\" \\\\"');
  assert.equal(txtStrings('x'.repeat(300)), `"${'x'.repeat(255)}" "${'x'.repeat(45)}"`);
  assert.equal(txtStrings('é'), '"\\195\\169"');
  assert.equal(txtStrings(''), '""');
});

test('what belongs into another zone is a comment behind the rest', () => {
  const comments = (of: MailDomain): string[] =>
    zoneLines(of.domain, domainRecords(of)).filter((line) => line.startsWith(';'));
  const [v4, v6, ...more] = comments(here);
  assert.equal(v4, '; 1.2.0.192.in-addr.arpa.\t3600\tIN\tPTR\tmx.here.test.');
  assert.match(v6!, /^; 1\.0\.[0.]+8\.b\.d\.0\.1\.0\.0\.2\.ip6\.arpa\./);
  assert.deepEqual(more, []);
  assert.deepEqual(
    comments({ ...here, hostname: 'mx.notthere.test', domain: 'there.test' }).map(
      (line) => line.split('\t')[0],
    ),
    [
      '; mx.notthere.test.',
      '; mx.notthere.test.',
      v4.split('\t')[0],
      v6!.split('\t')[0],
      '; mx.notthere.test.',
      '; _25._tcp.mx.notthere.test.',
    ],
  );
});
