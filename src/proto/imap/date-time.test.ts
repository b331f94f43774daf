import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatDateTime, parseDate, parseDateTime } from './date-time.ts';

test('a date-time is read with its zone, with a day of one digit too', () => {
  assert.equal(parseDateTime('17-Jul-1996 02:44:25 -0700'), Date.parse('1996-07-17T02:44:25-07:00'));
  assert.equal(parseDateTime(' 1-jan-2026 00:00:00 +0900'), Date.parse('2026-01-01T00:00:00+09:00'));
  assert.equal(parseDateTime('1-Jan-2026 00:00:00 +0900'), Date.parse('2026-01-01T00:00:00+09:00'));
});

test('dates that do not exist are refused', () => {
  for (const text of [
    '30-Feb-2026 00:00:00 +0000',
    '1-Foo-2026 00:00:00 +0000',
    '1-Jan-2026 24:00:00 +0000',
    '1-Jan-26 00:00:00 +0000',
    '',
  ]) {
    assert.equal(parseDateTime(text), undefined, text);
  }
  for (const text of ['0-Jan-2026', '31-Apr-2026', '1-Jan', '1 Jan 2026'])
    assert.equal(parseDate(text), undefined, text);
});

test('a day is the number of days since 1970', () => {
  assert.equal(parseDate('1-Jan-1970'), 0);
  assert.equal(parseDate('01-Mar-2024'), Date.UTC(2024, 2, 1) / 86_400_000);
});

test('INTERNALDATE has a day of two places and comes back as it was', () => {
  const atMs = Date.parse('2026-03-05T01:02:03Z');
  assert.equal(formatDateTime(atMs), '" 5-Mar-2026 01:02:03 +0000"');
  assert.equal(parseDateTime(formatDateTime(atMs).slice(1, -1)), atMs);
  assert.equal(formatDateTime(8.64e15), '"31-Dec-9999 23:59:59 +0000"');
});
