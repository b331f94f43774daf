import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { compose } from './compose.ts';
import { flow, unflow } from './flowed.ts';
import { indexMessage } from './structure.ts';
import { partText } from './text.ts';

test('long paragraphs become short lines that readers join again, in Japanese as well', () => {
  const text = `${'A sentence of several words. '.repeat(12).trim()}\n\n${'飛脚は手紙を運ぶ人である。'.repeat(10)}\n-- \nsignature`;
  const flowed = flow(text);
  for (const line of flowed.split('\n')) assert(line.length <= 78, line);
  assert.doesNotMatch(flowed, /^[、。]/m);
  assert.equal(unflow(flowed, true), text);
});

test('lines that begin with a blank, a quote mark or From are stuffed', () => {
  assert.equal(flow('From here\n indented'), ' From here\n  indented');
  assert.equal(unflow(flow('From here\n indented'), true), 'From here\n indented');
});

test('any text without blanks at line ends and without quotes comes back', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'grapheme', maxLength: 300 })), (lines) => {
      const text = lines
        .map((line) =>
          line
            .replace(/[\r\n\0\u2028\u2029\u0085]/g, '')
            .replace(/^>+/, '')
            .trimEnd(),
        )
        .join('\n');
      assert.equal(unflow(flow(text), true), text);
    }),
  );
});

test('a flowed part says so, and is read back as it was written', () => {
  const text = '長い段落です。'.repeat(30);
  for (const charset of ['utf-8', 'iso-2022-jp'] as const) {
    const bytes = compose({ headers: [], charset, body: { is: 'text', text, flowed: true } });
    assert.match(bytes.toString('latin1'), /format=flowed; delsp=yes/);
    assert.equal(unflow(partText(bytes, indexMessage(bytes).root).text, true), `${text}\n`);
  }
});
