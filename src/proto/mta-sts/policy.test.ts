import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  formatStsPolicy,
  isListedMx,
  maxAgeMaxSeconds,
  parseStsPolicy,
  stsPolicyId,
  StsPolicyError,
  type StsPolicy,
} from './policy.ts';
import { formatStsRecord, readStsRecords } from './record.ts';

const example = `version: STSv1\nmode: enforce\nmx: mail.example.com\nmx: *.example.net\nmx: backupmx.example.com\nmax_age: 604800\n`;

test('the example of RFC 8461 is read, with either line end and in any order', () => {
  const policy = {
    mode: 'enforce',
    maxAgeSeconds: 604_800,
    mx: ['mail.example.com', '*.example.net', 'backupmx.example.com'],
  } as const;
  assert.deepEqual(parseStsPolicy(example), policy);
  assert.deepEqual(parseStsPolicy(example.replaceAll('\n', '\r\n')), policy);
  assert.deepEqual(parseStsPolicy(example.trimEnd()), policy, 'the last line end may be missing');
  const turned = example.trimEnd().split('\n').toReversed().join('\n');
  assert.deepEqual(parseStsPolicy(turned).mode, 'enforce');
  assert.deepEqual(parseStsPolicy(formatStsPolicy(policy)), policy);
});

test('of a field that comes twice the first counts, unknown fields are passed over, a long life is cut to a year', () => {
  const odd =
    'version: STSv1\nmode: testing\nmode: enforce\nfuture.field: a b c\nmx: A.Example.COM\nmax_age: 9999999999\n';
  assert.deepEqual(parseStsPolicy(odd), {
    mode: 'testing',
    maxAgeSeconds: maxAgeMaxSeconds,
    mx: ['a.example.com'],
  });
});

test('mode none needs no mx; anything that lacks or garbles a field is no policy', () => {
  assert.equal(parseStsPolicy('version: STSv1\nmode: none\nmax_age: 86400\n').mode, 'none');
  for (const bad of [
    '',
    'mode: enforce\nmx: a.example\nmax_age: 1\n',
    'version: STSv2\nmode: enforce\nmx: a.example\nmax_age: 1\n',
    'version: STSv1\nmx: a.example\nmax_age: 1\n',
    'version: STSv1\nmode: Enforce\nmx: a.example\nmax_age: 1\n',
    'version: STSv1\nmode: enforce\nmax_age: 1\n',
    'version: STSv1\nmode: enforce\nmx: a.example\n',
    'version: STSv1\nmode: enforce\nmx: a.example\nmax_age: -1\n',
    'version: STSv1\nmode: enforce\nmx: a.*.example\nmax_age: 1\n',
    'version: STSv1\nmode: enforce\nmx: a.example\nmax_age: 1\n\nnoise',
    '<html><body>Not found</body></html>',
  ])
    assert.throws(() => parseStsPolicy(bad), StsPolicyError, bad);
});

test('a wildcard stands for exactly one label', () => {
  const policy = parseStsPolicy(example);
  const verdicts = [
    'mail.example.com',
    'MAIL.example.com.',
    'a.example.net',
    'a.b.example.net',
    'example.net',
    'x.example.com',
  ];
  assert.deepEqual(
    verdicts.map((name) => isListedMx(policy, name)),
    [true, true, true, false, false, false],
  );
});

test('the id follows the content', () => {
  const policy = parseStsPolicy(example);
  assert.match(stsPolicyId(policy), /^[a-z0-9]{1,32}$/);
  assert.equal(stsPolicyId(policy), stsPolicyId(parseStsPolicy(example)));
  assert.notEqual(stsPolicyId(policy), stsPolicyId({ ...policy, mode: 'testing' }));
});

test('the record: others are passed over, two are as good as none, and so is one that is garbled', () => {
  assert.deepEqual(readStsRecords(['v=STSv1; id=20160831085700Z;']), { is: 'id', id: '20160831085700Z' });
  assert.deepEqual(readStsRecords(['v=spf1 -all', 'v=STSv1;id=1']), { is: 'id', id: '1' });
  assert.deepEqual(readStsRecords([formatStsRecord('abc')]), { is: 'id', id: 'abc' });
  assert.deepEqual(readStsRecords(['v=STSv1; id=7; future=x']), { is: 'id', id: '7' });
  assert.deepEqual(readStsRecords([]), { is: 'none' });
  assert.deepEqual(readStsRecords(['v=STSv12; id=1']), { is: 'none' });
  for (const bad of [
    ['v=STSv1; id=1', 'v=STSv1; id=1'],
    ['v=STSv1;'],
    ['v=STSv1; id='],
    ['v=STSv1; id=a-b'],
    [`v=STSv1; id=${'1'.repeat(33)}`],
    ['v=STSv1; id=1; id=2'],
    ['v=STSv1; id=1; bad field'],
  ])
    assert.equal(readStsRecords(bad).is, 'invalid', bad.join());
});

test('noise, and policies with bytes changed, are policies or errors of their own', () => {
  const damaged = fc
    .array(fc.tuple(fc.nat(example.length - 1), fc.string({ unit: 'binary', maxLength: 3 })), {
      maxLength: 6,
    })
    .map((changes) =>
      changes.reduce((text, [at, to]) => text.slice(0, at) + to + text.slice(at + 1), example),
    );
  fc.assert(
    fc.property(fc.oneof(damaged, fc.string({ unit: 'binary', maxLength: 300 })), (text) => {
      let policy: StsPolicy;
      try {
        policy = parseStsPolicy(text);
      } catch (error) {
        assert(error instanceof StsPolicyError, String(error));
        return;
      }
      assert(policy.maxAgeSeconds <= maxAgeMaxSeconds && (policy.mode === 'none' || policy.mx.length > 0));
      assert.deepEqual(parseStsPolicy(formatStsPolicy(policy)), policy);
    }),
    { numRuns: 2000 },
  );
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 80 })), (texts) => {
      const record = readStsRecords(texts.map((text) => `v=STSv1;${text}`));
      assert(record.is !== 'id' || formatStsRecord(record.id).length < 60);
    }),
  );
});

test('hostile policies and records take linear time', () => {
  const size = 64 * 1024;
  const evil = [
    ' ',
    '\t',
    '\r',
    '\n',
    '\r\n',
    'a',
    'a.',
    'a-',
    '*.',
    'x: ',
    ':',
    'mx: a\n',
    ';',
    ' ;',
    'id=a;',
  ];
  const start = process.cpuUsage().user;
  for (const piece of evil) {
    const filler = piece.repeat(size / piece.length);
    for (const text of [
      filler,
      `version: STSv1\nx: y${filler}z`,
      `version: STSv1\nmx: ${filler}!`,
      `v${filler}x`,
    ])
      assert.throws(() => parseStsPolicy(text), StsPolicyError);
    for (const text of [`v=STSv1;${filler}x`, `v=STSv1${filler}`, `v=STSv1; id=a;${filler}x`])
      readStsRecords([text]);
  }
  assert(process.cpuUsage().user - start < 4_000_000);
});
