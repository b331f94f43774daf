/** The scan thread: long reads, one after another, on a connection of its own. Started at the first scan. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { toImage } from '../core/error-image.ts';
import { operationsByName } from '../core/operations.ts';
import type { AnyOperation } from '../operation.ts';
import type { Answer } from './commit.ts';
import type { Notice, Request, Serve, ThreadData } from './messages.ts';
import { Reader } from './reader.ts';
import { reply } from './writer.ts';

const main = parentPort!;
const data = workerData as ThreadData;
const tell = (notice: Notice): void => main.postMessage(notice);

try {
  const { operations } = (await import(data.operations)) as { operations: readonly AnyOperation[] };
  const byName = operationsByName(operations);
  const reader = new Reader(data.folder);
  const scan = (name: string, args: unknown): Answer => {
    try {
      const operation = byName.get(name);
      if (!operation) throw new Error(`no operation is called ${name}`);
      return { is: 'done', value: reader.run(operation.body(args as never)) };
    } catch (error) {
      return { is: 'failed', error };
    }
  };
  const serve = (port: MessagePort): void => {
    port.on('message', ({ names, args }: Request) => {
      for (let i = 0; i < names.length; i++) reply(port, [scan(names[i]!, args[i])]);
    });
  };
  main.on('message', (message: Serve | 'stop') => {
    if (message !== 'stop') return serve(message.port);
    reader[Symbol.dispose]();
    tell({ is: 'closed' });
    main.close();
  });
  tell({ is: 'ready' });
} catch (error) {
  tell({ is: 'refused', error: toImage(error) });
  main.close();
}
