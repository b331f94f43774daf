/** The store as one thread sees it: writes go to the writer thread, reads stay here, scans go to the scan thread. */
import type { MessagePort } from 'node:worker_threads';
import { join } from 'node:path';
import { Refusal } from '../../base/refusal.ts';
import { FileBodies } from '../bodies/file-bodies.ts';
import type { Bodies } from '../body.ts';
import { HintListeners } from '../core/hints.ts';
import type { Operation } from '../operation.ts';
import type { Store, StoreHealth } from '../store.ts';
import type { Transaction } from '../transaction.ts';
import { Channel } from './channel.ts';
import { interestSlot, newInterest } from './messages.ts';
import { Reader } from './reader.ts';
import { readStatus } from './status.ts';

export const bodiesFolder = 'bodies';

export interface StoreParts {
  readonly folder: string;
  readonly main: MessagePort;
  readonly status: SharedArrayBuffer;
  readonly listenerFailed: (error: unknown) => void;
}

export class SqliteStore implements Store {
  readonly engine = 'sqlite';
  readonly bodies: Bodies;
  readonly #parts: StoreParts;
  readonly #reader: Reader;
  readonly #interest = newInterest();
  readonly #listeners: HintListeners;
  readonly #writer: Channel;
  readonly #scanner: Channel;
  #closed = false;

  constructor(parts: StoreParts) {
    this.#parts = parts;
    this.bodies = new FileBodies(join(parts.folder, bodiesFolder));
    this.#reader = new Reader(parts.folder);
    this.#listeners = new HintListeners(parts.listenerFailed);
    const shared = { main: parts.main, interest: this.#interest, listeners: this.#listeners };
    this.#writer = new Channel({ ...shared, to: 'writer' });
    this.#scanner = new Channel({ ...shared, to: 'scan' });
    this.#writer.open();
  }

  write<A, R>(operation: Operation<A, R>, args: A): Promise<R> {
    return this.#writer.send(operation.name, args);
  }

  async read<R>(body: () => Transaction<R>): Promise<R> {
    if (this.#closed) throw new Refusal('shuttingDown', 'the store is closed');
    return this.#reader.run(body());
  }

  scan<A, R>(operation: Operation<A, R>, args: A): Promise<R> {
    return this.#scanner.send(operation.name, args);
  }

  onHint(topic: string, listener: (key: string) => void): Disposable {
    const interest = new Int32Array(this.#interest);
    const added = this.#listeners.add(topic, listener);
    Atomics.add(interest, interestSlot(topic), 1);
    let ended = false;
    return {
      [Symbol.dispose]: () => {
        if (ended) return;
        ended = true;
        Atomics.sub(interest, interestSlot(topic), 1);
        added[Symbol.dispose]();
      },
    };
  }

  health(): StoreHealth {
    return readStatus(this.#parts.status);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#closed) return;
    await Promise.all([this.#writer.close(), this.#scanner.close()]);
    this.#closed = true;
    this.#reader[Symbol.dispose]();
    this.#parts.main.close();
  }
}
