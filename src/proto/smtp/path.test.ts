import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { domainToAscii, literalAddress } from './domain.ts';
import {
  formatMailbox,
  formatPath,
  joinAddress,
  parseMailbox,
  parsePath,
  sameMailbox,
  splitAddress,
} from './path.ts';

const forward = (text: string) => parsePath(text, 0, 'forward');

test('paths of RFC 5321 are read, source routes dropped', () => {
  const good: [string, string, string][] = [
    ['<a@b.test>', 'a', 'b.test'],
    ['<@x.test,@y.test:a@b.test>', 'a', 'b.test'],
    ['<"a b\\"c"@b.test>', 'a b"c', 'b.test'],
    ['<"a@x"@b.test>', 'a@x', 'b.test'],
    ['<""@b.test>', '', 'b.test'],
    ['<a%x.test@b.test>', 'a%x.test', 'b.test'],
    ["<!#$%&'*+-/=?^_`{|}~@b.test>", "!#$%&'*+-/=?^_`{|}~", 'b.test'],
    ['<a@[192.0.2.1]>', 'a', '[192.0.2.1]'],
    ['<a@[IPv6:2001:db8::1]>', 'a', '[IPv6:2001:db8::1]'],
    ['<postMaster>', 'postMaster', ''],
    ['<利用者@例え.test>', '利用者', '例え.test'],
  ];
  for (const [text, local, domain] of good) {
    assert.deepEqual(forward(text), { mailbox: { local, domain }, end: text.length }, text);
  }
});

test('what is no path is not taken for one', () => {
  const bad = [
    'a@b.test',
    '<a@b.test',
    '<a@>',
    '<@b.test>',
    '<a>',
    '<a b@b.test>',
    '<a@b..test>',
    '<a@.b.test>',
    '<a@b.test.>',
    '<a@-b.test>',
    '<a@b_c.test>',
    '<a@b.test,c@d.test>',
    '<a@[1.2.3]>',
    '<a@[1.2.3.256]>',
    '<a@[IPv6:1::2::3]>',
    '<a@[IPv6:12345::]>',
    '<a@[x:y]>',
    '<"a@b.test>',
    '<"a"b@b.test>',
    '<a@b.test\u0000>',
    '<"a\u0001"@b.test>',
    '<..@b.test>',
    '<x@x:a@b.test>',
    '<>',
    `<${'a'.repeat(257)}@b.test>`,
    `<a@${'b'.repeat(64)}.test>`,
  ];
  for (const text of bad) assert.equal(forward(text), undefined, text);
  assert.deepEqual(parsePath('<> SIZE=1', 0, 'reverse'), { mailbox: null, end: 2 });
});

test('old addresses of Japanese carriers are read as they are written, and quoted on the wire', () => {
  for (const local of ['a..b', '.a', 'a.', 'a...b.']) {
    const { mailbox } = forward(`<${local}@docomo.ne.jp>`)!;
    assert.equal(formatPath(mailbox), `<"${local}"@docomo.ne.jp>`);
    assert(sameMailbox(mailbox!, parseMailbox(`"${local}"@DOCOMO.ne.jp`)!), 'both spellings are one address');
  }
  assert.equal(formatPath(forward('<"plain"@b.test>')!.mailbox), '<plain@b.test>');
});

test('domains become A-labels, and what no resolver may see is refused', () => {
  assert.equal(domainToAscii('Example.TEST'), 'example.test');
  assert.equal(domainToAscii('日本語.jp'), 'xn--wgv71a119e.jp');
  assert.equal(domainToAscii('XN--WGV71A119E.jp'), 'xn--wgv71a119e.jp');
  for (const bad of [
    '',
    'xn--a',
    'a..b',
    '\u200b.test',
    `${'a.'.repeat(127)}aa`,
    'a b',
    'a\u3002',
    '[::1]',
  ]) {
    assert.equal(domainToAscii(bad), undefined, JSON.stringify(bad));
  }
  assert.equal(literalAddress('[IPv6:::ffff:192.0.2.1]'), '::ffff:192.0.2.1');
});

const locals = fc.string({
  minLength: 1,
  maxLength: 40,
  unit: fc.constantFrom(...Array.from('abc.."\\@ <>;,+=日本é')),
});

test('any local part survives the wire and the rows', () => {
  fc.assert(
    fc.property(locals, fc.constantFrom('b.test', '例え.test', '[192.0.2.1]'), (local, domain) => {
      const mailbox = { local, domain };
      const wire = formatPath(mailbox);
      assert.deepEqual(forward(wire), { mailbox, end: wire.length });
      assert.deepEqual(splitAddress(joinAddress(mailbox)), mailbox);
    }),
  );
});

test('no noise breaks the parser, and whatever it takes can be written again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (noise) => {
      const found = forward(`<${noise}>`);
      if (found?.mailbox) assert.deepEqual(forward(formatPath(found.mailbox))?.mailbox, found.mailbox);
    }),
  );
});

test('control characters never reach the wire', () => {
  assert.throws(() => formatMailbox({ local: 'a\r\nRCPT TO:<x@y>', domain: 'b.test' }), RangeError);
  assert.throws(() => formatMailbox({ local: 'a', domain: 'b.test\n' }), RangeError);
});
