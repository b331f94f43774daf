import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { astring, mailboxName, nstring, responseText, string, wireString } from './response.ts';

test('an empty string is a quoted one, never a literal of no octets', () => {
  assert.equal(string(''), '""');
  assert.equal(wireString('\0'), '""');
});

test('NIL, quotes and backslashes are told from what they look like', () => {
  assert.equal(nstring(undefined), 'NIL');
  assert.equal(string('NIL'), '"NIL"');
  assert.equal(astring('nil'), '"nil"');
  assert.equal(string('a"b\\c'), '"a\\"b\\\\c"');
  assert.equal(astring('X-Header'), 'X-Header');
});

test('text with the eighth bit set is a literal, and a quoted string once UTF8=ACCEPT is on', () => {
  assert.equal(string('é'), '{2}\r\n\u00c3\u00a9');
  assert.equal(string('é', true), '"\u00c3\u00a9"');
});

test('mailbox names go out in modified UTF-7, INBOX as an atom', () => {
  assert.equal(mailboxName('INBOX'), 'INBOX');
  assert.equal(mailboxName('下書き'), '"&Tgtm+DBN-"');
  assert.equal(mailboxName('A&B'), '"A&-B"');
  assert.equal(mailboxName('下書き', true), `"${Buffer.from('下書き').toString('latin1')}"`);
});

test('no CR, LF or NUL gets out of a string but inside a counted literal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), fc.boolean(), (text, utf8) => {
      const wire = string(text, utf8);
      assert(!wire.includes('\0'));
      const literal = /^\{(\d+)\}\r\n/.exec(wire);
      if (literal === null) assert.match(wire, /^"(?:[^"\\\r\n]|\\["\\])*"$/);
      else assert.equal(wire.length - literal[0].length, Number(literal[1]));
    }),
  );
});

test('response text is one printable line that does not look like a response code', () => {
  assert.equal(responseText('a\r\n* BYE'), 'a * BYE');
  assert.equal(responseText('[ALERT] x').startsWith('['), false);
  assert.equal(responseText(''), '.');
});
