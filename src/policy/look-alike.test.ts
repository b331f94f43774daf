import assert from 'node:assert/strict';
import { test } from 'node:test';
import { likenessTo, mixesScripts } from './look-alike.ts';

const own = ['example.co.jp', 'paypal.com', '日本郵便.jp'];
const like = (name: string): string | undefined => likenessTo(name, own)?.is;

test('letters that look the same are seen through, whatever script they are of', () => {
  // Cyrillic but for the last letter; then the same as a mailer sends it.
  assert.equal(like('раураl.com'), 'likeness');
  assert.equal(like('xn--l-7sba6dbr.com'), 'likeness');
  assert.equal(like('paypa1.net'), 'likeness');
  assert.equal(like('exarnple.co.jp'), 'likeness');
  assert.equal(like('exam-ple.co.jp'), 'likeness');
});

test('one letter apart is a typo, and a word beside the name is a cousin', () => {
  for (const name of ['paypall.com', 'papal.com', 'pyapal.com', 'paypel.com', 'login.examplle.co.jp'])
    assert.equal(like(name), 'typo', name);
  assert.equal(like('secure-paypal.com'), 'cousin');
  assert.equal(like('example-support.jp'), 'cousin');
});

test('the domain itself, what lies below it, and what is only like it a little is left alone', () => {
  for (const name of [
    'example.co.jp',
    'mail.example.co.jp',
    'EXAMPLE.co.jp',
    'example.org',
    'simple.com',
    'co.jp',
    'jp',
    '',
    '192.0.2.1',
  ])
    assert.equal(like(name), undefined, name);
});

test('scripts that nobody writes together are noticed, and Japanese is not taken for such', () => {
  assert(mixesScripts('pаypal.com'));
  assert(mixesScripts('www.xn--pypal-4ve.com'));
  for (const name of ['example.com', '日本語example.jp', 'カタカナひらがな漢字.jp', 'пример.рф', '한국어.kr'])
    assert(!mixesScripts(name), name);
});
