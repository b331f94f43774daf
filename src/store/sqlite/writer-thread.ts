/** The writer's thread: opens the engine, says so, and serves the ports it is handed until it is told to stop. */
import { parentPort, workerData } from 'node:worker_threads';
import { systemClock } from '../../base/clock.ts';
import { giveBackStartMemory } from '../../base/heap.ts';
import { toImage } from '../core/error-image.ts';
import { operationsByName } from '../core/operations.ts';
import type { AnyOperation } from '../operation.ts';
import { CommitStats } from './commit-stats.ts';
import { Engine } from './engine.ts';
import type { Notice, Serve, ThreadData } from './messages.ts';
import { writeStatus } from './status.ts';
import { Writer } from './writer.ts';

const main = parentPort!;
const data = workerData as ThreadData;
const tell = (notice: Notice): void => main.postMessage(notice);

try {
  const { operations } = (await import(data.operations)) as { operations: readonly AnyOperation[] };
  const engine = new Engine({
    ...data,
    operations: operationsByName(operations),
    clock: systemClock,
    stats: new CommitStats(data.commits),
    onState: (health, reason) => {
      writeStatus(data.status, health);
      tell({ is: 'state', health, reason });
    },
  });
  writeStatus(data.status, engine.health());
  const writer = new Writer(engine);
  main.on('message', (message: Serve | 'stop') => {
    if (message !== 'stop') return writer.serve(message);
    writer.drain();
    engine[Symbol.dispose]();
    tell({ is: 'closed' });
    main.close();
  });
  giveBackStartMemory();
  tell({ is: 'ready' });
} catch (error) {
  tell({ is: 'refused', error: toImage(error) });
  main.close();
}
