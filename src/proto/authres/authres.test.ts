import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { authenticationResultsField, formatResults } from './format.ts';
import { parseResults } from './parse.ts';

test('results are written as RFC 8601 has them, and read back', () => {
  const field = authenticationResultsField('mx.here.test', [
    { method: 'spf', result: 'pass', properties: [['smtp.mailfrom', 'bob@there.test']] },
    {
      method: 'dkim',
      result: 'fail',
      reason: 'the body has been "changed"',
      properties: [
        ['header.d', 'there.test'],
        ['header.b', 'ab+/='],
      ],
    },
    { method: 'dmarc', result: 'pass', comment: 'p=reject', properties: [['header.from', 'there.test']] },
  ]);
  assert.equal(
    field,
    'Authentication-Results: mx.here.test;\r\n\tspf=pass smtp.mailfrom=bob@there.test;\r\n' +
      '\tdkim=fail reason="the body has been \\"changed\\"" header.d=there.test\r\n\t header.b="ab+/=";\r\n' +
      '\tdmarc=pass (p=reject) header.from=there.test\r\n',
  );
  const { authservId, results } = parseResults(field.slice(field.indexOf(':') + 1));
  assert.equal(authservId, 'mx.here.test');
  assert.deepEqual(
    results.map(({ method, result }) => `${method}=${result}`),
    ['spf=pass', 'dkim=fail', 'dmarc=pass'],
  );
  assert.equal(results[1]!.properties.get('header.b'), 'ab+/=');
});

test('nothing that a stranger wrote ends the field or begins another result', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 40 }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      (text, comment) => {
        const content = formatResults('id.test', [
          { method: 'spf', result: 'fail', reason: text, comment, properties: [['smtp.mailfrom', text]] },
          { method: 'arc', result: 'none' },
        ]);
        assert.doesNotMatch(content, /\r(?!\n)|(?<!\r)\n|\n(?![ \t])/);
        const { results } = parseResults(content);
        assert.deepEqual(
          results.map(({ method, result }) => `${method}=${result}`),
          ['spf=fail', 'arc=none'],
        );
      },
    ),
  );
});

test('comments, versions and blanks are read as the grammar allows them', () => {
  const { authservId, results } = parseResults(
    ' (a comment (within)) Mx.Here.Test 1 ;\r\n dkim / 1 = pass (good) header . d = x.test ; none',
  );
  assert.equal(authservId, 'mx.here.test');
  assert.equal(results[0]!.result, 'pass');
});

test('any text is read in linear time', () => {
  for (const text of [
    '('.repeat(60_000),
    '"'.repeat(60_000),
    `x;${' '.repeat(60_000)}`,
    'a=;'.repeat(20_000),
  ])
    parseResults(text);
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void parseResults(text)));
});
