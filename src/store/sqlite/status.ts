/** The engine's health in shared memory: written by the writer, read by every thread without asking it. */
import type { StoreHealth } from '../store.ts';

const states = ['ok', 'full', 'failed', 'damaged'] as const satisfies readonly StoreHealth['state'][];
const MiB = 1024 * 1024;

export const newStatus = (): SharedArrayBuffer => new SharedArrayBuffer(8);

export function writeStatus(status: SharedArrayBuffer, health: StoreHealth): void {
  const view = new Int32Array(status);
  Atomics.store(view, 0, states.indexOf(health.state));
  Atomics.store(view, 1, Math.min(2 ** 31 - 1, Math.floor((health.freeBytes ?? 0) / MiB)));
}

export function readStatus(status: SharedArrayBuffer): StoreHealth {
  const view = new Int32Array(status);
  return { state: states[Atomics.load(view, 0)]!, freeBytes: Atomics.load(view, 1) * MiB };
}
