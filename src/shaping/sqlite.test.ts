import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openTestStore } from '../store/testing.ts';
import { migrations } from './migrations.ts';
import { beat, shareAfter, shareOf } from './nodes.ts';
import { operations } from './operations.ts';
import { nodesShare, statesAreKept } from './testing-contract.ts';

test('what was learned is kept (SQLite)', async () => {
  await using store = await openTestStore({ migrations, operations });
  await statesAreKept(store);
});

test('nodes share limits (SQLite)', async () => {
  await using store = await openTestStore({ migrations, operations });
  await nodesShare(store);
});

test('at every moment the shares of all nodes together are at most the limit, whoever comes and goes', async () => {
  let nowMs = 1_800_000_000_000;
  await using store = await openTestStore({ migrations, operations, time: () => nowMs });
  interface Node {
    readonly name: string;
    nextMs: number;
    share: ReturnType<typeof shareAfter>;
    until: number;
  }
  const nodes: Node[] = [];
  const add = (name: string, until = Infinity): void =>
    void nodes.push({ name, nextMs: nowMs, share: { part: 0, turn: Infinity }, until: nowMs + until });
  add('one');
  const used = { most: 0, ones: 0, sum: 0 };
  for (let second = 0; second < 600; second++) {
    if (second === 60) add('two');
    if (second === 150) add('three', 120_000);
    for (const node of nodes) {
      if (nowMs < node.nextMs || nowMs > node.until) continue;
      node.share = shareAfter(await store.write(beat, { node: node.name }));
      node.nextMs = nowMs + 5000;
    }
    const alive = nodes.filter(({ until }) => nowMs <= until);
    const sum = (max: number): number => alive.reduce((all, { share }) => all + shareOf(max, share), 0);
    assert.ok(sum(20) <= 20, `${sum(20)} of 20 at ${second} s`);
    assert.ok(sum(1) <= 1, `${sum(1)} of 1 at ${second} s`);
    used.sum += sum(20);
    used.ones += sum(1);
    nowMs += 1000;
  }
  assert.ok(used.sum / 600 > 17 && used.ones / 600 > 0.5, JSON.stringify(used));
});
