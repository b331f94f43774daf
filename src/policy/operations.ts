/** The operations of policy, for `app` to gather. */
import type { AnyOperation } from '../store/operation.ts';
import { see, tidy } from './rows/greylist.ts';

export const operations: readonly AnyOperation[] = [see, tidy];
