/** What is done now and then, and when an owner is gone. */
import type { Store } from '../store/store.ts';
import { dropMemories, emptiedTables, forgetMemories, oldMemories } from './rows/care.ts';
import { dropScripts } from './rows/scripts.ts';
import { ownerKey, type ScriptOwner } from './script.ts';

export { emptiedTables };

/** Longer than any message stays in the queue. */
const decisionKeptMs = 30 * 24 * 60 * 60 * 1000;

/** Once a day: memories whose time is over. Gives how many. */
export async function tidyScripts(store: Store, nowMs: number, signal?: AbortSignal): Promise<number> {
  for (let count = 0; ; ) {
    const old = await store.scan(oldMemories, { nowMs, decidedBeforeMs: nowMs - decisionKeptMs });
    if (old.length === 0) return count;
    await store.write(forgetMemories, { old, nowMs });
    count += old.length;
    signal?.throwIfAborted();
  }
}

export async function dropScriptsOf(store: Store, owner: ScriptOwner): Promise<void> {
  await store.write(dropScripts, { owner: ownerKey(owner) });
  if (owner.is === 'account') await store.write(dropMemories, { account: owner.id });
}
