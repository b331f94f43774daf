/** The operations of the queue, for `app` to gather. Others call `Queue`. */
import type { AnyOperation } from '../store/operation.ts';
import { accept } from './rows/accept.ts';
import { census } from './census.ts';
import { endOrder, giveOrder } from './orders.ts';
import { claim, giveUp, renew } from './rows/lease.ts';
import { freeShards } from './only-node.ts';
import { find, manage, pick } from './rows/manage.ts';
import { claimQuarantined, endQuarantine, expiredQuarantined, listQuarantined } from './rows/quarantine.ts';
import { takeSeat } from './rows/seat.ts';
import { settle } from './rows/settle.ts';
import { forgetOnce, keepOnce } from './rows/once.ts';
import { cancelScheduled, moveScheduled } from './rows/scheduled.ts';
import { summarize } from './rows/summary.ts';
import { beginSweep, endSweep } from './rows/sweep.ts';
import { dropOrphans } from './rows/window.ts';

export const operations: readonly AnyOperation[] = [
  giveOrder,
  endOrder,
  accept,
  settle,
  claim,
  renew,
  giveUp,
  freeShards,
  takeSeat,
  dropOrphans,
  find,
  pick,
  beginSweep,
  endSweep,
  manage,
  summarize,
  census,
  listQuarantined,
  expiredQuarantined,
  endQuarantine,
  claimQuarantined,
  keepOnce,
  forgetOnce,
  cancelScheduled,
  moveScheduled,
];
