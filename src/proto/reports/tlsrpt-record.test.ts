import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readTlsReportRecords } from './tlsrpt-record.ts';

test('the record of a domain says where its TLS reports go', () => {
  const targets = (...texts: string[]): unknown =>
    readTlsReportRecords(texts)?.map((one) => ('url' in one ? one.url : one.address));
  assert.deepEqual(targets('v=TLSRPTv1; rua=mailto:a@b.test'), ['a@b.test']);
  assert.deepEqual(
    targets('other', 'v=TLSRPTv1;rua = mailto:a%21@b.test?x , https://r.test/v1?x=y ;ext=1;'),
    ['a!@b.test', 'https://r.test/v1?x=y'],
  );
  const none = [
    'mailto:a@b@c',
    'mailto:a b@c',
    'mailto:%zz@c',
    'http://r.test/',
    'https://u:p@r.test/',
    'https://',
    'ftp://r.test',
  ];
  assert.deepEqual(targets(`v=TLSRPTv1; rua=${none.join(',')}`), []);
  assert.deepEqual(targets('v=TLSRPTv1'), []);
  const many = Array.from({ length: 30 }, (_, i) => `mailto:${i}@b.test`).join();
  assert.equal(readTlsReportRecords([`v=TLSRPTv1; rua=${many}`])?.length, 5);
});

test('no record, another version, or two records ask for nothing', () => {
  for (const texts of [
    [],
    ['v=TLSRPTv2; rua=mailto:a@b.test'],
    ['v=TLSRPTv1; rua=mailto:a@b.test', 'v=TLSRPTv1; rua=mailto:c@d.test'],
  ])
    assert.equal(readTlsReportRecords(texts), undefined);
});
