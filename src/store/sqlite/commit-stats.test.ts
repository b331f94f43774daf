import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CommitStats, newCommitStats } from './commit-stats.ts';

test('commits are counted by time and by size, up to and with each bound, and seen by whoever shares the memory', () => {
  const shared = newCommitStats();
  const writer = new CommitStats(shared);
  writer.note(1, 0.5);
  writer.note(3, 0.6);
  writer.note(100_000, 1e9);
  const { commits, operations, ms, byTimeMs, bySize } = new CommitStats(shared).read();
  assert.deepEqual([commits, operations, ms], [3, 100_004, 1e9 + 1.1]);
  assert.equal(byTimeMs.counts.length, byTimeMs.bounds.length + 1);
  assert.deepEqual([byTimeMs.counts[0], byTimeMs.counts[1], byTimeMs.counts.at(-1)], [1, 1, 1]);
  assert.deepEqual([bySize.counts[0], bySize.counts[2], bySize.counts.at(-1)], [1, 1, 1]);
});
