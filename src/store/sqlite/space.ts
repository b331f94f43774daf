/**
 * Room on the disk. Below a watermark new mail is refused while there is still room to settle, delete and answer; and a ballast file is kept
 * that is given up when the disk is full all the same (others may fill it), so that what is essential can still commit.
 */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';

export interface SpaceLimits {
  /** New mail is refused when less than the smaller of these two is free. */
  readonly freeMinBytes: number;
  /** Share of the file system, 0 to 1. */
  readonly freeMinShare: number;
  /** Size of the ballast file; at most a hundredth of the file system is used. */
  readonly ballastBytes: number;
}

export const defaultSpaceLimits: SpaceLimits = {
  freeMinBytes: 512 * 1024 * 1024,
  freeMinShare: 0.05,
  ballastBytes: 16 * 1024 * 1024,
};

/** The file system is asked at most this often. */
const checkEveryMs = 100;
const ballastFile = 'ballast';
const block = new Uint8Array(64 * 1024);

export class Space {
  readonly #folder: string;
  readonly #limits: SpaceLimits;
  readonly #clock: Clock;
  #checkedAtMs = Number.NEGATIVE_INFINITY;
  #low = false;
  #freeBytes = 0;
  #ballastHeld = false;

  constructor(folder: string, limits: SpaceLimits, clock: Clock) {
    this.#folder = folder;
    this.#limits = limits;
    this.#clock = clock;
  }

  get freeBytes(): number {
    return this.#freeBytes;
  }

  /** True while new mail is to be refused. */
  low(): boolean {
    const now = this.#clock.monotonicMs();
    if (now - this.#checkedAtMs < checkEveryMs) return this.#low;
    this.#checkedAtMs = now;
    const { bavail, blocks, bsize } = statfsSync(this.#folder);
    const total = blocks * bsize;
    const ballast = Math.min(this.#limits.ballastBytes, total / 100);
    this.#freeBytes = bavail * bsize;
    const wanted = Math.min(this.#limits.freeMinBytes, total * this.#limits.freeMinShare);
    this.#low = this.#freeBytes < wanted;
    if (!this.#ballastHeld && this.#freeBytes > wanted + ballast) this.#takeBallast(ballast);
    return this.#low;
  }

  /** The disk is full: gives the ballast up. False when there was none. */
  releaseBallast(): boolean {
    this.#low = true;
    this.#checkedAtMs = this.#clock.monotonicMs();
    const held = this.#ballastHeld;
    this.#ballastHeld = false;
    rmSync(join(this.#folder, ballastFile), { force: true });
    return held;
  }

  #takeBallast(bytes: number): void {
    const path = join(this.#folder, ballastFile);
    this.#ballastHeld = true;
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) >= bytes) return;
    try {
      fill(path, bytes);
    } catch {
      // No ballast is no failure: the watermark still stands, and the next check tries again.
      this.releaseBallast();
    }
  }
}

function fill(path: string, bytes: number): void {
  const file = openSync(path, 'w', 0o600);
  try {
    for (let written = 0; written < bytes; ) written += writeSync(file, block);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
