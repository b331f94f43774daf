import assert from 'node:assert/strict';
import { test } from 'node:test';
import { looksLike } from './look-alike.ts';

const own = ['me@example.co.jp'];

test('a domain that is made to be taken for one’s own is told, others are not', () => {
  for (const domain of [
    'examp1e.co.jp',
    'exarnple.co.jp',
    'ехample.co.jp',
    'exmaple.co.jp',
    'exampl.co.jp',
    'ex-ample.co.jp',
  ])
    assert.equal(looksLike(domain, own), 'example.co.jp', domain);
  for (const domain of [
    'example.co.jp',
    'mail.example.co.jp',
    'sample-shop.co.jp',
    'example.com',
    'there.test',
    '',
  ])
    assert.equal(looksLike(domain, own), undefined, domain);
  assert.equal(looksLike('b.test', ['x@a.test']), undefined);
});
