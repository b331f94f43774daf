import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queryOf } from './query.ts';
import { eachRun } from './runs.ts';

const runsOf = (text: string): [string, number][] => {
  const runs: [string, number][] = [];
  eachRun(text, 0, (start, end, place) => runs.push([text.slice(start, end), place]));
  return runs;
};

test('runs end where the script does, and their places tell what stands between', () => {
  assert.deepEqual(runsOf('お願いします。foo bar, baz'), [
    ['お', 3],
    ['願', 4],
    ['いします', 5],
    ['foo', 8],
    ['bar', 10],
    ['baz', 13],
  ]);
  assert.deepEqual(runsOf('𠮷野家らーめん'), [
    ['𠮷野家', 3],
    ['ら', 4],
    ['ー', 5],
    ['めん', 6],
  ]);
});

test('one run may stand anywhere in a longer one; of several the first and the last are cut', () => {
  assert.deepEqual(queryOf('port'), {
    exact: true,
    terms: [{ text: 'port', kind: 2, openStart: true, openEnd: true, offset: 0 }],
  });
  const { exact, terms } = queryOf('願い申し');
  assert.equal(exact, true);
  assert.deepEqual(
    terms.map(({ text, openStart, openEnd, offset }) => [text, openStart, openEnd, offset]),
    [
      ['願', true, false, 0],
      ['い', false, false, 1],
      ['申', false, false, 2],
      ['し', false, true, 3],
    ],
  );
});

test('blanks between runs are told by places, other separators only by reading', () => {
  assert.equal(queryOf('foo bar').exact, true);
  assert.equal(queryOf('foo').terms[0]!.openStart, true);
  for (const text of ['foo, bar', 'foo-bar', ' foo', 'foo ', 'foo@here.test', '「foo」'])
    assert.equal(queryOf(text).exact, false, text);
  assert.deepEqual(queryOf('--'), { terms: [], exact: false });
  assert.deepEqual(queryOf(''), { terms: [], exact: false });
});
