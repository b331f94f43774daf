import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { conformanceFolder, skipWithout } from '../../../test/conformance.ts';
import { indexMessage } from '../mime/structure.ts';
import { bodyText } from './body-structure.ts';
import { envelopeText } from './envelope.ts';

/** What a client's parser makes of a response: lists, strings (`s` in front), numbers, NIL as null. */
type Value = null | number | string | readonly Value[];

function parse(wire: string): Value {
  let at = 0;
  const value = (): Value => {
    if (wire[at] === '(') {
      at++;
      const list: Value[] = [];
      while (wire[at] !== ')') {
        if (list.length > 0 && wire[at] === ' ') at++;
        assert(at < wire.length, 'list is not closed');
        list.push(value());
      }
      at++;
      return list;
    }
    const rest = wire.slice(at);
    const token = /^(?:NIL(?=[ )]|$)|\d+|"(?:[^"\\\r\n\0\x80-\xff]|\\["\\])*"|\{([1-9]\d*)\}\r\n)/.exec(rest);
    assert(token, `not a value: ${rest.slice(0, 50)}`);
    at += token[0].length;
    if (token[1] !== undefined) {
      const text = wire.slice(at, at + Number(token[1]));
      at += text.length;
      return `s${text}`;
    }
    if (token[0] === 'NIL') return null;
    return token[0].startsWith('"') ? `s${token[0].slice(1, -1)}` : Number(token[0]);
  };
  const result = value();
  assert.equal(at, wire.length, 'nothing may follow');
  return result;
}

const isString = (value: Value | undefined): boolean => typeof value === 'string';
const isNstring = (value: Value | undefined): boolean => value === null || isString(value);

function checkAddresses(value: Value | undefined): void {
  if (value === null) return;
  assert(Array.isArray(value) && value.length > 0, 'an address list is NIL or has addresses');
  for (const address of value as Value[][]) assert(address.length === 4 && address.every(isNstring));
}

function checkEnvelope(value: Value | undefined): void {
  assert(Array.isArray(value) && value.length === 10);
  for (const i of [0, 1, 8, 9]) assert(isNstring(value[i] as Value));
  for (const i of [2, 3, 4, 5, 6, 7]) checkAddresses(value[i] as Value);
}

function checkParameters(value: Value | undefined): void {
  if (value === null) return;
  assert(
    Array.isArray(value) &&
      value.length > 0 &&
      value.length % 2 === 0 &&
      value.every((each: Value) => isString(each)),
  );
}

/** The grammar of `body` (RFC 3501, 9), with every extension field there when `extended`. */
function checkBody(value: Value | undefined, extended: boolean): void {
  assert(Array.isArray(value), 'a body is a list');
  const list = value as readonly Value[];
  const children = list.findIndex((each) => !Array.isArray(each));
  if (children > 0) {
    for (const child of list.slice(0, children)) checkBody(child, extended);
    assert(isString(list[children]));
    assert.equal(list.length, children + (extended ? 5 : 1));
    if (extended) {
      checkParameters(list[children + 1]);
      checkTail(list.slice(children + 2));
    }
    return;
  }
  assert(
    isString(list[0]) && isString(list[1]) && isNstring(list[3]) && isNstring(list[4]) && isString(list[5]),
  );
  checkParameters(list[2]);
  assert(typeof list[6] === 'number');
  let next = 7;
  if (Array.isArray(list[7])) {
    assert.equal(list[0], 'sMESSAGE');
    checkEnvelope(list[7]);
    checkBody(list[8], extended);
    next = 10;
  } else if (list[0] === 'sTEXT') next = 8;
  else assert(!(list[0] === 'sMESSAGE' && list[1] === 'sRFC822'), 'message/rfc822 without its message');
  if (next > 7) assert(typeof list[next - 1] === 'number', 'lines');
  assert.equal(list.length, next + (extended ? 4 : 0));
  if (extended) {
    assert(isNstring(list[next]));
    checkTail(list.slice(next + 1));
  }
}

function checkTail([disposition, language, location]: readonly Value[]): void {
  if (disposition !== null) {
    assert(Array.isArray(disposition) && disposition.length === 2 && isString(disposition[0] as Value));
    checkParameters(disposition[1] as Value);
  }
  assert(
    isNstring(language) ||
      (Array.isArray(language) && language.length > 0 && language.every((each: Value) => isString(each))),
  );
  assert(isNstring(location));
}

