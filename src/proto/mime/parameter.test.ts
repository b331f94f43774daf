import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parameter, parseParameterized } from './parameter.ts';
import { formatParameterized } from './parameter-formatter.ts';

const name = (text: string): string | undefined => parameter(parseParameterized(text).params, 'name');

test('quoted, bare, commented and badly written values are read', () => {
  assert.deepEqual(parseParameterized('Text / Plain (x); Charset = "us-ascii" (c); format=flowed'), {
    value: 'text/plain',
    params: [
      ['charset', 'us-ascii'],
      ['format', 'flowed'],
    ],
  });
  assert.equal(name('a/b; name="a\\"b; c=d"'), 'a"b; c=d');
  assert.equal(name('a/b; name=a file.txt; x=y'), 'a file.txt');
  assert.equal(name('a/b name=x'), 'x');
  assert.equal(name('a/b; x=y name=z'), 'z');
  assert.equal(name('a/b; name="open'), 'open');
  assert.equal(name('a/b;;; name=x;'), 'x');
  assert.equal(name('; name=x'), 'x');
});

test('RFC 2231 pieces are joined in their order, over characters and escapes, and win over the plain form', () => {
  assert.equal(name("a/b; name*=utf-8'ja'%E4%BB%B6"), '件');
  assert.equal(name("a/b; name=plain; name*=utf-8''%E4%BB%B6"), '件');
  assert.equal(name("a/b; name*1*=%BB%B6; name*0*=utf-8''%E4"), '件');
  assert.equal(name("a/b; name*0*=utf-8''%E4%B; name*1*=B%B6"), '件');
  assert.equal(name('a/b; name*0=a; name*1=b; name*2=c'), 'abc');
  assert.equal(name("a/b; name*0*=''a%20; name*1=b%20c"), 'a b%20c');
});

test('encoded words in parameters are decoded, also when pieces split them', () => {
  assert.equal(name('a/b; name="=?iso-2022-jp?B?GyRCN29MPhsoQg==?="'), '件名');
  assert.equal(name('a/b; name==?utf-8?B?5Lu2?='), '件');
  assert.equal(name('a/b; name*0="=?utf-8?B?5L"; name*1="u2?="'), '件');
});

test('a name written for both kinds of reader is read back from either', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 80 })
    .map((raw) => raw.replace(/[\p{Cc}\p{Cs}]/gu, '_'));
  fc.assert(
    fc.property(text, (any) => {
      const wire = formatParameterized('attachment', [['name', any]]);
      assert.equal(name(wire.replaceAll('\r\n', '')), any);
      assert.match(formatParameterized('a/b', [['name', any]], { style: 'rfc2047' }), /^[\x20-\x7e\r\n]*$/);
    }),
  );
});

test('any text is read, in linear time', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => void name(any)));
  const start = process.cpuUsage().user;
  for (const evil of [';a=b', '(', '"', '=', 'a ', 'a=b ', "name*0*=''", ' (', '\\"', ';name*1=x'])
    name(`a/b${evil.repeat(100_000)}`);
  assert(process.cpuUsage().user - start < 3_000_000);
});
