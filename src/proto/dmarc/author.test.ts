import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { parseHeaders } from '../mime/headers.ts';
import { authorOf, type Author } from './author.ts';

function author(header: string): Author {
  const bytes = Buffer.from(header.replace(/\n/g, '\r\n'));
  return authorOf(bytes, parseHeaders(bytes));
}

const domainOf = (header: string): string | undefined => {
  const found = author(header);
  return found.is === 'author' ? found.domain : found.is;
};

test('the domain is that of the address people are shown', () => {
  assert.equal(domainOf('From: "ceo@bank.test" <eve@evil.test>\n'), 'evil.test');
  assert.equal(domainOf('From: <"a@evil.test>, <x"@good.test>\n'), 'good.test');
  assert.equal(domainOf('From: a@EXAMPLE.Test\n'), 'example.test');
  assert.equal(domainOf('From: a@例え.test\n'), 'xn--r8jz45g.test');
  assert.equal(domainOf('From:\n =?utf-8?q?ceo=40bank.test?= <eve@evil.test>\n'), 'evil.test');
  assert.equal(domainOf('From: a@one.test, b@one.test\n'), 'one.test');
  assert.equal(domainOf('From: Team: a@one.test;\n'), 'one.test');
});

test('two From fields, none, and nobody in one are told apart', () => {
  assert.equal(domainOf('From: a@one.test\nFrom: b@two.test\n'), 'severalFields');
  assert.equal(domainOf('From : a@one.test\nFROM: a@one.test\n'), 'severalFields');
  assert.equal(domainOf('Subject: x\n'), 'nobody');
  assert.equal(domainOf('From: \n'), 'unreadable');
  assert.equal(domainOf('From: undisclosed:;\n'), 'unreadable');
  assert.equal(domainOf('From: a@one.test, b@..\n'), 'unreadable');
  assert.equal(domainOf('From: a@one.test, b@two.test\n'), 'severalDomains');
});

test('two addresses where one may stand are nobody’s: each mailer shows another of them', () => {
  for (const from of [
    '<eve@evil.test>ceo@bank.test',
    '<ceo@bank.test> <eve@evil.test>',
    'ceo@bank.test eve@evil.test',
    'ceo@bank.test\n eve@evil.test',
    'ceo@bank.test@evil.test',
    'ceo@bank.test\u2028eve@evil.test',
    'ceo@evil.test\\@bank.test',
    'Ceo <ceo@bank.test>, <eve@evil.test>ceo@bank.test',
  ])
    assert.equal(domainOf(`From: ${from}\n`), 'unreadable', from);
  // A name may be an address, and so may what is quoted or a remark.
  for (const from of [
    'ceo@bank.test <eve@evil.test>',
    '"ceo@bank.test" <eve@evil.test>',
    'ceo@bank.test via list <eve@evil.test>',
    'eve@evil.test (ceo@bank.test)',
    '"ceo@bank.test"@evil.test',
    'eve@evil.test eve@EVIL.test.',
  ])
    assert.equal(domainOf(`From: ${from}\n`), 'evil.test', from);
});

test('any text has an author or none, in time that grows with it alone', () => {
  const pieces = fc.constantFrom(
    '"',
    '(',
    ')',
    '<',
    '>',
    '@',
    ',',
    ';',
    ':',
    '\\',
    ' ',
    'a@b.test',
    'x',
    '\n ',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (text) => {
      assert.match(
        author(`From: ${text.join('')}\n`).is,
        /^(author|nobody|unreadable|severalFields|severalDomains)$/,
      );
    }),
  );
  for (const piece of ['"', '(', '<', 'a@b.test ', '<a@b.test>', ',', '\\'])
    assert.ok(author(`From: ${piece.repeat(50_000)}\n`).is !== 'nobody');
});
