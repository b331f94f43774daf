/** Every operation of this part, for `app` to gather. */
import type { AnyOperation } from '../store/operation.ts';
import { allRecords, dropProfile, writeRecords } from './rows.ts';

export const operations: readonly AnyOperation[] = [allRecords, dropProfile, writeRecords];
