/**
 * What crosses between the threads of the SQLite engine.
 *
 *   protocol thread ──Request──▶ writer      one message per turn of the event loop, however many operations
 *                   ◀──Reply───              one message per commit, answers in the order of the requests
 *   protocol thread ──Request──▶ scan thread, ◀──Reply──   the same words
 *   protocol thread ──Connect──▶ main ──Serve──▶ writer or scan thread      hands the other end of a new channel on
 *
 * Hints are sent to a thread only if it has a listener of the topic. Listeners are counted in shared memory (`interest`), so a thread that has just
 * begun to listen misses no later hint.
 */
import type { MessagePort } from 'node:worker_threads';
import type { ErrorImage } from '../core/error-image.ts';
import type { Migration, StoreHealth } from '../store.ts';
import type { SpaceLimits } from './space.ts';

export interface Request {
  readonly names: readonly string[];
  readonly args: readonly unknown[];
}

export interface Reply {
  /** How many requests this answers, the oldest first; 0 for hints alone. */
  readonly count: number;
  /** Results by index; absent when all are undefined. */
  readonly values?: readonly unknown[];
  readonly errors?: readonly (readonly [index: number, error: ErrorImage])[];
  readonly hints?: readonly (readonly [topic: string, keys: readonly string[]])[];
}

export interface Connect {
  readonly to: 'writer' | 'scan';
  readonly port: MessagePort;
  readonly interest: SharedArrayBuffer;
}

export interface Serve {
  readonly port: MessagePort;
  readonly interest: SharedArrayBuffer;
}

/** What the writer and the scan thread tell the main thread. */
export type Notice =
  | { readonly is: 'ready' }
  | { readonly is: 'refused'; readonly error: ErrorImage }
  | { readonly is: 'state'; readonly health: StoreHealth; readonly reason: string }
  | { readonly is: 'closed' };

export interface ThreadData {
  readonly folder: string;
  /** URL of a module that exports `operations`. */
  readonly operations: string;
  readonly migrations: readonly Migration[];
  readonly space: SpaceLimits;
  readonly durable: boolean;
  /** Int32: state of the engine, free MiB (see status.ts). */
  readonly status: SharedArrayBuffer;
  /** See commit-stats.ts. */
  readonly commits: SharedArrayBuffer;
}

const interestSlots = 64;

export const newInterest = (): SharedArrayBuffer => new SharedArrayBuffer(4 * interestSlots);

/** Topics share slots: a thread may get a hint that none of its listeners asked for, never the other way round. */
export function interestSlot(topic: string): number {
  let hash = 0;
  for (let i = 0; i < topic.length; i++) hash = (hash * 31 + topic.charCodeAt(i)) | 0;
  return hash & (interestSlots - 1);
}
