import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exitCodes } from './failure.ts';
import { readExpiry, readSize, sizeText, timeText } from './quantity.ts';

const usage = { exitCode: exitCodes.usage };

test('sizes are read as people write them, in powers of 1024', () => {
  const sizes: Record<string, number> = {
    '0': 0,
    none: 0,
    Unlimited: 0,
    '1500': 1500,
    '10b': 10,
    '500M': 500 * 2 ** 20,
    '5 GiB': 5 * 2 ** 30,
    '1.5gb': 1.5 * 2 ** 30,
    '2TiB': 2 * 2 ** 40,
  };
  for (const [text, bytes] of Object.entries(sizes)) assert.equal(readSize(text), bytes, text);
  for (const text of ['', '5Q', '-1', '1e3', 'M', '99999999T'])
    assert.throws(() => readSize(text), usage, text);
});

test('sizes are told with the unit that fits', () => {
  assert.deepEqual([0, 1023, 1024, 20 * 1024, 1.5 * 2 ** 30, 5 * 2 ** 40, 5000 * 2 ** 40].map(sizeText), [
    '0 B',
    '1023 B',
    '1.0 KiB',
    '20 KiB',
    '1.5 GiB',
    '5.0 TiB',
    '5000 TiB',
  ]);
});

test('an end is a span from now, the end of a day, or never', () => {
  const now = Date.parse('2026-11-24T08:00:00Z');
  assert.equal(readExpiry('never', now), 0);
  assert.equal(timeText(readExpiry('12h', now)), '2026-11-24 20:00');
  assert.equal(timeText(readExpiry('2w', now)), '2026-12-08 08:00');
  assert.equal(timeText(readExpiry('2026-11-24', now)), '2026-11-24 23:59');
  for (const text of ['2026-11-23', '2026-13-01', '5m', 'soon', ''])
    assert.throws(() => readExpiry(text, now), usage, text);
});
