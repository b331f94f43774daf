/** Entry of the thread that keeps the index of texts: it serves nobody, and what it does is lost or late at no harm. */
import { readlinkSync } from 'node:fs';
import { constants, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../base/clock.ts';
import { giveBackStartMemory } from '../base/heap.ts';
import type { Settings } from '../config/schema.ts';
import { Indexer } from '../mailbox/indexer.ts';
import { Extractor } from '../search/extractor.ts';
import { indexInStore, openSqliteIndex } from '../store/open-index.ts';
import type { Attachment } from '../store/open-sqlite.ts';
import { openLog } from './logger.ts';
import { openThreadStore } from './open-store.ts';

export interface IndexThreadStart {
  readonly settings: Settings;
  readonly store: Attachment | undefined;
}

const main = parentPort!;
const { settings, store: attachment } = workerData as IndexThreadStart;
const log = openLog(settings.log.level, { thread: 'index' });
giveWay();
const store = await openThreadStore(settings, attachment, log);
const index = attachment === undefined ? indexInStore(store) : openSqliteIndex(attachment.folder);
const extractor = new Extractor({ clock: systemClock, log });
const indexer = new Indexer({
  store,
  index,
  clock: systemClock,
  log,
  extract: (kind, bytes) => (settings.search.attachments ? extractor.text(kind, bytes) : Promise.resolve('')),
});
giveBackStartMemory();

main.on('message', () => void stop());

/** Mail goes first where processors are few: Linux has priorities for single threads, whose number is in /proc. */
function giveWay(): void {
  try {
    const thread = Number(readlinkSync('/proc/thread-self').split('/').at(-1));
    setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Elsewhere it takes its turns like the others.
  }
}

async function stop(): Promise<void> {
  await indexer[Symbol.asyncDispose]();
  await extractor[Symbol.asyncDispose]();
  await index[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
  main.close();
}
