/** The operations of suppression, for `app` to gather. Others call `Suppressions`. */
import type { AnyOperation } from '../store/operation.ts';
import { putEntries, putPolicy, releaseEntries, releaseSome, tidySuppressions } from './rows/list-rows.ts';
import { noteDeeds } from './rows/note-rows.ts';
import { dropSuppressionsOfOrg, suppressionsOrgs } from './rows/gone.ts';

export const operations: readonly AnyOperation[] = [
  putEntries,
  releaseEntries,
  releaseSome,
  tidySuppressions,
  putPolicy,
  noteDeeds,
  suppressionsOrgs,
  dropSuppressionsOfOrg,
];
