import assert from 'node:assert/strict';
import { test } from 'node:test';
import { standingOf } from './authentication.ts';
import { safeSheet, safeStyle } from './sanitise.ts';

test('who stands behind a mail is what our own field says, and comments in it say nothing', () => {
  const of = (result: string, from = 'a@mail.example.jp') =>
    standingOf([`mx.here.test; ${result}`, 'x; dmarc=pass'], from);
  assert.deepEqual(of('dmarc=pass header.from=example.jp'), { is: 'signed', domain: 'mail.example.jp' });
  assert.equal(of('dmarc=fail (dmarc=pass) header.from=example.jp').is, 'forged');
  assert.deepEqual(of('dkim=pass header.d=example.jp header.s=s; dmarc=none'), {
    is: 'signed',
    domain: 'example.jp',
  });
  assert.equal(of('dkim=pass header.d=evil.test; spf=pass').is, 'unknown');
  assert.equal(of('dkim=pass header.d=ample.jp').is, 'unknown');
  assert.equal(standingOf([], 'a@x.test').is, 'unknown');
  assert.equal(standingOf(['mx; dmarc=pass'], undefined).is, 'signed');
});

test('styles keep what they look like and lose what fetches or leaves its place', () => {
  assert.equal(safeStyle('color:red;background:url(http://x/a)'), 'color:red');
  assert.equal(safeStyle('background:u\\72l(http://x/a);top:1px'), 'top:1px');
  assert.equal(safeStyle('background:ur/**/l(//x);left:0'), 'left:0');
  assert.equal(safeStyle('position:fixed;margin:0'), 'margin:0');
  const sheet = safeSheet(
    '@import "http://x/a.css"; @font-face{src:url(x)} p{color:red;background:url(x)} a[href^=s]{list-style:image-set("x" 1x);top:0}',
  );
  assert.doesNotMatch(sheet, /url|import|image-set|font-face/);
  assert.match(sheet, /p\{color:red;/);
  assert.match(sheet, /top:0/);
  assert.equal(safeSheet('p{color:red;background:url(https://evil.test/x'), 'p{color:red;');
  assert.equal(safeSheet('@font-face{src:url(x);a{b}}p{top:0}'), 'p{top:0}');
});

test('a long sheet that closes nothing takes no longer than another', () => {
  for (const piece of ['@font-face ', 'a', '/*', '\\', '{', ';'])
    assert.equal(typeof safeSheet(piece.repeat(400_000)), 'string');
});
