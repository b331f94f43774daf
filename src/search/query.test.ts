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
    ['お', 6],
    ['願', 7],
    ['いします', 8],
    ['foo', 14],
    ['bar', 16],
    ['baz', 22],
  ]);
  assert.deepEqual(runsOf('𠮷野家らーめん'), [
    ['𠮷野家', 6],
    ['ら', 7],
    ['ー', 8],
    ['めん', 9],
  ]);
  assert.deepEqual(runsOf('a.b@c-d e--f'), [
    ['a', 6],
    ['b', 9],
    ['c', 13],
    ['d', 18],
    ['e', 20],
    ['f', 26],
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

test('single blanks, dots, hyphens and at signs between runs are told by places, other separators only by reading', () => {
  for (const text of ['foo bar', 'foo-bar', 'foo@here.test']) assert.equal(queryOf(text).exact, true, text);
  assert.equal(queryOf('foo').terms[0]!.openStart, true);
  for (const text of ['foo, bar', 'foo - bar', ' foo', 'foo ', '@here.test', '「foo」'])
    assert.equal(queryOf(text).exact, false, text);
  assert.deepEqual(queryOf('--'), { terms: [], exact: false });
  assert.deepEqual(queryOf(''), { terms: [], exact: false });
});
