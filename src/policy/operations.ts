/** The operations of policy, for `app` to gather. */
import type { AnyOperation } from '../store/operation.ts';
import { forgetLessons, learn, oldLessons, tallyOf } from './classifier/lesson-rows.ts';
import { see, tidy } from './rows/greylist.ts';

export const operations: readonly AnyOperation[] = [see, tidy, forgetLessons, learn, oldLessons, tallyOf];
