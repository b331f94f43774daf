import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { formatDate, parseDate } from './date.ts';

test('dates of RFC 5322, obsolete ones and those of careless mailers are read', () => {
  const atMs = Date.UTC(2003, 6, 1, 8, 52, 37);
  for (const text of [
    'Tue, 1 Jul 2003 10:52:37 +0200',
    '1 Jul 2003 10:52:37 +0200 (CEST)',
    'Tue,1 Jul 03 08:52:37 GMT',
    'Tuesday, 01-Jul-03 08:52:37 UT',
    '1 (comment) Jul 2003 03:52:37 CDT',
    'Tue Jul  1 08:52:37 2003',
    'Jul 1, 2003 8:52:37 AM',
    '2003-07-01T10:52:37+02:00',
    '1 July 2003 08:52:37 Z',
  ]) {
    assert.equal(parseDate(text)?.atMs, atMs, text);
  }
  assert.equal(parseDate('1 Jul 2003')?.atMs, Date.UTC(2003, 6, 1));
});

test('the zone is kept, and a nonsense date is none', () => {
  assert.equal(parseDate('Tue, 1 Jul 2003 10:52:37 +0900')?.zoneMinutes, 540);
  for (const bad of [
    '',
    'yesterday',
    '31 Feb 2003 10:00:00 +0000',
    '1 Jul 2003 25:00:00 +0000',
    '1 2',
    'x'.repeat(10_000),
  ]) {
    assert.equal(parseDate(bad), undefined, bad);
  }
});

test('a date written is read back the same', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -631152000, max: 32503680000 }),
      fc.integer({ min: -720, max: 840 }),
      (seconds, zoneMinutes) => {
        const date = parseDate(formatDate(seconds * 1000, zoneMinutes));
        assert.deepEqual(date, { atMs: seconds * 1000, zoneMinutes });
      },
    ),
  );
  fc.assert(fc.property(fc.string(), (any) => void parseDate(any)));
});
