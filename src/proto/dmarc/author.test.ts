import assert from 'node:assert/strict';
import { test } from 'node:test';
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
