import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { isDomainOrLiteral, parseAddrSpec, parseLegacyAddrSpec } from './addr-spec.ts';
import { formatAddrSpec, type Mailbox, parseAddresses } from './address.ts';
import { formatAddresses } from './address-formatter.ts';

const only = (text: string): Mailbox => parseAddresses(text)[0] as Mailbox;

test('a quoted string is one token wherever it stands, so it cannot bring in an address', () => {
  assert.deepEqual(parseAddresses('foo <"a@evil.test>, <x"@good.test>'), [
    { name: 'foo', local: 'a@evil.test>, <x', domain: 'good.test' },
  ]);
  assert.deepEqual(only('a@evil.test <b@good.test>'), {
    name: 'a@evil.test',
    local: 'b',
    domain: 'good.test',
  });
  assert.deepEqual(only('"test@evil.test "@good.test'), { local: 'test@evil.test ', domain: 'good.test' });
  assert.deepEqual(only('a@b@c.test'), { local: 'a@b', domain: 'c.test' });
});

test('groups, comments, routes, literals and old forms are read', () => {
  assert.deepEqual(parseAddresses('Team: a@b, "C" <c@d>;, e@f'), [
    {
      group: 'Team',
      members: [
        { local: 'a', domain: 'b' },
        { name: 'C', local: 'c', domain: 'd' },
      ],
    },
    { local: 'e', domain: 'f' },
  ]);
  assert.deepEqual(parseAddresses('undisclosed-recipients:;'), [
    { group: 'undisclosed-recipients', members: [] },
  ]);
  assert.deepEqual(only('jdoe@x.test (John (J.) Doe)'), {
    name: 'John (J.) Doe',
    local: 'jdoe',
    domain: 'x.test',
  });
  assert.deepEqual(only('<@a.test,@b.test:c@d.test>'), {
    local: 'c',
    domain: 'd.test',
    route: '@a.test,@b.test',
  });
  assert.deepEqual(only('user@[IPv6:2001:db8::1]'), { local: 'user', domain: '[IPv6:2001:db8::1]' });
  assert.deepEqual(only('joe . doe @ x . test'), { local: 'joe.doe', domain: 'x.test' });
  assert.deepEqual(only('=?utf-8?Q?Doe,_J?= <j@x>'), { name: '=?utf-8?Q?Doe,_J?=', local: 'j', domain: 'x' });
  assert.deepEqual(parseAddresses('a@b; c@d <>'), [
    { local: 'a', domain: 'b' },
    { local: 'c', domain: 'd' },
  ]);
});

test('addresses of Japanese carriers are taken as they are and quoted when written', () => {
  for (const local of ['a..b', 'a.', '.a', '-a..']) {
    assert.deepEqual(only(`${local}@docomo.ne.jp`), { local, domain: 'docomo.ne.jp' });
  }
  assert.equal(formatAddrSpec({ local: 'a..b', domain: 'docomo.ne.jp' }), '"a..b"@docomo.ne.jp');
  assert.deepEqual(only('"a..b"@docomo.ne.jp'), { local: 'a..b', domain: 'docomo.ne.jp' });
});

test('hostile texts take linear time', () => {
  const evil = ['(', '<', '"', ',', 'a@', '=?a?q?', '[(', 'a:', '. ', '\\', '=?a?q? ', ';', '@'];
  const start = process.cpuUsage().user;
  for (const piece of evil) parseAddresses(piece.repeat(100_000));
  assert(process.cpuUsage().user - start < 4_000_000);
});

test('what is written is read back the same, and any text is read', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 }).map((raw) => raw.replace(/\p{C}/gu, ''));
  const local = fc.stringMatching(/^[\x20-\x7e]{1,20}$/);
  fc.assert(
    fc.property(fc.array(fc.record({ name: text, local }), { minLength: 1, maxLength: 5 }), (list) => {
      const mailboxes = list.map((one) => ({ ...one, domain: 'example.test' }));
      const wire = formatAddresses(mailboxes);
      assert.match(wire, /^[\t\x20-\x7e\r\n]*$/);
      assert.deepEqual(
        parseAddresses(wire.replaceAll('\r\n', '')).map((one) => formatAddrSpec(one as Mailbox)),
        mailboxes.map(formatAddrSpec),
      );
    }),
  );
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (any) => void formatAddresses(parseAddresses(any))));
});

test('dots that carriers gave out are taken where people write addresses', () => {
  for (const text of ['a..b@docomo.ne.jp', 'a.@ezweb.ne.jp', '.a@x.test', 'a.b@x.test'])
    assert.equal(parseLegacyAddrSpec(text)?.local, text.slice(0, text.indexOf('@')));
  for (const text of ['a b@x', '@x', 'a@', 'a..b', '']) assert.equal(parseLegacyAddrSpec(text), undefined);
});

test('the strict form refuses what an envelope cannot carry', () => {
  for (const good of [
    'a@b',
    'a.b+c@x.test',
    '"a b"@x',
    'ü@例え.テスト',
    'a@[192.0.2.1]',
    'a@[IPv6:::1]',
    '"a..b"@docomo.ne.jp',
  ]) {
    assert(parseAddrSpec(good), good);
  }
  for (const bad of [
    'a..b@x',
    'a@',
    '@b',
    'a@b@c',
    'a b@c',
    'a@b.',
    'a@-b',
    'a@[1.2.3]',
    `${'a'.repeat(65)}@b`,
    'a@b\r\n',
    '"a"b@c',
  ]) {
    assert.equal(parseAddrSpec(bad), undefined, bad);
  }
  assert(!isDomainOrLiteral('a..b'));
});
