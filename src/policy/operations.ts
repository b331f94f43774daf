/** The operations of policy, for `app` to gather. */
import type { AnyOperation } from '../store/operation.ts';
import {
  dropScope,
  forgetLessons,
  learn,
  learnedOrgs,
  oldLessons,
  tallyOf,
} from './classifier/lesson-rows.ts';
import { see, tidy } from './rows/greylist.ts';
import {
  claimTelling,
  dropOrgSending,
  dropSending,
  limitedOrgs,
  pauseSending,
  resumeSending,
  setSendingLimit,
  untoldPauses,
} from './sending/limit-rows.ts';
import { giveBackSending, reserveSending } from './sending/pace-rows.ts';
import { forgiveSending, noteSending, setWatchedTo } from './sending/profile-rows.ts';

export const operations: readonly AnyOperation[] = [
  see,
  tidy,
  dropScope,
  forgetLessons,
  learn,
  oldLessons,
  learnedOrgs,
  tallyOf,
  claimTelling,
  dropOrgSending,
  dropSending,
  limitedOrgs,
  pauseSending,
  resumeSending,
  setSendingLimit,
  untoldPauses,
  giveBackSending,
  reserveSending,
  forgiveSending,
  noteSending,
  setWatchedTo,
];