function check(bytes: Uint8Array): void {
  const index = indexMessage(bytes);
  checkEnvelope(parse(envelopeText(index.envelope)));
  checkBody(parse(bodyText(index.root, true)), true);
  checkBody(parse(bodyText(index.root, false)), false);
}

const message = (text: string): ReturnType<typeof indexMessage> =>
  indexMessage(Buffer.from(text.replaceAll('\n', '\r\n')));

test('the structure of an ordinary multipart', () => {
  const { root } = message(`From: a@b.test
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain; charset=utf-8

hello
--x
Content-Type: image/png; name="a.png"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename=a.png
Content-ID: <1@b.test>

AAAA
--x--
`);
  assert.equal(
    bodyText(root, true),
    '(("TEXT" "PLAIN" ("charset" "utf-8") NIL NIL "7BIT" 5 0 NIL NIL NIL NIL)' +
      '("IMAGE" "PNG" ("name" "a.png") "<1@b.test>" NIL "BASE64" 4 NIL ("ATTACHMENT" ("filename" "a.png")) NIL NIL)' +
      ' "MIXED" ("boundary" "x") NIL NIL NIL)',
  );
});

test('multipart without parts, without boundary, and messages without content have no NIL where a string must be', () => {
  for (const text of [
    'Content-Type: multipart/mixed; boundary=x\n\n--x--\n',
    'Content-Type: multipart/mixed\n\nfoo\n',
    'Content-Type: multipart/\n\n',
    'Content-Type: message/rfc822\n\n',
    'Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nRnJvbTogYQ0KDQo=\n',
    'Content-Type:\n\nfoo',
    'Content-Type: text\n\n',
    'Content-Disposition: ;filename=x\nContent-Language: ,\nContent-Transfer-Encoding:\n\nx',
    '',
    '\n',
    'foo',
  ]) {
    check(Buffer.from(text.replaceAll('\n', '\r\n')));
  }
});

test('groups have a start and an end; a missing domain is an empty string, so that it is none of them', () => {
  const { envelope } = message(
    'To: A Group:Ed <joe@where.test>,john@one.test;, lonely\nFrom: =?utf-8?q?=E3=81=82?= <a@b.test>\nSubject:\n\n',
  );
  assert.equal(
    envelopeText(envelope),
    '(NIL "" (("=?utf-8?q?=E3=81=82?=" NIL "a" "b.test")) (("=?utf-8?q?=E3=81=82?=" NIL "a" "b.test")) (("=?utf-8?q?=E3=81=82?=" NIL "a" "b.test")) ' +
      '((NIL NIL "A Group" NIL)("Ed" NIL "joe" "where.test")(NIL NIL "john" "one.test")(NIL NIL NIL NIL)(NIL NIL "lonely" "")) NIL NIL NIL NIL)',
  );
});

for (const set of [
  'mime-mime4j',
  'mime-stalwart',
  'mime-misc',
  'japanese-mail',
  'dsn-misc',
  'arf-feedback',
]) {
  test(`every message of ${set} has an envelope and a structure that parse back`, skipWithout(set), () => {
    const folder = conformanceFolder(set)!;
    const files = globSync('**/*.{eml,msg,txt,mbox,mail}', { cwd: folder });
    for (const file of files) {
      try {
        check(readFileSync(join(folder, file)));
      } catch (error) {
        throw new Error(file, { cause: error });
      }
    }
    assert(files.length > 0);
  });
}

test('noise in headers and bodies gives what parses back', () => {
  const piece = fc.constantFrom(
    'Content-Type: ',
    'multipart/mixed; boundary=',
    'message/rfc822',
    'x',
    '\r\n',
    '\r\n',
    '--x',
    '--',
    '"',
    '\\',
    '(',
    ')',
    ';',
    'From: ',
    '<',
    '>',
    '@',
    ',',
    ':',
    '\0',
    'é',
    '=',
    'text/plain',
    'Content-Disposition: ',
    'Subject: ',
    ' ',
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 40 }), (pieces) => check(Buffer.from(pieces.join('')))),
    { numRuns: 2_000 },
  );
});
