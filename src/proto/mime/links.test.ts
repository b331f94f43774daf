import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linksInHtml, linksInText } from './links.ts';

test('links stand out of a text, without the marks behind them', () => {
  const text = 'See https://a.test/x?y=1, (http://B.test:8080/) and www.c.test。\n日本語https://d.test/。';
  assert.deepEqual(
    linksInText(text).map(({ host }) => host),
    ['a.test', 'b.test', 'www.c.test', 'd.test'],
  );
  assert.deepEqual(linksInText('「https://e.test/」へ')[0]?.url, 'https://e.test/');
});

test('links of HTML come with what is shown for them', () => {
  const html = `<a class=x href="https://evil.test/l?a=1&amp;b=2">Log <b>in</b> at bank.test</a>
    <A HREF='HTTPS://User:pw@B.test:99\\path'>x</A><img src=//no.test/><img src=http://[2001:DB8::1]/p.gif>
    <a href="ht\ntps://c.test/">c</a><a href=mailto:x@y.test>m</a><form action=https://d%2etest/go></form>`;
  assert.deepEqual(linksInHtml(html), [
    { url: 'https://evil.test/l?a=1&b=2', host: 'evil.test', hasUser: false, shown: 'Log in at bank.test' },
    { url: 'HTTPS://User:pw@B.test:99\\path', host: 'b.test', hasUser: true, shown: 'x' },
    { url: 'http://[2001:DB8::1]/p.gif', host: '2001:db8::1', hasUser: false, shown: '' },
    { url: 'https://c.test/', host: 'c.test', hasUser: false, shown: 'c' },
    { url: 'https://d%2etest/go', host: 'd.test', hasUser: false, shown: '' },
  ]);
});

test('hostile text takes time that rises with its length alone', () => {
  for (const text of [
    '<a href="'.repeat(50_000),
    '<a '.repeat(100_000),
    'https://'.repeat(60_000),
    '<a href=x>'.repeat(50_000),
    `<a ${'x="'.repeat(100_000)}>`,
    `<a ${'x="\''.repeat(100_000)}>`,
  ]) {
    assert.ok(linksInHtml(text).length <= 500);
    assert.ok(linksInText(text).length <= 500);
  }
});
