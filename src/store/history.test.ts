import assert from 'node:assert/strict';
import { test } from 'node:test';
import { historyOf, type HistoryLine } from './history.ts';

const line = (version: number, id: number, kind: HistoryLine['kind']): HistoryLine => ({ version, id, kind });
const lines = [
  line(1, 1, 'created'),
  line(2, 2, 'create'),
  line(2, 3, 'update'),
  line(3, 2, 'destroy'),
  line(3, 4, 'updated'),
  line(4, 3, 'destroyed'),
];

test('each record is told once, and what came and went not at all', () => {
  assert.deepEqual(historyOf(lines, { since: 0, now: 4, max: 9 }), {
    created: [1],
    updated: [4],
    destroyed: [3],
    version: 4,
    hasMore: false,
  });
  assert.deepEqual(historyOf([], { since: 7, now: 7, max: 1 })?.version, 7);
});

test('more than is taken at once comes in pieces of whole versions', () => {
  const piece = historyOf(lines, { since: 0, now: 4, max: 2 });
  assert.deepEqual([piece?.created, piece?.version, piece?.hasMore], [[1], 1, true]);
  assert.equal(historyOf(lines.slice(1), { since: 1, now: 4, max: 1 }), undefined);
  const rest = historyOf(lines.slice(1), { since: 1, now: 4, max: 2 });
  assert.deepEqual([rest?.created, rest?.updated, rest?.version, rest?.hasMore], [[2], [3], 2, true]);
});
