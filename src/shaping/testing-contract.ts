/** The contract of what shaping keeps, run on each engine by its own test. */
import assert from 'node:assert/strict';
import { silentLog } from '../base/log.ts';
import { TestClock } from '../base/test-clock.ts';
import type { Store } from '../store/store.ts';
import { Keeper, keepStates, keptStates, type KeptState } from './kept-states.ts';
import { beat, leave, Nodes, shareAfter, sharedShare, shareOf } from './nodes.ts';
import { SharedTable } from './shared-table.ts';

export async function statesAreKept(store: Store): Promise<void> {
  const clock = new TestClock();
  const nowMs = clock.nowMs();
  const state = (name: string, atMs: number, text: string): KeptState => ({ name, atMs, state: text });
  let changed: readonly KeptState[] = [
    state('rate||google|', nowMs, '{"rate":1}'),
    state('warm|a|yahoo', nowMs - 5, '{"day":2}'),
  ];
  const keeper = new Keeper({ store, clock, log: silentLog, shaper: { changed: () => changed } });
  await keeper.keep();
  changed = [state('rate||google|', nowMs + 1, '{"rate":2}')];
  await keeper.keep();
  changed = [];
  await keeper[Symbol.asyncDispose]();
  assert.deepEqual(await store.read(() => keptStates()), [
    state('rate||google|', nowMs + 1, '{"rate":2}'),
    state('warm|a|yahoo', nowMs - 5, '{"day":2}'),
  ]);
  await store.write(keepStates, { states: [], nowMs: nowMs - 4 + 90 * 86_400_000 });
  assert.deepEqual(
    (await store.read(() => keptStates())).map(({ name }) => name),
    ['rate||google|'],
    'what is old is forgotten',
  );
}

export async function nodesShare(store: Store): Promise<void> {
  const alone = await store.write(beat, { node: 'a' });
  assert.deepEqual([alone.nodes, alone.rank, shareAfter(alone).part], [1, 0, 1]);
  const second = await store.write(beat, { node: 'b' });
  assert.deepEqual([second.nodes, second.rank], [2, 1]);
  assert.equal(shareAfter(second).part, 0, 'one that comes has nothing until the other has heard of it');
  assert.equal(shareAfter({ ...second, nowMs: second.sinceMs + 10_000 }).part, 0.5);
  assert.equal(shareAfter({ ...(await store.write(beat, { node: 'a' })), sinceMs: 0 }).part, 0.5);
  await store.write(leave, { node: 'b' });
  assert.equal((await store.write(beat, { node: 'a' })).nodes, 1);
  const table = SharedTable.alone();
  const clock = new TestClock();
  const share = sharedShare(table, clock.nowMs());
  assert.equal(shareOf(10, share()), 0, 'nothing before the first word');
  const nodes = new Nodes({ store, clock, log: silentLog, table, node: 'a' });
  await nodes.round();
  assert.equal(shareOf(10, share()), 10);
  await nodes[Symbol.asyncDispose]();
}
